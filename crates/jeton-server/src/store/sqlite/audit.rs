use async_trait::async_trait;
use serde_json::{Value, json};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::{SqliteStore, rotation::hex};
use crate::{
    model::{
        audit::{Event, Recorded, Seal},
        id::{SessionId, UserId},
        user::UserVersion,
    },
    store::{Audit, StoreError, Wanted, rows},
};

#[async_trait]
impl Audit for SqliteStore {
    async fn record(&self, event: &Event) -> Result<(), StoreError> {
        let event = event.clone();
        self.writer
            .run(move |connection| Box::pin(async move { insert(connection, &event).await }))
            .await
    }

    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let rows = sqlx::query(
            "SELECT audit.*, salt, fields FROM audit LEFT JOIN audit_personal USING (number) \
             WHERE number > ? ORDER BY number LIMIT ?",
        )
        .bind(after)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::event).collect()
    }

    async fn events(&self, wanted: &Wanted) -> Result<Vec<Recorded>, StoreError> {
        let rows = listing(wanted).build().fetch_all(&self.readers).await?;
        rows.iter().map(rows::event).collect()
    }

    async fn ending_event(&self, session: SessionId) -> Result<Option<Recorded>, StoreError> {
        let row = sqlx::query(ENDING)
            .bind(&session.as_bytes()[..])
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::event).transpose()
    }

    async fn raising_event(
        &self,
        user: UserId,
        version: UserVersion,
    ) -> Result<Option<Recorded>, StoreError> {
        let row = sqlx::query(
            "SELECT audit.*, salt, fields FROM audit LEFT JOIN audit_personal USING (number) \
             WHERE audit.user_id = ? AND detail ->> 'version' > ? ORDER BY number LIMIT 1",
        )
        .bind(&user.as_bytes()[..])
        .bind(version.0)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(rows::event).transpose()
    }

    async fn unsealed_events(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS events FROM audit WHERE number > coalesce((SELECT max(through) FROM audit_seals), 0)",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get("events")?)
    }

    async fn seal(&self, position: i64) -> Result<Option<Seal>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit_seals WHERE position = ?")
            .bind(position)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn last_seal(&self) -> Result<Option<Seal>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit_seals ORDER BY position DESC LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn first_kept_seal(&self) -> Result<Option<Seal>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit_seals WHERE forgotten IS NULL ORDER BY position LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn seals_after(&self, after: i64, limit: u32) -> Result<Vec<Seal>, StoreError> {
        let rows = sqlx::query("SELECT * FROM audit_seals WHERE position > ? ORDER BY position LIMIT ?")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(rows::seal).collect()
    }

    async fn add_seal(&self, seal: &Seal) -> Result<bool, StoreError> {
        let seal = seal.clone();
        self.writer
            .run(move |connection| Box::pin(async move { add_seal(connection, &seal).await }))
            .await
    }

    async fn forget_events(&self, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError> {
        let (seal, mark) = (seal.clone(), *mark);
        self.writer
            .run(move |connection| Box::pin(async move { forget(connection, &seal, &mark).await }))
            .await
    }
}

/// What ends several sessions at once is one event, of their user and of no session: it is told from others by its time.
const ENDING: &str = "SELECT audit.*, salt, fields FROM sessions \
     JOIN audit ON audit.at = sessions.ended_at AND audit.user_id = sessions.user_id \
     LEFT JOIN audit_personal USING (number) \
     WHERE sessions.id = ?1 AND (audit.session_id = ?1 OR audit.session_id IS NULL) \
       AND action NOT IN ('login.failed', 'session.refreshed', 'session.replayed') \
     ORDER BY audit.session_id IS NULL, action <> 'session.ended', number LIMIT 1";

/// Only the conditions that are asked for: an index serves `user_id = ?`, and none `? IS NULL OR user_id = ?`.
fn listing(wanted: &Wanted) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(
        "SELECT audit.*, salt, fields FROM audit LEFT JOIN audit_personal USING (number) WHERE TRUE",
    );
    if let Some(user) = &wanted.user {
        query
            .push(" AND audit.user_id = ")
            .push_bind(user.as_bytes().to_vec());
    }
    if let Some(session) = &wanted.session {
        query
            .push(" AND session_id = ")
            .push_bind(session.as_bytes().to_vec());
    }
    if let Some(action) = wanted.action {
        query.push(" AND action = ").push_bind(action.as_str());
    }
    if let Some(since) = wanted.since {
        query.push(" AND at >= ").push_bind(since.seconds());
    }
    if let Some(before) = wanted.before {
        query.push(" AND number < ").push_bind(before);
    }
    query.push(" ORDER BY number DESC LIMIT ").push_bind(wanted.limit);
    query
}

async fn add_seal(connection: &mut SqliteConnection, seal: &Seal) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO audit_seals (position, through, events, digest, mac, sealed_at) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?1 = coalesce((SELECT max(position) FROM audit_seals), 0) + 1",
    )
    .bind(seal.position)
    .bind(seal.through)
    .bind(seal.events)
    .bind(&seal.digest[..])
    .bind(&seal.mac[..])
    .bind(seal.sealed_at.seconds())
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// The personal fields go with their events.
async fn forget(connection: &mut SqliteConnection, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError> {
    let deleted = sqlx::query(
        "DELETE FROM audit WHERE number <= ?1 \
         AND number > coalesce((SELECT through FROM audit_seals WHERE position = ?2 - 1), -9223372036854775808)",
    )
    .bind(seal.through)
    .bind(seal.position)
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE audit_seals SET forgotten = ? WHERE position = ?")
        .bind(&mark[..])
        .bind(seal.position)
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected())
}

/// Writes an event in the transaction of what caused it.
pub(super) async fn insert(connection: &mut SqliteConnection, event: &Event) -> Result<(), StoreError> {
    let commitment = event
        .personal
        .as_ref()
        .map(|personal| personal.commitment().to_vec());
    let row = sqlx::query(
        "INSERT INTO audit (at, action, user_id, session_id, actor, detail, commitment) \
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING number",
    )
    .bind(event.at.seconds())
    .bind(event.action.as_str())
    .bind(event.user.as_ref().map(|id| &id.as_bytes()[..]))
    .bind(event.session.as_ref().map(|id| &id.as_bytes()[..]))
    .bind(event.by.map(|actor| actor.to_string()))
    .bind(Value::Object(event.detail.clone()).to_string())
    .bind(commitment)
    .fetch_one(&mut *connection)
    .await?;
    if let Some(personal) = &event.personal {
        sqlx::query("INSERT INTO audit_personal (number, user_id, salt, fields) VALUES (?, ?, ?, ?)")
            .bind(row.try_get::<i64, _>("number")?)
            .bind(event.user.as_ref().map(|id| &id.as_bytes()[..]))
            .bind(&personal.salt()[..])
            .bind(personal.fields())
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// The same for many events of a session, without personal fields: one statement.
pub(super) async fn insert_all(
    connection: &mut SqliteConnection,
    events: &[Event],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let rows = events.iter().map(|event| {
        json!([
            event.at.seconds(),
            event.action.as_str(),
            event.user.as_ref().map(|id| hex(id.as_bytes())),
            event.session.as_ref().map(|id| hex(id.as_bytes())),
            Value::Object(event.detail.clone()).to_string(),
        ])
    });
    sqlx::query(
        "INSERT INTO audit (at, action, user_id, session_id, detail) \
         SELECT value ->> 0, value ->> 1, unhex(value ->> 2), unhex(value ->> 3), value ->> 4 FROM json_each(?)",
    )
    .bind(rows.collect::<Value>().to_string())
    .execute(connection)
    .await?;
    Ok(())
}
