//! What administrators do to users. The user's row is held from before the reading: what is decided here is still true
//! when it is written.

use super::joined;
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
        Act, Acted, StoreError,
        postgres::{
            sessions,
            transaction::{Transaction, uuid},
        },
        rows,
    },
};

pub(super) async fn change(
    transaction: &mut Transaction,
    act: &Act,
    changes: Changes,
) -> Result<Acted<User>, StoreError> {
    let Some(mut user) = find(transaction, act.user).await? else {
        return Ok(Acted::NotFound);
    };
    let was_admin = user.is_active_admin();
    let effect = user.change(changes);
    if was_admin && !user.is_active_admin() && is_missed(transaction, act).await? {
        return Ok(Acted::LastAdmin);
    }
    write(transaction, act, &user).await?;
    let revocations = call_back(transaction, act, &effect).await?;
    // Its version may have risen.
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

pub(super) async fn delete(transaction: &mut Transaction, act: &Act) -> Result<Acted<()>, StoreError> {
    let Some(user) = find(transaction, act.user).await? else {
        return Ok(Acted::NotFound);
    };
    if user.is_active_admin() && is_missed(transaction, act).await? {
        return Ok(Acted::LastAdmin);
    }
    let ended = sessions::end(transaction, &act.ends_all(EndReason::Deleted)).await?;
    sqlx::query("DELETE FROM users WHERE id = $1")
        .bind(uuid(act.user.as_bytes()))
        .execute(&mut transaction.connection)
        .await?;
    transaction.erase(act.user).await?;
    transaction.record(&act.event(Action::UserDeleted));
    Ok(Acted::Done((), ended.revocations))
}

async fn find(transaction: &mut Transaction, id: UserId) -> Result<Option<User>, StoreError> {
    let row = sqlx::query("SELECT * FROM users WHERE id = $1 FOR NO KEY UPDATE")
        .bind(uuid(id.as_bytes()))
        .fetch_optional(&mut transaction.connection)
        .await?;
    row.as_ref().map(rows::user).transpose()
}

/// Whether there would be no enabled administrator without this one, and there must be.
async fn is_missed(transaction: &mut Transaction, act: &Act) -> Result<bool, StoreError> {
    if act.may_take_last_admin {
        return Ok(false);
    }
    // Another node may be about to take another one away.
    transaction.stand_alone().await?;
    // In the words of the index `users_administrators`.
    let another = sqlx::query(
        "SELECT 1 FROM users WHERE strpos(' ' || roles || ' ', ' admin ') > 0 AND disabled_at IS NULL AND id <> $1 LIMIT 1",
    )
    .bind(uuid(act.user.as_bytes()))
    .fetch_optional(&mut transaction.connection)
    .await?;
    Ok(another.is_none())
}

async fn write(transaction: &mut Transaction, act: &Act, user: &User) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE users SET roles = $1, claims = $2, email = $3, \
                          disabled_at = CASE WHEN $4 THEN coalesce(disabled_at, $5) END WHERE id = $6",
    )
    .bind(joined(&user.roles))
    .bind(user.claims.to_string())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(user.disabled)
    .bind(act.now.seconds())
    .bind(uuid(user.id.as_bytes()))
    .execute(&mut transaction.connection)
    .await?;
    Ok(())
}

async fn call_back(
    transaction: &mut Transaction,
    act: &Act,
    effect: &Effect,
) -> Result<Vec<Revocation>, StoreError> {
    if effect.disabled == Some(true) {
        let ended = sessions::end(transaction, &act.ends_all(EndReason::Disabled)).await?;
        return Ok(ended.revocations);
    }
    if !effect.calls_back {
        return Ok(Vec::new());
    }
    let revocation = sessions::raise_version(transaction, act.user).await?;
    if let Some(revocation) = &revocation {
        transaction.revoke(revocation);
    }
    Ok(revocation.into_iter().collect())
}
