use async_trait::async_trait;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{SqliteStore, revocations, rows};
use crate::{
    model::{
        id::{SessionId, UserId},
        revocation::{Revocation, Target},
        session::{EndReason, MAX_LIVE_PER_USER, Presented, Session, Verdict},
        time::Timestamp,
        user::{User, UserVersion},
    },
    store::{
        Ended, Ending, OpenSession, Opening, Rotation, RotationRefusal, RotationRules, Sessions, StoreError,
        Which,
    },
};

#[async_trait]
impl Sessions for SqliteStore {
    async fn open_session(&self, opening: &Opening<'_>) -> Result<OpenSession, StoreError> {
        let mut tx = self.begin().await?;
        if !account_is_unchanged(&mut tx, opening).await? {
            return Ok(OpenSession::AccountChanged);
        }
        insert(&mut tx, opening.session).await?;
        let revocations = make_room(&mut tx, opening).await?;
        tx.commit().await?;
        Ok(OpenSession::Opened(revocations))
    }

    async fn rotate_session(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(session) = advance(&mut tx, presented, rules).await? {
            if !session.proves(presented) {
                // Dropping the transaction takes the step back.
                return Ok(Rotation::Refused(RotationRefusal::Unknown));
            }
            let user = owner(&mut tx, &session).await?;
            tx.commit().await?;
            return Ok(Rotation::Rotated(Box::new((session, user))));
        }
        let rotation = classify(&mut tx, presented, rules).await?;
        tx.commit().await?;
        Ok(rotation)
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
        let mut tx = self.begin().await?;
        let mut revocations = end_rows(&mut tx, ending).await?;
        let sessions = revocations.len();
        if ending.which == Which::All {
            // One entry stands for all of them, and for whatever the sessions before them were given.
            revocations = raise_version(&mut tx, ending).await?.into_iter().collect();
        }
        for revocation in &revocations {
            revocations::insert(&mut tx, revocation).await?;
        }
        tx.commit().await?;
        Ok(Ended {
            sessions,
            revocations,
        })
    }
}

async fn account_is_unchanged(tx: &mut SqliteConnection, opening: &Opening<'_>) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT version, password_hash, disabled_at FROM users WHERE id = ?")
        .bind(&opening.session.user_id.as_bytes()[..])
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let version = UserVersion(row.try_get("version")?);
    let hash: String = row.try_get("password_hash")?;
    let disabled_at: Option<i64> = row.try_get("disabled_at")?;
    let same_hash = opening
        .password_hash
        .is_none_or(|checked| checked.expose() == hash);
    Ok(version == opening.version && same_hash && disabled_at.is_none())
}

async fn insert(tx: &mut SqliteConnection, session: &Session) -> Result<(), StoreError> {
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
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends the oldest live sessions beyond the number a user may have.
async fn make_room(tx: &mut SqliteConnection, opening: &Opening<'_>) -> Result<Vec<Revocation>, StoreError> {
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
    .fetch_all(&mut *tx)
    .await?;
    let revocations = calls_back(&rows)?;
    for revocation in &revocations {
        revocations::insert(&mut *tx, revocation).await?;
    }
    Ok(revocations)
}

/// The compare-and-swap: one generation on, if the one presented is the current one of a live session.
async fn advance(
    tx: &mut SqliteConnection,
    presented: &Presented,
    rules: &RotationRules,
) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query(
        "UPDATE sessions \
         SET generation = generation + 1, rotated_at = ?1, last_seen_at = ?1, expires_at = min(ends_at, ?2), \
             accepted_until = max(accepted_until, ?3) \
         WHERE id = ?4 AND generation = ?5 AND ended_at IS NULL AND expires_at > ?1 \
         RETURNING *",
    )
    .bind(rules.now.seconds())
    .bind(rules.now.plus(rules.lifetime).seconds())
    .bind(rules.now.plus(rules.accepted_for).seconds())
    .bind(&presented.session.as_bytes()[..])
    .bind(presented.generation.0)
    .fetch_optional(tx)
    .await?;
    row.as_ref().map(rows::session).transpose()
}

/// Says why the swap found nothing, and ends the session where that is the answer.
async fn classify(
    tx: &mut SqliteConnection,
    presented: &Presented,
    rules: &RotationRules,
) -> Result<Rotation, StoreError> {
    let row = sqlx::query("SELECT * FROM sessions WHERE id = ?")
        .bind(&presented.session.as_bytes()[..])
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else {
        return Ok(Rotation::Refused(RotationRefusal::Unknown));
    };
    let session = rows::session(&row)?;
    let refusal = match session.judge(presented, rules.now, rules.grace) {
        Verdict::Replay => {
            let user = owner(tx, &session).await?;
            return Ok(Rotation::Replayed(Box::new((session, user))));
        }
        Verdict::Reuse => RotationRefusal::Reused(end_one(tx, &session, EndReason::Reuse, rules).await?),
        Verdict::AheadOfRow => {
            RotationRefusal::AheadOfRow(end_one(tx, &session, EndReason::AheadOfRow, rules).await?)
        }
        Verdict::Ended => RotationRefusal::Ended,
        Verdict::Expired => RotationRefusal::Expired,
        // `Current` cannot be: the swap would have taken it.
        Verdict::Forged | Verdict::Current => RotationRefusal::Unknown,
    };
    Ok(Rotation::Refused(refusal))
}

async fn owner(tx: &mut SqliteConnection, session: &Session) -> Result<User, StoreError> {
    let row = sqlx::query("SELECT * FROM users WHERE id = ?")
        .bind(&session.user_id.as_bytes()[..])
        .fetch_one(tx)
        .await?;
    rows::user(&row)
}

async fn end_one(
    tx: &mut SqliteConnection,
    session: &Session,
    reason: EndReason,
    rules: &RotationRules,
) -> Result<Revocation, StoreError> {
    sqlx::query("UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ?")
        .bind(rules.now.seconds())
        .bind(reason.as_str())
        .bind(&session.id.as_bytes()[..])
        .execute(&mut *tx)
        .await?;
    let revocation = Revocation {
        target: Target::Session(session.id),
        until: session.accepted_until,
    };
    revocations::insert(tx, &revocation).await?;
    Ok(revocation)
}

async fn end_rows(tx: &mut SqliteConnection, ending: &Ending) -> Result<Vec<Revocation>, StoreError> {
    let (one, but) = match ending.which {
        Which::One(id) => (Some(id), None),
        Which::AllBut(id) => (None, Some(id)),
        Which::All => (None, None),
    };
    let rows = sqlx::query(
        "UPDATE sessions SET ended_at = ?1, end_reason = ?2 \
         WHERE user_id = ?3 AND ended_at IS NULL AND (?4 IS NULL OR id = ?4) AND (?5 IS NULL OR id <> ?5) \
         RETURNING id, accepted_until",
    )
    .bind(ending.now.seconds())
    .bind(ending.reason.as_str())
    .bind(&ending.user.as_bytes()[..])
    .bind(one.as_ref().map(|id| &id.as_bytes()[..]))
    .bind(but.as_ref().map(|id| &id.as_bytes()[..]))
    .fetch_all(tx)
    .await?;
    calls_back(&rows)
}

async fn raise_version(tx: &mut SqliteConnection, ending: &Ending) -> Result<Option<Revocation>, StoreError> {
    let row = sqlx::query(
        "UPDATE users SET version = version + 1 WHERE id = ?1 \
         RETURNING version, (SELECT max(accepted_until) FROM sessions WHERE user_id = ?1) AS accepted_until",
    )
    .bind(&ending.user.as_bytes()[..])
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let below = UserVersion(row.try_get("version")?);
    let accepted_until: Option<i64> = row.try_get("accepted_until")?;
    // Without a session there is nothing to call back.
    Ok(accepted_until.map(|until| Revocation {
        target: Target::User {
            id: ending.user,
            below,
        },
        until: Timestamp::from_seconds(until),
    }))
}

/// What calls the access tokens of these sessions back.
fn calls_back(rows: &[SqliteRow]) -> Result<Vec<Revocation>, StoreError> {
    rows.iter().map(rows::session_revocation).collect()
}
