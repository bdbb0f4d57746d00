//! Sessions that are refreshed, many in one statement: they are passed as JSON.

use serde_json::{Value, json};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

use crate::{
    model::{
        hex,
        id::{SessionId, UserId},
        session::Session,
        user::User,
    },
    store::{
        StoreError,
        rows::{self, select},
        sql::{Connection, sql},
    },
};

pub(super) async fn sessions(
    connection: &mut SqliteConnection,
    ids: &[SessionId],
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let ids = hex_list(ids.iter().map(SessionId::as_bytes));
    let sessions = sql(select!(
        sessions,
        "WHERE id IN (SELECT unhex(value) FROM json_each($1))"
    ));
    connection.fetch_all(sessions.bind(ids)).await
}

pub(super) async fn owners(
    connection: &mut SqliteConnection,
    ids: &[UserId],
) -> Result<Vec<User>, StoreError> {
    let ids = hex_list(ids.iter().map(UserId::as_bytes));
    let users = sql(select!(
        users,
        "WHERE id IN (SELECT unhex(value) FROM json_each($1))"
    ));
    let rows = connection.fetch_all(users.bind(ids)).await?;
    rows.iter().map(rows::user).collect()
}

/// Writes all sessions that moved on or were replayed: a compare-and-swap by generation, which never lowers one.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    sessions: &[&Session],
) -> Result<(), sqlx::Error> {
    let row = |session: &&Session| {
        json!([
            hex::encode(session.id.as_bytes()),
            session.generation.0,
            session.rotated_at.seconds(),
            session.expires_at.seconds(),
            session.accepted_until.seconds(),
            session.refresh_key,
            session.replays,
            session.rested_at.seconds(),
        ])
    };
    let statement = sql("UPDATE sessions \
         SET generation = new.value ->> 1, rotated_at = new.value ->> 2, last_seen_at = new.value ->> 2, \
             expires_at = new.value ->> 3, accepted_until = new.value ->> 4, refresh_key = new.value ->> 5, \
             replays = new.value ->> 6, rested_at = new.value ->> 7 \
         FROM json_each($1) AS new \
         WHERE sessions.id = unhex(new.value ->> 0) AND generation <= new.value ->> 1 AND ended_at IS NULL")
    .bind(sessions.iter().map(row).collect::<Value>().to_string());
    connection.execute(statement).await.map(drop)
}

fn hex_list<'b>(ids: impl Iterator<Item = &'b [u8; 16]>) -> String {
    ids.map(|id| hex::encode(id)).collect::<Value>().to_string()
}
