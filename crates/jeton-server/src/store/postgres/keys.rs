use async_trait::async_trait;

use super::{
    PostgresStore,
    transaction::{Transaction, uuid},
};
use crate::{
    model::{
        id::{SessionId, UserId},
        key::{Changes, KeyAct, Refusal, SealedKey},
        time::Timestamp,
    },
    store::{Keys, StoreError, rows, writer::Touches},
};

const ALL: &str = "SELECT * FROM keys ORDER BY created_at DESC, signs_from DESC, kid";

#[async_trait]
impl Keys for PostgresStore {
    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError> {
        let rows = sqlx::query(ALL).fetch_all(&self.readers).await?;
        rows.iter().map(rows::key).collect()
    }

    async fn change_keys(&self, act: &KeyAct) -> Result<Result<Changes, Refusal>, StoreError> {
        let act = act.clone();
        // What follows it waits for nothing but the numbers, and this holds those.
        self.writer
            .run_on(Touches::last(), move |transaction| {
                Box::pin(async move { change(transaction, &act).await })
            })
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
             WHERE ($1::uuid IS NULL OR id > $1) AND refresh_key = $2 AND ended_at IS NULL AND expires_at > $3 \
             ORDER BY id LIMIT $4",
        )
        .bind(after.map(|id| uuid(id.as_bytes())))
        .bind(kid)
        .bind(now.seconds())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::session_of).collect()
    }
}

async fn change(transaction: &mut Transaction, act: &KeyAct) -> Result<Result<Changes, Refusal>, StoreError> {
    transaction.stand_alone().await?;
    let rows = sqlx::query(ALL).fetch_all(&mut transaction.connection).await?;
    let keys = rows.iter().map(rows::key).collect::<Result<Vec<_>, _>>()?;
    let changes = match act.decide(&keys) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for key in changes.added.iter().chain(&changes.changed) {
        write(transaction, key).await?;
    }
    for kid in &changes.deleted {
        sqlx::query("DELETE FROM keys WHERE kid = $1")
            .bind(kid)
            .execute(&mut transaction.connection)
            .await?;
    }
    for event in &changes.events {
        transaction.record(event);
    }
    Ok(Ok(changes))
}

async fn write(transaction: &mut Transaction, key: &SealedKey) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO keys (kid, purpose, algorithm, sealed, created_at, signs_from, accepted_until, lifetime) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
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
    .execute(&mut transaction.connection)
    .await?;
    Ok(())
}
