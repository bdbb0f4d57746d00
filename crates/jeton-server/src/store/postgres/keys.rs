use async_trait::async_trait;

use super::{PostgresStore, transaction::Transaction};
use crate::{
    model::{
        audit::{Action, Event},
        key::{Purpose, SealedKey},
    },
    store::{Keys, StoreError, rows},
};

#[async_trait]
impl Keys for PostgresStore {
    async fn keys(&self, purpose: Purpose) -> Result<Vec<SealedKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM keys WHERE purpose = $1 ORDER BY created_at DESC, kid")
            .bind(purpose.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(rows::key).collect()
    }

    async fn insert_first_key(&self, key: &SealedKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.writer
            .run(move |transaction| Box::pin(async move { insert_first(transaction, &key).await }))
            .await
    }
}

async fn insert_first(transaction: &mut Transaction, key: &SealedKey) -> Result<(), StoreError> {
    // Of nodes that start at once one comes first; the others see its key when they get here.
    transaction.stand_alone().await?;
    let inserted = sqlx::query(
        "INSERT INTO keys (kid, purpose, algorithm, sealed, created_at) \
         SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE purpose = $2)",
    )
    .bind(&key.kid)
    .bind(key.purpose.as_str())
    .bind(&key.algorithm)
    .bind(&key.sealed)
    .bind(key.created_at.seconds())
    .execute(&mut transaction.connection)
    .await?;
    if inserted.rows_affected() == 1 {
        let event = Event::new(Action::KeyMade, key.created_at)
            .detail("kid", key.kid.as_str())
            .detail("purpose", key.purpose.as_str())
            .detail("algorithm", key.algorithm.as_str());
        transaction.record(&event);
    }
    Ok(())
}
