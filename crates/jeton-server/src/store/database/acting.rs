//! Administrators as actors: the check of their role in the transaction of an act, and the sessions they opened for
//! others.

use super::sessions;
use crate::{
    model::{
        audit::Actor,
        id::UserId,
        revocation::{Revocation, Target},
        session::EndReason,
        user::User,
    },
    store::{
        StoreError,
        acting::Lapse,
        engine::Engine,
        rows::{self, select},
        sql::sql,
        transaction::Transaction,
    },
};

/// Refuses an act whose user is no enabled administrator at this moment. Their row is locked, so that they stay one to
/// the end of the act.
pub(super) async fn must_administrate<E: Engine>(
    transaction: &mut Transaction<E>,
    by: Option<Actor>,
) -> Result<(), StoreError> {
    let Some(Actor::User(id)) = by else {
        return Ok(());
    };
    match find(transaction, id).await? {
        Some(user) if user.is_active_admin() => Ok(()),
        _ => Err(StoreError::NotAdministrator),
    }
}

pub(super) async fn find<E: Engine>(
    transaction: &mut Transaction<E>,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let row = transaction
        .fetch_for_update(sql(select!(users, "WHERE id = $1")).bind(id))
        .await?;
    row.as_ref().map(rows::user).transpose()
}

/// Ends the sessions this user opened for others, and those others opened for them.
///
/// The rows of the owners are not locked, since nobody knows them beforehand. Such a session is never refreshed: the
/// only other thing that happens to it is its end, and one statement brings that about either way.
pub(super) async fn end<E: Engine>(
    transaction: &mut Transaction<E>,
    lapse: &Lapse,
) -> Result<Vec<Revocation>, StoreError> {
    let statement = sql("UPDATE sessions SET ended_at = $1, end_reason = $2 \
         WHERE actor_id IS NOT NULL AND (actor_id = $3 OR user_id = $3) \
           AND ended_at IS NULL AND accepted_until > $1 \
         RETURNING id, user_id, accepted_until")
    .bind(lapse.now)
    .bind(EndReason::OnBehalfOver.as_str())
    .bind(lapse.user);
    let rows = transaction.fetch_all(statement).await?;
    let revocations = sessions::revocations_of(&rows)?;
    for (row, revocation) in rows.iter().zip(&revocations) {
        transaction.revoke(revocation);
        if let Target::Session(session) = revocation.target {
            let event = lapse.event(rows::owner(row)?, session);
            transaction.record(&event);
        }
    }
    Ok(revocations)
}
