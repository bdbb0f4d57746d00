//! The end of grants, in the transaction of its cause.

use super::sign_outs;
use crate::{
    model::{
        grant::MAX_LIVE_PER_CLIENT,
        id::{ClientId, SessionId},
        revocation::Revocation,
        session::{EndReason, Session},
        time::Timestamp,
    },
    store::{
        GrantEnding, GrantsEnded, StoreError, WhichGrants,
        engine::{Engine, RowOf},
        grants::ended,
        rows::{self, Columns},
        sql::{Statement, sql},
        transaction::Transaction,
    },
};

/// Ends the oldest live grants of a user beyond the number they may have at one client.
pub(super) async fn make_room<E: Engine>(
    transaction: &mut Transaction<E>,
    opened: &Session,
    now: Timestamp,
) -> Result<Vec<Revocation>, StoreError> {
    let statement = ending(EndReason::TooMany, now)
        .push(
            "id IN (SELECT id FROM sessions WHERE user_id = $3 AND client_id = $4 AND ended_at IS NULL \
             AND expires_at > $1 ORDER BY created_at DESC, id DESC LIMIT 9223372036854775807 OFFSET $5)",
        )
        .bind(opened.user_id)
        .bind(opened.client())
        .bind(i64::from(MAX_LIVE_PER_CLIENT));
    let rows = transaction.fetch_all(statement.push(ENDED)).await?;
    written(transaction, &rows, EndReason::TooMany, now)
}

/// Ends grants as somebody asked for.
pub(super) async fn end<E: Engine>(
    transaction: &mut Transaction<E>,
    ending: &GrantEnding,
) -> Result<GrantsEnded, StoreError> {
    let statement = self::ending(ending.reason, ending.now)
        .push("user_id = $3 AND client_id IS NOT NULL AND ended_at IS NULL AND (expires_at > $1 OR accepted_until > $1)")
        .bind(ending.which.user());
    let statement = match ending.which {
        WhichGrants::One { grant, .. } => statement.push_bind(" AND id = ", grant),
        WhichGrants::Of { client, .. } => statement.push_bind(" AND client_id = ", client),
    };
    let rows = transaction.fetch_all(statement.push(ENDED)).await?;
    let mut grants = 0;
    let mut revocations = Vec::with_capacity(rows.len());
    for row in &rows {
        let revocation = rows::session_revocation(row)?;
        let (grant, user) = rows::session_of(row)?;
        transaction.revoke(&revocation);
        transaction.record(&ending.event(user, grant, row.try_get("replays")?));
        if ending.reason != EndReason::CodeReused {
            sign_outs::of_grant(transaction, grant, ending.now).await?;
        }
        revocations.push(revocation);
        grants += 1;
    }
    let consent = match ending.which {
        WhichGrants::Of { user, client } => {
            let consent = sql("DELETE FROM consents WHERE user_id = $1 AND client_id = $2")
                .bind(user)
                .bind(client);
            let had = transaction.execute(consent).await? > 0;
            if had {
                transaction.record(&ending.withdrawal(user, client));
            }
            had
        }
        WhichGrants::One { .. } => false,
    };
    Ok(GrantsEnded {
        grants,
        consent,
        revocations,
    })
}

/// Ends the grants given in a session that has ended, but for those that outlive it, and has their clients told.
pub(super) async fn end_with<E: Engine>(
    transaction: &mut Transaction<E>,
    session: SessionId,
    now: Timestamp,
) -> Result<Vec<Revocation>, StoreError> {
    // First, for those that outlive it are told too.
    sign_outs::of_session(transaction, session, now).await?;
    let statement = ending(EndReason::SessionOver, now)
        .push("parent_id = $3 AND offline = 0 AND ended_at IS NULL AND (expires_at > $1 OR accepted_until > $1)")
        .bind(session);
    let rows = transaction.fetch_all(statement.push(ENDED)).await?;
    written(transaction, &rows, EndReason::SessionOver, now)
}

/// Ends all grants of a client that may no longer, or less than before. The rows of their owners are locked first, as a
/// refresh does.
pub(super) async fn end_of_client<E: Engine>(
    transaction: &mut Transaction<E>,
    client: ClientId,
    now: Timestamp,
) -> Result<Vec<Revocation>, StoreError> {
    let owners = sql("SELECT id FROM users WHERE id IN \
         (SELECT user_id FROM sessions WHERE client_id = $1 AND ended_at IS NULL) ORDER BY id")
    .bind(client)
    .push(E::FOR_UPDATE);
    transaction.fetch_all(owners).await?;
    let statement = ending(EndReason::ClientChanged, now)
        .push("client_id = $3 AND ended_at IS NULL AND (expires_at > $1 OR accepted_until > $1)")
        .bind(client);
    let rows = transaction.fetch_all(statement.push(ENDED)).await?;
    written(transaction, &rows, EndReason::ClientChanged, now)
}

/// Begins a statement that ends grants: the reason is `$2`, the time `$1`.
fn ending(reason: EndReason, now: Timestamp) -> Statement<'static> {
    sql("UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ")
        .bind(now)
        .bind(reason.as_str())
}

/// What such a statement gives back.
const ENDED: &str = " RETURNING id, user_id, accepted_until, replays";

/// Revokes the tokens of grants that ended, and writes their events.
fn written<E: Engine>(
    transaction: &mut Transaction<E>,
    rows: &[RowOf<E>],
    reason: EndReason,
    now: Timestamp,
) -> Result<Vec<Revocation>, StoreError> {
    let event = ended(reason, now);
    let mut revocations = Vec::with_capacity(rows.len());
    for row in rows {
        let revocation = rows::session_revocation(row)?;
        let (grant, user) = rows::session_of(row)?;
        transaction.revoke(&revocation);
        transaction.record(&event(user, grant, row.try_get("replays")?));
        revocations.push(revocation);
    }
    Ok(revocations)
}
