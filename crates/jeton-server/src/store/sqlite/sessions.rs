use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{SqliteStore, audit, revocations, throttle};
use crate::{
    model::{
        id::{SessionId, UserId},
        revocation::{Revocation, Target},
        session::{EndReason, MAX_LIVE_PER_USER, Presented, RotationRules, Session},
        time::Timestamp,
    },
    store::{Ended, Ending, OpenSession, Opening, Rotation, Sessions, StoreError, Which, rows},
};

#[async_trait]
impl Sessions for SqliteStore {
    async fn open_session(&self, opening: Opening) -> Result<OpenSession, StoreError> {
        self.writer
            .run(move |connection| Box::pin(async move { open(connection, &opening).await }))
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
        let row = sqlx::query("SELECT * FROM sessions WHERE id = ?")
            .bind(&id.as_bytes()[..])
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::session).transpose()
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sessions \
             WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? ORDER BY created_at DESC, id DESC",
        )
        .bind(&user.as_bytes()[..])
        .bind(now.seconds())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::session).collect()
    }

    async fn end_sessions(&self, ending: &Ending) -> Result<Ended, StoreError> {
        let ending = *ending;
        self.writer
            .run(move |connection| Box::pin(async move { end(connection, &ending).await }))
            .await
    }
}

async fn open(connection: &mut SqliteConnection, opening: &Opening) -> Result<OpenSession, StoreError> {
    if !account_is_unchanged(connection, opening).await? {
        return Ok(OpenSession::AccountChanged);
    }
    insert(connection, &opening.session).await?;
    if let Some(who) = &opening.forgives {
        throttle::forgive(connection, who).await?;
    }
    audit::insert(connection, &opening.event).await?;
    Ok(OpenSession::Opened(make_room(connection, opening).await?))
}

/// Ends sessions in the transaction of what causes it.
pub(super) async fn end(connection: &mut SqliteConnection, ending: &Ending) -> Result<Ended, StoreError> {
    let mut ended = end_rows(&mut *connection, ending).await?;
    if ending.which == Which::All {
        // One entry stands for all of them, and for whatever the sessions before them were given.
        let raised = raise_version(&mut *connection, ending.user).await?;
        ended.revocations = raised.into_iter().collect();
    }
    for revocation in &ended.revocations {
        revocations::insert(&mut *connection, revocation).await?;
    }
    if let Some(event) = ending.event(&ended) {
        audit::insert(connection, &event).await?;
    }
    Ok(ended)
}

async fn account_is_unchanged(
    connection: &mut SqliteConnection,
    opening: &Opening,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT version, password_hash, disabled_at FROM users WHERE id = ?")
        .bind(&opening.session.user_id.as_bytes()[..])
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(false) };
    Ok(opening.still_fits(&rows::standing(&row)?))
}

async fn insert(connection: &mut SqliteConnection, session: &Session) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (id, user_id, generation, secret, refresh_key, created_at, rotated_at, \
                               last_seen_at, expires_at, ends_at, accepted_until, device, actor_id) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&session.id.as_bytes()[..])
    .bind(&session.user_id.as_bytes()[..])
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
    .bind(session.actor.as_ref().map(|actor| &actor.as_bytes()[..]))
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the oldest live sessions beyond the number a user may have.
async fn make_room(
    connection: &mut SqliteConnection,
    opening: &Opening,
) -> Result<Vec<Revocation>, StoreError> {
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = ?1, end_reason = ?2 \
         WHERE id IN (SELECT id FROM sessions WHERE user_id = ?3 AND ended_at IS NULL AND expires_at > ?1 \
                      ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?4) \
         RETURNING id, accepted_until",
    )
    .bind(opening.session.created_at.seconds())
    .bind(EndReason::TooMany.as_str())
    .bind(&opening.session.user_id.as_bytes()[..])
    .bind(i64::from(MAX_LIVE_PER_USER))
    .fetch_all(&mut *connection)
    .await?;
    let revocations = calls_back(&rows)?;
    for revocation in &revocations {
        revocations::insert(&mut *connection, revocation).await?;
        if let Target::Session(id) = revocation.target {
            audit::insert(connection, &opening.made_room(id)).await?;
        }
    }
    Ok(revocations)
}

/// Ends those that live, and those whose access tokens may still be accepted though their time is over.
async fn end_rows(connection: &mut SqliteConnection, ending: &Ending) -> Result<Ended, StoreError> {
    let (one, but) = match ending.which {
        Which::One(id) => (Some(id), None),
        Which::AllBut(id) => (None, Some(id)),
        Which::All => (None, None),
    };
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = ?1, end_reason = ?2 \
         WHERE user_id = ?3 AND ended_at IS NULL AND (expires_at > ?1 OR accepted_until > ?1) \
           AND (?4 IS NULL OR id = ?4) AND (?5 IS NULL OR id <> ?5) \
         RETURNING id, accepted_until, expires_at > ?1 AS live",
    )
    .bind(ending.now.seconds())
    .bind(ending.reason.as_str())
    .bind(&ending.user.as_bytes()[..])
    .bind(one.as_ref().map(|id| &id.as_bytes()[..]))
    .bind(but.as_ref().map(|id| &id.as_bytes()[..]))
    .fetch_all(connection)
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
    connection: &mut SqliteConnection,
    user: UserId,
) -> Result<Option<Revocation>, StoreError> {
    let row = sqlx::query(
        "UPDATE users SET version = version + 1 WHERE id = ?1 \
         RETURNING version, (SELECT max(accepted_until) FROM sessions WHERE user_id = ?1) AS accepted_until",
    )
    .bind(&user.as_bytes()[..])
    .fetch_optional(connection)
    .await?;
    match row {
        Some(row) => rows::user_revocation(&row, user),
        None => Ok(None),
    }
}

/// What calls the access tokens of these sessions back.
fn calls_back(rows: &[SqliteRow]) -> Result<Vec<Revocation>, StoreError> {
    rows.iter().map(rows::session_revocation).collect()
}
