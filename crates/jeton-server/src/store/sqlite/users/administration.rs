//! What administrators do to users. The write lock is held from before the reading: what is decided here is still true
//! when it is written.

use sqlx::SqliteConnection;

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
        sqlite::{audit, revocations, rows, sessions},
    },
};

pub(super) async fn change(
    connection: &mut SqliteConnection,
    act: &Act,
    changes: Changes,
) -> Result<Acted<User>, StoreError> {
    let Some(mut user) = find(connection, act.user).await? else {
        return Ok(Acted::NotFound);
    };
    let was_admin = user.is_active_admin();
    let effect = user.change(changes);
    if was_admin && !user.is_active_admin() && is_missed(connection, act).await? {
        return Ok(Acted::LastAdmin);
    }
    write(connection, act, &user).await?;
    let revocations = call_back(connection, act, &effect).await?;
    // Its version may have risen.
    match find(connection, act.user).await? {
        Some(user) => {
            for event in act.events(&effect, &user) {
                audit::insert(&mut *connection, &event).await?;
            }
            Ok(Acted::Done(user, revocations))
        }
        None => Ok(Acted::NotFound),
    }
}

pub(super) async fn delete(connection: &mut SqliteConnection, act: &Act) -> Result<Acted<()>, StoreError> {
    let Some(user) = find(connection, act.user).await? else {
        return Ok(Acted::NotFound);
    };
    if user.is_active_admin() && is_missed(connection, act).await? {
        return Ok(Acted::LastAdmin);
    }
    let ended = sessions::end(connection, &act.ends_all(EndReason::Deleted)).await?;
    for erase in [
        "DELETE FROM users WHERE id = ?",
        "DELETE FROM audit_personal WHERE user_id = ?",
    ] {
        sqlx::query(erase)
            .bind(&act.user.as_bytes()[..])
            .execute(&mut *connection)
            .await?;
    }
    audit::insert(connection, &act.event(Action::UserDeleted)).await?;
    Ok(Acted::Done((), ended.revocations))
}

async fn find(connection: &mut SqliteConnection, id: UserId) -> Result<Option<User>, StoreError> {
    let row = sqlx::query("SELECT * FROM users WHERE id = ?")
        .bind(&id.as_bytes()[..])
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(rows::user).transpose()
}

/// Whether there would be no enabled administrator without this one, and there must be.
async fn is_missed(connection: &mut SqliteConnection, act: &Act) -> Result<bool, StoreError> {
    if act.may_take_last_admin {
        return Ok(false);
    }
    // In the words of the index `users_administrators`.
    let another = sqlx::query(
        "SELECT 1 FROM users WHERE instr(' ' || roles || ' ', ' admin ') > 0 AND disabled_at IS NULL AND id <> ? LIMIT 1",
    )
    .bind(&act.user.as_bytes()[..])
    .fetch_optional(connection)
    .await?;
    Ok(another.is_none())
}

async fn write(connection: &mut SqliteConnection, act: &Act, user: &User) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE users SET roles = ?1, claims = ?2, email = ?3, \
                          disabled_at = CASE WHEN ?4 THEN coalesce(disabled_at, ?5) END WHERE id = ?6",
    )
    .bind(joined(&user.roles))
    .bind(user.claims.to_string())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(user.disabled)
    .bind(act.now.seconds())
    .bind(&user.id.as_bytes()[..])
    .execute(connection)
    .await?;
    Ok(())
}

async fn call_back(
    connection: &mut SqliteConnection,
    act: &Act,
    effect: &Effect,
) -> Result<Vec<Revocation>, StoreError> {
    if effect.disabled == Some(true) {
        let ended = sessions::end(connection, &act.ends_all(EndReason::Disabled)).await?;
        return Ok(ended.revocations);
    }
    if !effect.calls_back {
        return Ok(Vec::new());
    }
    let revocation = sessions::raise_version(connection, act.user).await?;
    if let Some(revocation) = &revocation {
        revocations::insert(connection, revocation).await?;
    }
    Ok(revocation.into_iter().collect())
}
