//! New passwords, rehashes of present ones, and the codes that set a password.

use crate::{
    model::{
        audit::{Action, Event},
        id::UserId,
        reset_code::StoredCode,
        session::EndReason,
        user::PasswordHash,
    },
    store::{
        Acted, AdminAction, OpenSession, PasswordProof, PasswordSet, SetPassword, StoreError,
        database::{acting, ceremonies, sessions},
        engine::Engine,
        sql::sql,
        transaction::Transaction,
    },
};

pub(super) async fn set<E: Engine>(
    transaction: &mut Transaction<E>,
    setting: &SetPassword,
) -> Result<Option<PasswordSet>, StoreError> {
    if let Some(ceremony) = setting.finishes
        && !ceremonies::is_open(transaction, ceremony, setting.event.at).await?
    {
        return Ok(None);
    }
    if !replace(transaction, setting).await? {
        return Ok(None);
    }
    if let Some(ceremony) = setting.finishes {
        ceremonies::finish(transaction, ceremony, setting.event.at).await?;
    }
    transaction.record(&setting.event);
    let ended = sessions::end(transaction, &setting.ending()).await?;
    let opened = match &setting.opens {
        Some(opening) => sessions::open(transaction, opening).await?,
        None => OpenSession::AccountChanged,
    };
    Ok(Some(PasswordSet {
        revocations: ended.revocations,
        opened: match opened {
            OpenSession::Opened(opened) => Some(opened),
            OpenSession::AccountChanged => None,
        },
    }))
}

/// Writes the new hash if the proof still holds; returns whether it did. Every device becomes unknown: anybody who knew
/// the old password may have made known ones.
async fn replace<E: Engine>(
    transaction: &mut Transaction<E>,
    setting: &SetPassword,
) -> Result<bool, StoreError> {
    let (hash, code) = match &setting.proof {
        PasswordProof::Present(hash) => (Some(hash.expose()), None),
        PasswordProof::Code(digest) => (None, Some(digest)),
    };
    let statement = sql(
        "UPDATE users SET password_hash = $1, scheme = $2, reset_code = NULL, reset_until = NULL, \
                          device_epoch = CASE WHEN version > device_epoch THEN version ELSE device_epoch END + 1 \
         WHERE id = $3 AND disabled_at IS NULL \
           AND (password_hash = $4 OR (reset_code = $5 AND reset_until > $6))",
    )
    .bind(setting.hash.expose())
    .bind(&setting.scheme)
    .bind(setting.user)
    .bind(hash)
    .bind(code)
    .bind(setting.event.at);
    let updated = transaction.execute(statement).await?;
    Ok(updated == 1)
}

pub(super) async fn issue_code<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &AdminAction,
    code: &StoredCode,
    force: bool,
) -> Result<Acted<()>, StoreError> {
    acting::must_administrate(transaction, Some(act.by)).await?;
    match acting::find(transaction, act.user).await? {
        None => return Ok(Acted::NotFound),
        Some(user) if !act.may_reset(&user) => return Ok(Acted::TargetIsAdmin),
        Some(_) => {}
    }
    transaction
        .execute(
            sql("UPDATE users SET reset_code = $1, reset_until = $2 WHERE id = $3")
                .bind(&code.digest)
                .bind(code.until)
                .bind(act.user),
        )
        .await?;
    let event = act.event(Action::PasswordResetIssued).detail("forced", force);
    transaction.record(&event);
    if !force {
        return Ok(Acted::Done((), Vec::new()));
    }
    let statement = sql(
        "UPDATE users SET password_hash = '', scheme = '', \
                          device_epoch = CASE WHEN version > device_epoch THEN version ELSE device_epoch END + 1 \
         WHERE id = $1",
    )
    .bind(act.user);
    transaction.execute(statement).await?;
    let ended = sessions::end(transaction, &act.ends_all(EndReason::PasswordReset)).await?;
    Ok(Acted::Done((), ended.revocations))
}

pub(super) async fn rehash<E: Engine>(
    transaction: &mut Transaction<E>,
    user: UserId,
    [old, new]: [&PasswordHash; 2],
    scheme: &str,
    event: &Event,
) -> Result<bool, StoreError> {
    let updated = transaction
        .execute(
            sql("UPDATE users SET password_hash = $1, scheme = $2 WHERE id = $3 AND password_hash = $4")
                .bind(new.expose())
                .bind(scheme)
                .bind(user)
                .bind(old.expose()),
        )
        .await?;
    if updated == 0 {
        return Ok(false);
    }
    transaction.record(event);
    Ok(true)
}
