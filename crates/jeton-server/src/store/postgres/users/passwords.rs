//! New passwords, new hashes of the same, and the codes that set one.

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
        postgres::{
            sessions,
            transaction::{Transaction, uuid},
        },
    },
};

pub(super) async fn set(
    transaction: &mut Transaction,
    setting: &SetPassword,
) -> Result<Option<Vec<Revocation>>, StoreError> {
    if !replace(transaction, setting).await? {
        return Ok(None);
    }
    transaction.record(&setting.event);
    let ended = sessions::end(transaction, &setting.ending()).await?;
    Ok(Some(ended.revocations))
}

/// Writes the new hash if the proof still holds; says whether it did.
async fn replace(transaction: &mut Transaction, setting: &SetPassword) -> Result<bool, StoreError> {
    let (hash, version, code) = match &setting.proof {
        PasswordProof::Present(hash, version) => {
            (hash.as_ref().map(PasswordHash::expose), Some(version.0), None)
        }
        PasswordProof::Code(digest) => (None, None, Some(&digest.as_bytes()[..])),
    };
    let updated = sqlx::query(
        "UPDATE users SET password_hash = $1, scheme = $2, reset_code = NULL, reset_until = NULL \
         WHERE id = $3 AND disabled_at IS NULL \
           AND ($6::bytea IS NULL OR (reset_code = $6 AND reset_until > $7)) \
           AND ($6 IS NOT NULL OR (password_hash = $4 AND version = $5))",
    )
    .bind(setting.hash.expose())
    .bind(&setting.scheme)
    .bind(uuid(setting.user.as_bytes()))
    .bind(hash)
    .bind(version)
    .bind(code)
    .bind(setting.event.at.seconds())
    .execute(&mut transaction.connection)
    .await?;
    Ok(updated.rows_affected() == 1)
}

pub(super) async fn issue_code(
    transaction: &mut Transaction,
    act: &Act,
    code: &StoredCode,
    force: bool,
) -> Result<Acted<()>, StoreError> {
    let updated = sqlx::query("UPDATE users SET reset_code = $1, reset_until = $2 WHERE id = $3")
        .bind(&code.digest.as_bytes()[..])
        .bind(code.until.seconds())
        .bind(uuid(act.user.as_bytes()))
        .execute(&mut transaction.connection)
        .await?;
    if updated.rows_affected() == 0 {
        return Ok(Acted::NotFound);
    }
    let event = act.event(Action::PasswordResetIssued).detail("forced", force);
    transaction.record(&event);
    if !force {
        return Ok(Acted::Done((), Vec::new()));
    }
    sqlx::query("UPDATE users SET password_hash = '', scheme = '' WHERE id = $1")
        .bind(uuid(act.user.as_bytes()))
        .execute(&mut transaction.connection)
        .await?;
    let ended = sessions::end(transaction, &act.ends_all(EndReason::PasswordReset)).await?;
    Ok(Acted::Done((), ended.revocations))
}

pub(super) async fn rehash(
    transaction: &mut Transaction,
    user: UserId,
    [old, new]: [&PasswordHash; 2],
    scheme: &str,
    event: &Event,
) -> Result<bool, StoreError> {
    let updated =
        sqlx::query("UPDATE users SET password_hash = $1, scheme = $2 WHERE id = $3 AND password_hash = $4")
            .bind(new.expose())
            .bind(scheme)
            .bind(uuid(user.as_bytes()))
            .bind(old.expose())
            .execute(&mut transaction.connection)
            .await?;
    if updated.rows_affected() == 0 {
        return Ok(false);
    }
    transaction.record(event);
    Ok(true)
}
