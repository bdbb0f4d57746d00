use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow};

use super::{
    PostgresStore, throttle,
    transaction::{Transaction, uuid},
};
use crate::{
    model::{
        id::{SessionId, UserId},
        revocation::{Revocation, Target},
        session::{EndReason, MAX_LIVE_PER_USER, Presented, RotationRules, Session},
        time::Timestamp,
    },
    store::{
        Ended, Ending, OpenSession, Opening, Rotation, Sessions, StoreError, Which, rows, writer::Touches,
    },
};

#[async_trait]
impl Sessions for PostgresStore {
    async fn open_session(&self, opening: Opening) -> Result<OpenSession, StoreError> {
        let touches = Touches::user(opening.session.user_id);
        let touches = match &opening.forgives {
            Some(who) => touches.and_row(*who.account.as_bytes()),
            None => touches,
        };
        self.writer
            .run_on(touches, move |transaction| {
                Box::pin(async move { open(transaction, &opening).await })
            })
            .await
    }

    async fn rotate_session(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError> {
        self.writer.rotate(presented, rules).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE id = $1")
            .bind(uuid(id.as_bytes()))
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::session).transpose()
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sessions \
             WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC",
        )
        .bind(uuid(user.as_bytes()))
        .bind(now.seconds())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::session).collect()
    }

    async fn end_sessions(&self, ending: &Ending) -> Result<Ended, StoreError> {
        let ending = *ending;
        self.writer
            .run_on(Touches::user(ending.user), move |transaction| {
                Box::pin(async move { end(transaction, &ending).await })
            })
            .await
    }
}

async fn open(transaction: &mut Transaction, opening: &Opening) -> Result<OpenSession, StoreError> {
    if !account_is_unchanged(transaction, opening).await? {
        return Ok(OpenSession::AccountChanged);
    }
    insert(transaction, &opening.session).await?;
    if let Some(who) = &opening.forgives {
        throttle::forgive(transaction, who).await?;
    }
    transaction.record(&opening.event);
    Ok(OpenSession::Opened(make_room(transaction, opening).await?))
}

/// Ends sessions in the transaction of what causes it.
pub(super) async fn end(transaction: &mut Transaction, ending: &Ending) -> Result<Ended, StoreError> {
    let mut ended = end_rows(transaction, ending).await?;
    if ending.which == Which::All {
        // One entry stands for all of them, and for whatever the sessions before them were given.
        let raised = raise_version(transaction, ending.user).await?;
        ended.revocations = raised.into_iter().collect();
    }
    for revocation in &ended.revocations {
        transaction.revoke(revocation);
    }
    if let Some(event) = ending.event(&ended) {
        transaction.record(&event);
    }
    Ok(ended)
}

async fn account_is_unchanged(transaction: &mut Transaction, opening: &Opening) -> Result<bool, StoreError> {
    let row =
        sqlx::query("SELECT version, password_hash, disabled_at FROM users WHERE id = $1 FOR NO KEY UPDATE")
            .bind(uuid(opening.session.user_id.as_bytes()))
            .fetch_optional(&mut transaction.connection)
            .await?;
    let Some(row) = row else { return Ok(false) };
    Ok(opening.still_fits(&rows::standing(&row)?))
}

async fn insert(transaction: &mut Transaction, session: &Session) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (id, user_id, generation, secret, refresh_key, created_at, rotated_at, \
                               last_seen_at, expires_at, ends_at, accepted_until, device, actor_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(uuid(session.id.as_bytes()))
    .bind(uuid(session.user_id.as_bytes()))
    .bind(session.generation.0)
    .bind(&session.secret.expose()[..])
    .bind(&session.refresh_key)
    .bind(session.created_at.seconds())
    .bind(session.rotated_at.seconds())
    .bind(session.last_seen_at.seconds())
    .bind(session.expires_at.seconds())
    .bind(session.ends_at.seconds())
    .bind(session.accepted_until.seconds())
    .bind(session.device.as_str())
    .bind(session.actor.map(|actor| uuid(actor.as_bytes())))
    .execute(&mut transaction.connection)
    .await?;
    Ok(())
}

/// Ends the oldest live sessions beyond the number a user may have.
async fn make_room(transaction: &mut Transaction, opening: &Opening) -> Result<Vec<Revocation>, StoreError> {
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = $1, end_reason = $2 \
         WHERE id IN (SELECT id FROM sessions WHERE user_id = $3 AND ended_at IS NULL AND expires_at > $1 \
                      ORDER BY created_at DESC, id DESC OFFSET $4) \
         RETURNING id, accepted_until",
    )
    .bind(opening.session.created_at.seconds())
    .bind(EndReason::TooMany.as_str())
    .bind(uuid(opening.session.user_id.as_bytes()))
    .bind(i64::from(MAX_LIVE_PER_USER))
    .fetch_all(&mut transaction.connection)
    .await?;
    let revocations = calls_back(&rows)?;
    for revocation in &revocations {
        transaction.revoke(revocation);
        if let Target::Session(id) = revocation.target {
            transaction.record(&opening.made_room(id));
        }
    }
    Ok(revocations)
}

/// Ends those that live, and those whose access tokens may still be accepted though their time is over.
async fn end_rows(transaction: &mut Transaction, ending: &Ending) -> Result<Ended, StoreError> {
    let (one, but) = match ending.which {
        Which::One(id) => (Some(id), None),
        Which::AllBut(id) => (None, Some(id)),
        Which::All => (None, None),
    };
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = $1, end_reason = $2 \
         WHERE user_id = $3 AND ended_at IS NULL AND (expires_at > $1 OR accepted_until > $1) \
           AND ($4::uuid IS NULL OR id = $4) AND ($5::uuid IS NULL OR id <> $5) \
         RETURNING id, accepted_until, expires_at > $1 AS live",
    )
    .bind(ending.now.seconds())
    .bind(ending.reason.as_str())
    .bind(uuid(ending.user.as_bytes()))
    .bind(one.map(|id| uuid(id.as_bytes())))
    .bind(but.map(|id| uuid(id.as_bytes())))
    .fetch_all(&mut transaction.connection)
    .await?;
    let mut sessions = 0;
    for row in &rows {
        sessions += usize::from(row.try_get::<bool, _>("live")?);
    }
    Ok(Ended {
        sessions,
        revocations: calls_back(&rows)?,
    })
}

/// Calls back every access token of a user at once, and says how.
pub(super) async fn raise_version(
    transaction: &mut Transaction,
    user: UserId,
) -> Result<Option<Revocation>, StoreError> {
    let row = sqlx::query(
        "UPDATE users SET version = version + 1 WHERE id = $1 \
         RETURNING version, (SELECT max(accepted_until) FROM sessions WHERE user_id = $1) AS accepted_until",
    )
    .bind(uuid(user.as_bytes()))
    .fetch_optional(&mut transaction.connection)
    .await?;
    match row {
        Some(row) => rows::user_revocation(&row, user),
        None => Ok(None),
    }
}

/// What calls the access tokens of these sessions back.
fn calls_back(rows: &[PgRow]) -> Result<Vec<Revocation>, StoreError> {
    rows.iter().map(rows::session_revocation).collect()
}
