use async_trait::async_trait;

use super::{SqliteStore, rows};
use crate::{
    model::key::{Purpose, SealedKey},
    store::{Keys, StoreError},
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
        sqlx::query(
            "INSERT INTO keys (kid, purpose, algorithm, sealed, created_at) \
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE purpose = ?2)",
        )
        .bind(&key.kid)
        .bind(key.purpose.as_str())
        .bind(&key.algorithm)
        .bind(&key.sealed)
        .bind(key.created_at.seconds())
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}
