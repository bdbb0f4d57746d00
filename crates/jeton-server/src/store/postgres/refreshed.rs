//! Sessions that are refreshed, many in one statement. The owners' rows are locked before the sessions are read, and
//! nobody changes a session without that lock: what was read is still there.

use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use super::{engine::Node, numbered::uuid};
use crate::{
    model::{
        id::{SessionId, UserId},
        session::Session,
    },
    store::{rows::select, transaction::Transaction},
};

/// Locks the rows of these users, and of the owners of these sessions, in the order of their ids.
pub(super) async fn hold(
    transaction: &mut Transaction<Node>,
    users: &[UserId],
    sessions: &[SessionId],
) -> Result<(), sqlx::Error> {
    if users.is_empty() && sessions.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(select!(
        users,
        "WHERE id = ANY ($1 || ARRAY(SELECT user_id FROM sessions WHERE id = ANY ($2))) \
         ORDER BY id FOR NO KEY UPDATE"
    ))
    .bind(uuids(users.iter().map(UserId::as_bytes)))
    .bind(uuids(sessions.iter().map(SessionId::as_bytes)))
    .fetch_all(&mut transaction.connection)
    .await?;
    for row in rows {
        let id: Uuid = row.try_get("id")?;
        transaction.held.insert(UserId::from_bytes(*id.as_bytes()), row);
    }
    Ok(())
}

pub(super) async fn sessions(
    connection: &mut PgConnection,
    ids: &[SessionId],
) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::query(select!(sessions, "WHERE id = ANY ($1)"))
        .bind(uuids(ids.iter().map(SessionId::as_bytes)))
        .fetch_all(connection)
        .await
}

/// Writes all sessions that moved on or were replayed: a compare-and-swap by generation, which fails if any row has
/// changed since it was read.
pub(super) async fn write(connection: &mut PgConnection, refreshed: &[&Session]) -> Result<(), sqlx::Error> {
    let column =
        |value: fn(&Session) -> i64| -> Vec<i64> { refreshed.iter().map(|session| value(session)).collect() };
    let keys: Vec<&str> = refreshed.iter().map(|session| &*session.refresh_key).collect();
    let written = sqlx::query(
        "UPDATE sessions \
         SET generation = new.generation, rotated_at = new.rotated_at, last_seen_at = new.rotated_at, \
             expires_at = new.expires_at, accepted_until = new.accepted_until, refresh_key = new.refresh_key, \
             replays = new.replays, rested_at = new.rested_at \
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], \
                     $8::bigint[]) \
             AS new (id, generation, rotated_at, expires_at, accepted_until, refresh_key, replays, rested_at) \
         WHERE sessions.id = new.id AND sessions.generation <= new.generation AND ended_at IS NULL",
    )
    .bind(uuids(refreshed.iter().map(|session| session.id.as_bytes())))
    .bind(column(|session| session.generation.0))
    .bind(column(|session| session.rotated_at.seconds()))
    .bind(column(|session| session.expires_at.seconds()))
    .bind(column(|session| session.accepted_until.seconds()))
    .bind(keys)
    .bind(column(|session| session.replays.into()))
    .bind(column(|session| session.rested_at.seconds()))
    .execute(connection)
    .await?;
    if usize::try_from(written.rows_affected()) == Ok(refreshed.len()) {
        Ok(())
    } else {
        Err(sqlx::Error::RowNotFound)
    }
}

fn uuids<'b>(ids: impl Iterator<Item = &'b [u8; 16]>) -> Vec<Uuid> {
    ids.map(uuid).collect()
}
