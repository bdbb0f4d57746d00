//! New passwords, new hashes of the same, and the codes that set one.

use sqlx::SqliteConnection;

use crate::{
    model::{
        audit::{Action, Event},
        id::UserId,
        reset_code::StoredCode,
        revocation::Revocation,
        session::EndReason,
        user::PasswordHash,
    },
    store::{
        Act, Acted, PasswordProof, SetPassword, StoreError,
        sqlite::{audit, sessions},
    },
};

pub(super) async fn set(
    connection: &mut SqliteConnection,
    setting: &SetPassword,
) -> Result<Option<Vec<Revocation>>, StoreError> {
    if !replace(connection, setting).await? {
        return Ok(None);
    }
    audit::insert(&mut *connection, &setting.event).await?;
    let ended = sessions::end(connection, &setting.ending()).await?;
    Ok(Some(ended.revocations))
}

/// Writes the new hash if the proof still holds; says whether it did.
async fn replace(connection: &mut SqliteConnection, setting: &SetPassword) -> Result<bool, StoreError> {
    let (hash, version, code) = match &setting.proof {
        PasswordProof::Present(hash, version) => {
            (hash.as_ref().map(PasswordHash::expose), Some(version.0), None)
        }
        PasswordProof::Code(digest) => (None, None, Some(&digest.as_bytes()[..])),
    };
    let updated = sqlx::query(
        "UPDATE users SET password_hash = ?1, scheme = ?2, reset_code = NULL, reset_until = NULL \
         WHERE id = ?3 AND disabled_at IS NULL \
           AND (?6 IS NULL OR (reset_code = ?6 AND reset_until > ?7)) \
           AND (?6 IS NOT NULL OR (password_hash = ?4 AND version = ?5))",
    )
    .bind(setting.hash.expose())
    .bind(&setting.scheme)
    .bind(&setting.user.as_bytes()[..])
    .bind(hash)
    .bind(version)
    .bind(code)
    .bind(setting.event.at.seconds())
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn issue_code(
    connection: &mut SqliteConnection,
    act: &Act,
    code: &StoredCode,
    force: bool,
) -> Result<Acted<()>, StoreError> {
    let updated = sqlx::query("UPDATE users SET reset_code = ?, reset_until = ? WHERE id = ?")
        .bind(&code.digest.as_bytes()[..])
        .bind(code.until.seconds())
        .bind(&act.user.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Ok(Acted::NotFound);
    }
    let event = act.event(Action::PasswordResetIssued).detail("forced", force);
    audit::insert(&mut *connection, &event).await?;
    if !force {
        return Ok(Acted::Done((), Vec::new()));
    }
    sqlx::query("UPDATE users SET password_hash = '', scheme = '' WHERE id = ?")
        .bind(&act.user.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    let ended = sessions::end(connection, &act.ends_all(EndReason::PasswordReset)).await?;
    Ok(Acted::Done((), ended.revocations))
}

pub(super) async fn rehash(
    connection: &mut SqliteConnection,
    user: UserId,
    [old, new]: [&PasswordHash; 2],
    scheme: &str,
    event: &Event,
) -> Result<bool, StoreError> {
    let updated =
        sqlx::query("UPDATE users SET password_hash = ?, scheme = ? WHERE id = ? AND password_hash = ?")
            .bind(new.expose())
            .bind(scheme)
            .bind(&user.as_bytes()[..])
            .bind(old.expose())
            .execute(&mut *connection)
            .await?;
    if updated.rows_affected() == 0 {
        return Ok(false);
    }
    audit::insert(connection, event).await?;
    Ok(true)
}
