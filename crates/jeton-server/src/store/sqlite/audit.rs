use async_trait::async_trait;
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};

use super::{SqliteStore, rotation::hex, rows};
use crate::{
    model::audit::{Event, Recorded},
    store::{Audit, StoreError},
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
