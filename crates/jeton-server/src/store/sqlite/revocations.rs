use async_trait::async_trait;
use sqlx::{Row, SqliteConnection};

use super::{SqliteStore, audit, standing, throttle};
use crate::{
    model::{
        audit::Event,
        revocation::{Numbered, Revocation, Target},
        time::Timestamp,
    },
    store::{REVOCATIONS_PAGE, Revocations, StoreError, rows},
};

/// How many rows one clean-up takes: few enough that no request waits for it.
const PRUNE_BATCH: i64 = 500;

#[async_trait]
impl Revocations for SqliteStore {
    async fn revoke(&self, revocation: &Revocation, event: &Event) -> Result<(), StoreError> {
        let (revocation, event) = (*revocation, event.clone());
        self.writer
            .run(move |connection| {
                Box::pin(async move {
                    insert(connection, &revocation).await?;
                    audit::insert(connection, &event).await
                })
            })
            .await
    }

    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, kind, target, version, until FROM revocations \
             WHERE number > ? AND until > ? ORDER BY number LIMIT ?",
        )
        .bind(after)
        .bind(now.seconds())
        .bind(i64::try_from(REVOCATIONS_PAGE).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::revocation).collect()
    }

    async fn last_revocation(&self) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'revocations'",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get("last")?)
    }

    async fn accepted_from(&self) -> Result<Option<Timestamp>, StoreError> {
        standing::accepted_from(&self.readers).await
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.writer
            .run(move |connection| Box::pin(async move { prune(connection, now).await }))
            .await
    }
}

async fn prune(connection: &mut SqliteConnection, now: Timestamp) -> Result<u64, StoreError> {
    let revocations = sqlx::query(
        "DELETE FROM revocations WHERE number IN (SELECT number FROM revocations WHERE until <= ? LIMIT ?)",
    )
    .bind(now.seconds())
    .bind(PRUNE_BATCH)
    .execute(&mut *connection)
    .await?;
    // Kept to their absolute end even when ended: until then a copy of their token may turn up. And for as
    // long as their access tokens are accepted: raising the user's version asks for that.
    let sessions = sqlx::query(
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE ends_at <= ?1 AND accepted_until <= ?1 LIMIT ?2)",
    )
    .bind(now.seconds())
    .bind(PRUNE_BATCH)
    .execute(&mut *connection)
    .await?;
    let failures = throttle::prune(connection, now, PRUNE_BATCH).await?;
    Ok(revocations.rows_affected() + sessions.rows_affected() + failures)
}

/// Writes an entry in the transaction of what caused it.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    revocation: &Revocation,
) -> Result<(), StoreError> {
    let (kind, target, version) = match &revocation.target {
        Target::Token(id) => ("token", id.as_bytes(), None),
        Target::Session(id) => ("session", id.as_bytes(), None),
        Target::User { id, below } => ("user", id.as_bytes(), Some(below.0)),
    };
    sqlx::query("INSERT INTO revocations (kind, target, version, until) VALUES (?, ?, ?, ?)")
        .bind(kind)
        .bind(&target[..])
        .bind(version)
        .bind(revocation.until.seconds())
        .execute(connection)
        .await?;
    Ok(())
}
