use async_trait::async_trait;
use sqlx::Row;

use super::{PostgresStore, standing, throttle, transaction::Transaction};
use crate::{
    model::{
        audit::Event,
        revocation::{Numbered, Revocation},
        time::Timestamp,
    },
    store::{REVOCATIONS_PAGE, Revocations, StoreError, rows},
};

/// How many rows one clean-up takes: few enough that no request waits for it.
const PRUNE_BATCH: i64 = 500;

#[async_trait]
impl Revocations for PostgresStore {
    async fn revoke(&self, revocation: &Revocation, event: &Event) -> Result<(), StoreError> {
        let (revocation, event) = (*revocation, event.clone());
        self.writer
            .run(move |transaction| {
                Box::pin(async move {
                    transaction.revoke(&revocation);
                    transaction.record(&event);
                    Ok(())
                })
            })
            .await
    }

    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, kind, target, version, until FROM revocations \
             WHERE number > $1 AND until > $2 ORDER BY number LIMIT $3",
        )
        .bind(after)
        .bind(now.seconds())
        .bind(i64::try_from(REVOCATIONS_PAGE).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::revocation).collect()
    }

    async fn last_revocation(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT value FROM counters WHERE name = 'revocations'")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get("value")?)
    }

    async fn accepted_from(&self) -> Result<Option<Timestamp>, StoreError> {
        standing::accepted_from(&self.readers).await
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.writer
            .run(move |transaction| Box::pin(async move { prune(transaction, now).await }))
            .await
    }
}

/// Leaves alone what another node clears away at the same time.
async fn prune(transaction: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    let revocations = sqlx::query(
        "DELETE FROM revocations WHERE number IN \
             (SELECT number FROM revocations WHERE until <= $1 ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind(now.seconds())
    .bind(PRUNE_BATCH)
    .execute(&mut transaction.connection)
    .await?;
    // Kept to their absolute end even when ended: until then a copy of their token may turn up. And for as
    // long as their access tokens are accepted: raising the user's version asks for that.
    let sessions = sqlx::query(
        "DELETE FROM sessions WHERE id IN \
             (SELECT id FROM sessions WHERE ends_at <= $1 AND accepted_until <= $1 \
              ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind(now.seconds())
    .bind(PRUNE_BATCH)
    .execute(&mut transaction.connection)
    .await?;
    let failures = throttle::prune(transaction, now, PRUNE_BATCH).await?;
    Ok(revocations.rows_affected() + sessions.rows_affected() + failures)
}
