use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::{SqliteStore, audit};
use crate::{
    model::{
        id::{SessionId, UserId},
        key::{Changes, KeyAct, Refusal, SealedKey},
        time::Timestamp,
    },
    store::{Keys, StoreError, rows},
};

const ALL: &str = "SELECT * FROM keys ORDER BY created_at DESC, signs_from DESC, kid";

#[async_trait]
impl Keys for SqliteStore {
    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError> {
        let rows = sqlx::query(ALL).fetch_all(&self.readers).await?;
        rows.iter().map(rows::key).collect()
    }

    async fn change_keys(&self, act: &KeyAct) -> Result<Result<Changes, Refusal>, StoreError> {
        let act = act.clone();
        self.writer
            .run(move |connection| Box::pin(async move { change(connection, &act).await }))
            .await
    }

    async fn live_sessions_under(
        &self,
        kid: &str,
        after: Option<SessionId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<(SessionId, UserId)>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, user_id FROM sessions \
             WHERE id > ? AND refresh_key = ? AND ended_at IS NULL AND expires_at > ? ORDER BY id LIMIT ?",
        )
        .bind(after.map_or_else(Vec::new, |id| id.as_bytes().to_vec()))
        .bind(kid)
        .bind(now.seconds())
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::session_of).collect()
    }
}

async fn change(
    connection: &mut SqliteConnection,
    act: &KeyAct,
) -> Result<Result<Changes, Refusal>, StoreError> {
    let rows = sqlx::query(ALL).fetch_all(&mut *connection).await?;
    let keys = rows.iter().map(rows::key).collect::<Result<Vec<_>, _>>()?;
    let changes = match act.decide(&keys) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for key in changes.added.iter().chain(&changes.changed) {
        write(connection, key).await?;
    }
    for kid in &changes.deleted {
        sqlx::query("DELETE FROM keys WHERE kid = ?")
            .bind(kid)
            .execute(&mut *connection)
            .await?;
    }
    for event in &changes.events {
        audit::insert(connection, event).await?;
    }
    Ok(Ok(changes))
}

async fn write(connection: &mut SqliteConnection, key: &SealedKey) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO keys (kid, purpose, algorithm, sealed, created_at, signs_from, accepted_until, lifetime) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (kid) DO UPDATE SET sealed = excluded.sealed, signs_from = excluded.signs_from, \
             accepted_until = excluded.accepted_until, lifetime = excluded.lifetime",
    )
    .bind(&key.kid)
    .bind(key.purpose.as_str())
    .bind(&key.algorithm)
    .bind(&key.sealed)
    .bind(key.created_at.seconds())
    .bind(key.signs_from.seconds())
    .bind(key.accepted_until.map(Timestamp::seconds))
    .bind(rows::seconds(key.lifetime))
    .execute(connection)
    .await?;
    Ok(())
}
