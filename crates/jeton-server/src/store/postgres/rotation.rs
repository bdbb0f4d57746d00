//! Refreshes, many at a time. The owners' rows are held from before the reading, and nobody changes a session without
//! them: what was read is what is there.

use std::{collections::HashMap, sync::Arc};

use super::transaction::{Transaction, uuid, uuids};
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
    transaction: &mut Transaction,
    requests: &[&Request],
) -> Result<Vec<Rotation>, StoreError> {
    let mut sessions = sessions(transaction, requests).await?;
    let users = owners(transaction, &sessions)?;
    let (rotations, changes) = judge_all(requests, &mut sessions, &users);
    write(transaction, changes, &sessions).await?;
    Ok(rotations)
}

async fn sessions(
    transaction: &mut Transaction,
    requests: &[&Request],
) -> Result<HashMap<SessionId, Session>, StoreError> {
    let ids = requests.iter().map(|(presented, _)| presented.session.as_bytes());
    let rows = sqlx::query("SELECT * FROM sessions WHERE id = ANY ($1)")
        .bind(uuids(ids))
        .fetch_all(&mut transaction.connection)
        .await?;
    let sessions = rows.iter().map(rows::session);
    sessions
        .map(|session| session.map(|session| (session.id, session)))
        .collect()
}

fn owners(
    transaction: &Transaction,
    sessions: &HashMap<SessionId, Session>,
) -> Result<HashMap<UserId, Arc<User>>, StoreError> {
    let held = sessions
        .values()
        .filter_map(|session| transaction.held(session.user_id));
    held.map(|row| rows::user(row).map(|user| (user.id, Arc::new(user))))
        .collect()
}

async fn write(
    transaction: &mut Transaction,
    changes: Changes,
    sessions: &HashMap<SessionId, Session>,
) -> Result<(), StoreError> {
    let moved: Vec<&Session> = changes.moved.iter().filter_map(|id| sessions.get(id)).collect();
    write_moved(transaction, &moved).await?;
    for (id, reason, now, revocation) in &changes.ended {
        sqlx::query("UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3")
            .bind(now.seconds())
            .bind(reason.as_str())
            .bind(uuid(id.as_bytes()))
            .execute(&mut transaction.connection)
            .await?;
        transaction.revoke(revocation);
    }
    transaction.record_all(changes.events);
    Ok(())
}

/// The compare-and-swap of all that moved. A row that is not what was read fails it, whoever wrote that row.
async fn write_moved(transaction: &mut Transaction, moved: &[&Session]) -> Result<(), StoreError> {
    if moved.is_empty() {
        return Ok(());
    }
    let column =
        |value: fn(&Session) -> i64| -> Vec<i64> { moved.iter().map(|session| value(session)).collect() };
    let keys: Vec<&str> = moved.iter().map(|session| &*session.refresh_key).collect();
    let written = sqlx::query(
        "UPDATE sessions \
         SET generation = new.generation, rotated_at = new.rotated_at, last_seen_at = new.rotated_at, \
             expires_at = new.expires_at, accepted_until = new.accepted_until, refresh_key = new.refresh_key \
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) \
             AS new (id, generation, rotated_at, expires_at, accepted_until, refresh_key) \
         WHERE sessions.id = new.id AND sessions.generation < new.generation AND ended_at IS NULL",
    )
    .bind(uuids(moved.iter().map(|session| session.id.as_bytes())))
    .bind(column(|session| session.generation.0))
    .bind(column(|session| session.rotated_at.seconds()))
    .bind(column(|session| session.expires_at.seconds()))
    .bind(column(|session| session.accepted_until.seconds()))
    .bind(keys)
    .execute(&mut transaction.connection)
    .await?;
    if usize::try_from(written.rows_affected()) == Ok(moved.len()) {
        Ok(())
    } else {
        Err(sqlx::Error::RowNotFound.into())
    }
}
