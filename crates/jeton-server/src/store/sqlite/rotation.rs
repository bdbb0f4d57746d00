//! Refreshes, many at a time. The write lock is held from before the reading.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{audit, revocations};
use crate::{
    model::{
        id::{SessionId, UserId},
        session::Session,
        user::User,
    },
    store::{
        Rotation, StoreError,
        rotation::{Changes, Request, judge_all},
        rows,
    },
};

/// Answers each request in turn.
pub(super) async fn rotate(
    connection: &mut SqliteConnection,
    requests: &[&Request],
) -> Result<Vec<Rotation>, StoreError> {
    let mut sessions = sessions(connection, requests).await?;
    let users = owners(connection, &sessions).await?;
    let (rotations, changes) = judge_all(requests, &mut sessions, &users);
    write(connection, changes, &sessions).await?;
    Ok(rotations)
}

async fn sessions(
    connection: &mut SqliteConnection,
    requests: &[&Request],
) -> Result<HashMap<SessionId, Session>, StoreError> {
    let ids = hex_list(requests.iter().map(|(presented, _)| presented.session.as_bytes()));
    let rows = sqlx::query("SELECT * FROM sessions WHERE id IN (SELECT unhex(value) FROM json_each(?))")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let sessions = rows.iter().map(rows::session);
    sessions
        .map(|session| session.map(|session| (session.id, session)))
        .collect()
}

async fn owners(
    connection: &mut SqliteConnection,
    sessions: &HashMap<SessionId, Session>,
) -> Result<HashMap<UserId, Arc<User>>, StoreError> {
    let ids = hex_list(sessions.values().map(|session| session.user_id.as_bytes()));
    let rows = sqlx::query("SELECT * FROM users WHERE id IN (SELECT unhex(value) FROM json_each(?))")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let users = rows.iter().map(rows::user);
    users
        .map(|user| user.map(|user| (user.id, Arc::new(user))))
        .collect()
}

async fn write(
    connection: &mut SqliteConnection,
    changes: Changes,
    sessions: &HashMap<SessionId, Session>,
) -> Result<(), StoreError> {
    let moved = changes.moved.iter().filter_map(|id| sessions.get(id));
    write_moved(connection, moved).await?;
    for (id, reason, now, revocation) in &changes.ended {
        sqlx::query("UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ?")
            .bind(now.seconds())
            .bind(reason.as_str())
            .bind(&id.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
        revocations::insert(connection, revocation).await?;
    }
    audit::insert_all(connection, &changes.events).await
}

/// The compare-and-swap of all that moved: no row goes back, whoever wrote it.
async fn write_moved<'s>(
    connection: &mut SqliteConnection,
    sessions: impl Iterator<Item = &'s Session>,
) -> Result<(), StoreError> {
    let rows: Vec<Value> = sessions
        .map(|session| {
            json!([
                hex(session.id.as_bytes()),
                session.generation.0,
                session.rotated_at.seconds(),
                session.expires_at.seconds(),
                session.accepted_until.seconds(),
                session.refresh_key,
            ])
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE sessions \
         SET generation = new.value ->> 1, rotated_at = new.value ->> 2, last_seen_at = new.value ->> 2, \
             expires_at = new.value ->> 3, accepted_until = new.value ->> 4, refresh_key = new.value ->> 5 \
         FROM json_each(?) AS new \
         WHERE sessions.id = unhex(new.value ->> 0) AND generation < new.value ->> 1 AND ended_at IS NULL",
    )
    .bind(Value::Array(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

fn hex_list<'b>(ids: impl Iterator<Item = &'b [u8; 16]>) -> String {
    ids.map(hex).collect::<Value>().to_string()
}

/// As `unhex` reads it.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}
