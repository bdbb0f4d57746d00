//! What administrators do to users. The user's row is held from before the reading: what is decided here is still true
//! when it is written.

use super::joined;
use crate::{
    model::{
        audit::{Action, Event},
        email::EmailAddress,
        id::UserId,
        revocation::Revocation,
        role::Role,
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
use serde_json::Value;

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
            record(transaction, act, &effect, &user);
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
    let event = Event::new(Action::UserDeleted, act.now)
        .user(act.user)
        .by(Some(act.by));
    transaction.record(&event);
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

fn record(transaction: &mut Transaction, act: &Act, effect: &Effect, user: &User) {
    let event = |action| Event::new(action, act.now).user(act.user).by(Some(act.by));
    let switched = match effect.disabled {
        Some(true) => Some(event(Action::UserDisabled)),
        Some(false) => Some(event(Action::UserEnabled)),
        None => None,
    };
    let changed = effect.changes_the_record().then(|| {
        let event = event(Action::UserChanged)
            .detail("roles_added", names(&effect.roles_added))
            .detail("roles_removed", names(&effect.roles_removed))
            .detail("claims", effect.claims)
            .detail("email", effect.email);
        if effect.calls_back {
            event.detail("version", user.version.0)
        } else {
            event
        }
    });
    for event in changed.into_iter().chain(switched) {
        transaction.record(&event);
    }
}

fn names(roles: &[Role]) -> Value {
    roles.iter().map(Role::as_str).collect()
}
