//! Refreshes, many at a time: sessions and owners are read, decided on in memory, and written, each in one statement.

use std::{collections::HashMap, sync::Arc};

use super::grant_ends;
use crate::{
    model::{
        id::{SessionId, UserId},
        session::Session,
        user::User,
    },
    store::{
        Rotation, StoreError,
        engine::Engine,
        rotation::{Changes, Request, rotate_all},
        rows,
        sql::sql,
        transaction::Transaction,
    },
};

/// Answers each request in turn.
pub(in crate::store) async fn rotate<E: Engine>(
    transaction: &mut Transaction<E>,
    requests: &[&Request],
) -> Result<Vec<Rotation>, StoreError> {
    let mut sessions = sessions(transaction, requests).await?;
    let users = owners(transaction, &sessions).await?;
    let (rotations, changes) = rotate_all(requests, &mut sessions, &users);
    write(transaction, changes, &sessions).await?;
    Ok(rotations)
}

async fn sessions<E: Engine>(
    transaction: &mut Transaction<E>,
    requests: &[&Request],
) -> Result<HashMap<SessionId, Session>, StoreError> {
    let ids: Vec<_> = requests
        .iter()
        .map(|(presented, _)| presented.session())
        .collect();
    let rows = E::sessions(transaction, &ids).await?;
    let sessions = rows.iter().map(rows::session);
    sessions
        .map(|session| session.map(|session| (session.id, session)))
        .collect()
}

async fn owners<E: Engine>(
    transaction: &mut Transaction<E>,
    sessions: &HashMap<SessionId, Session>,
) -> Result<HashMap<UserId, Arc<User>>, StoreError> {
    let ids: Vec<_> = sessions.values().map(|session| session.user_id).collect();
    let users = E::owners(transaction, &ids).await?;
    Ok(users.into_iter().map(|user| (user.id, Arc::new(user))).collect())
}

async fn write<E: Engine>(
    transaction: &mut Transaction<E>,
    changes: Changes,
    sessions: &HashMap<SessionId, Session>,
) -> Result<(), StoreError> {
    let refreshed: Vec<&Session> = changes
        .refreshed
        .iter()
        .filter_map(|id| sessions.get(id))
        .collect();
    // Before the ends: a group may refresh a session and then end it, and an ended row is not refreshed.
    if !refreshed.is_empty() {
        E::write_refreshed(transaction, &refreshed).await?;
    }
    for (id, reason, now, revocation) in &changes.ended {
        let end = sql("UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3")
            .bind(*now)
            .bind(reason.as_str())
            .bind(*id);
        transaction.execute(end).await?;
        transaction.revoke(revocation);
        grant_ends::end_with(transaction, *id, *now).await?;
    }
    transaction.record_all(changes.events);
    Ok(())
}
