//! Acts of administrators on users. The user's row is locked before it is read, so that decisions are still true when
//! they are written.

use super::{administrators, joined};
use crate::{
    model::{
        audit::Action,
        email::EmailAddress,
        id::UserId,
        revocation::Revocation,
        session::EndReason,
        user::{
            User,
            changes::{Changes, Effect},
        },
    },
    store::{
        Acted, AdminAction, StoreError,
        database::{
            acting::{self, find},
            ceremonies, sessions,
        },
        engine::Engine,
        sql::sql,
        transaction::Transaction,
    },
};

pub(super) async fn change<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &AdminAction,
    changes: Changes,
) -> Result<Acted<User>, StoreError> {
    acting::must_administrate(transaction, Some(act.by)).await?;
    let Some(mut user) = find(transaction, act.user).await? else {
        return Ok(Acted::NotFound);
    };
    let before = (user.is_admin(), user.is_active_admin());
    let effect = user.change(changes);
    if before.1 && !user.is_active_admin() && is_missed(transaction, act).await? {
        return Ok(Acted::LastAdmin);
    }
    write(transaction, act, &user, !before.0 && user.is_admin()).await?;
    let mut revocations = revoke(transaction, act, &effect).await?;
    if before.0 != user.is_admin() {
        revocations.extend(acting::end(transaction, &act.lapse()).await?);
    }
    if before.0 && !user.is_admin() {
        ceremonies::void_setups(transaction).await?;
    }
    // Read again, since the version may have risen.
    match find(transaction, act.user).await? {
        Some(user) => {
            for event in act.events(&effect, &user) {
                transaction.record(&event);
            }
            Ok(Acted::Done(user, revocations))
        }
        None => Ok(Acted::NotFound),
    }
}

pub(super) async fn delete<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &AdminAction,
) -> Result<Acted<()>, StoreError> {
    acting::must_administrate(transaction, Some(act.by)).await?;
    let Some(user) = find(transaction, act.user).await? else {
        return Ok(Acted::NotFound);
    };
    if user.is_active_admin() && is_missed(transaction, act).await? {
        return Ok(Acted::LastAdmin);
    }
    let ended = sessions::end(transaction, &act.ends_all(EndReason::Deleted)).await?;
    remove(transaction, &user).await?;
    transaction.record(&act.event(Action::UserDeleted));
    Ok(Acted::Done((), ended.revocations))
}

/// Whether this user is the last enabled administrator, and the act must spare that one.
async fn is_missed<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &AdminAction,
) -> Result<bool, StoreError> {
    Ok(!act.may_take_last_admin && is_last_administrator(transaction, act.user).await?)
}

/// Whether no other user is an enabled administrator.
pub(in crate::store::database) async fn is_last_administrator<E: Engine>(
    transaction: &mut Transaction<E>,
    user: UserId,
) -> Result<bool, StoreError> {
    // Another act may be about to take away the other administrator.
    E::stand_alone(transaction).await?;
    let others = format!(
        "SELECT 1 FROM users WHERE {} AND disabled_at IS NULL AND id <> $1 LIMIT 1",
        administrators::<E>()
    );
    let another = transaction.fetch_optional(sql(others).bind(user)).await?;
    Ok(another.is_none())
}

/// Deletes a user's row, and erases their personal fields in the audit trail.
pub(in crate::store::database) async fn remove<E: Engine>(
    transaction: &mut Transaction<E>,
    user: &User,
) -> Result<(), StoreError> {
    transaction
        .execute(sql("DELETE FROM users WHERE id = $1").bind(user.id))
        .await?;
    if user.is_admin() {
        ceremonies::void_setups(transaction).await?;
    }
    transaction.erase(user.id).await?;
    Ok(())
}

/// Writes the user. A promotion voids their reset code, which would now set an administrator's password.
async fn write<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &AdminAction,
    user: &User,
    promoted: bool,
) -> Result<(), StoreError> {
    let statement = sql("UPDATE users SET roles = $1, claims = $2, email = $3, \
                          disabled_at = CASE WHEN $4 THEN coalesce(disabled_at, $5) END, \
                          reset_until = CASE WHEN $7 THEN NULL ELSE reset_until END \
         WHERE id = $6")
    .bind(joined(&user.roles))
    .bind(user.claims.to_string())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(user.disabled)
    .bind(act.now)
    .bind(user.id)
    .bind(promoted);
    transaction.execute(statement).await?;
    Ok(())
}

async fn revoke<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &AdminAction,
    effect: &Effect,
) -> Result<Vec<Revocation>, StoreError> {
    if effect.disabled == Some(true) {
        let ended = sessions::end(transaction, &act.ends_all(EndReason::Disabled)).await?;
        return Ok(ended.revocations);
    }
    if !effect.revokes {
        return Ok(Vec::new());
    }
    let revocation = sessions::raise_version(transaction, act.user).await?;
    if let Some(revocation) = &revocation {
        transaction.revoke(revocation);
    }
    Ok(revocation.into_iter().collect())
}
