use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::{SqliteStore, audit};
use crate::{
    model::{
        audit::{Action, Event},
        key::{Purpose, SealedKey},
    },
    store::{Keys, StoreError, rows},
};

#[async_trait]
impl Keys for SqliteStore {
    async fn keys(&self, purpose: Purpose) -> Result<Vec<SealedKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM keys WHERE purpose = ? ORDER BY created_at DESC, kid")
            .bind(purpose.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(rows::key).collect()
    }

    async fn insert_first_key(&self, key: &SealedKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.writer
            .run(move |connection| Box::pin(async move { insert_first(connection, &key).await }))
            .await
    }
}

async fn insert_first(connection: &mut SqliteConnection, key: &SealedKey) -> Result<(), StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO keys (kid, purpose, algorithm, sealed, created_at) \
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE purpose = ?2)",
    )
    .bind(&key.kid)
    .bind(key.purpose.as_str())
    .bind(&key.algorithm)
    .bind(&key.sealed)
    .bind(key.created_at.seconds())
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 1 {
        let event = Event::new(Action::KeyMade, key.created_at)
            .detail("kid", key.kid.as_str())
            .detail("purpose", key.purpose.as_str())
            .detail("algorithm", key.algorithm.as_str());
        audit::insert(connection, &event).await?;
    }
    Ok(())
}
