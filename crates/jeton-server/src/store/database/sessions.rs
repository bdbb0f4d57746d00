use async_trait::async_trait;

use super::{Database, acting, grant_ends, sign_outs, throttle};
use crate::{
    model::{
        id::{SessionId, UserId},
        revocation::{Revocation, Target},
        session::{EndReason, MAX_LIVE_PER_USER, Presented, RotationRules, Session},
        time::Timestamp,
    },
    store::{
        Ended, Ending, OpenSession, Opened, Opening, Reauthenticated, Reauthentication, Rotation, Sessions,
        StoreError, Which,
        engine::{Engine, RowOf},
        rows::{self, Columns, columns, select},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

#[async_trait]
impl<E: Engine> Sessions for Database<E> {
    async fn open_session(&self, opening: Opening) -> Result<OpenSession, StoreError> {
        let locks = RowLocks::user(opening.session.user_id)
            .by(opening.actor())
            .and_attempt(opening.forgives.as_ref());
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move {
                    let owner = match transaction.locked_row(opening.session.user_id) {
                        Some(row) => Some(row),
                        None => owner(transaction, &opening).await?,
                    };
                    open_for(transaction, &opening, owner).await
                })
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
        let row = self
            .fetch_optional(sql(select!(sessions, "WHERE id = $1")).bind(id))
            .await?;
        row.as_ref().map(rows::session).transpose()
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let statement = sql(select!(
            sessions,
            "WHERE user_id = $1 AND client_id IS NULL AND ended_at IS NULL AND expires_at > $2 \
             ORDER BY created_at DESC, id DESC"
        ))
        .bind(user)
        .bind(now);
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::session).collect()
    }

    async fn reauthenticate(&self, proof: &Reauthentication) -> Result<Reauthenticated, StoreError> {
        let proof = proof.clone();
        let locks = RowLocks::user(proof.user).and_attempt(proof.forgives.as_ref());
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { reauthenticate(transaction, &proof).await })
            })
            .await
    }

    async fn end_sessions(&self, ending: &Ending) -> Result<Ended, StoreError> {
        let ending = *ending;
        self.writer
            .run_on(RowLocks::user(ending.user).by(ending.by), move |transaction| {
                Box::pin(async move {
                    acting::must_administrate(transaction, ending.by).await?;
                    end(transaction, &ending).await
                })
            })
            .await
    }
}

/// Opens a session in the transaction of its cause.
pub(super) async fn open<E: Engine>(
    transaction: &mut Transaction<E>,
    opening: &Opening,
) -> Result<OpenSession, StoreError> {
    let owner = owner(transaction, opening).await?;
    open_for(transaction, opening, owner).await
}

async fn open_for<E: Engine>(
    transaction: &mut Transaction<E>,
    opening: &Opening,
    owner: Option<RowOf<E>>,
) -> Result<OpenSession, StoreError> {
    acting::must_administrate(transaction, opening.actor()).await?;
    let Some(row) = owner else {
        return Ok(OpenSession::AccountChanged);
    };
    if !opening.still_fits(&rows::account_snapshot(&row)?) {
        return Ok(OpenSession::AccountChanged);
    }
    let user = rows::user(&row)?;
    insert(transaction, &opening.session).await?;
    if let Some(attempt) = &opening.forgives {
        throttle::forgive(transaction, attempt).await?;
    }
    transaction.record(&opening.event);
    let made_room = make_room(transaction, opening).await?;
    Ok(OpenSession::Opened(Box::new(Opened { user, made_room })))
}

async fn reauthenticate<E: Engine>(
    transaction: &mut Transaction<E>,
    proof: &Reauthentication,
) -> Result<Reauthenticated, StoreError> {
    let owner = sql(select!(users, "WHERE id = $1")).bind(proof.user);
    let Some(owner) = transaction.fetch_for_update(owner).await? else {
        return Ok(Reauthenticated::AccountChanged);
    };
    let owner = rows::account_snapshot(&owner)?;
    if owner.disabled || owner.password_hash != proof.checked.expose() {
        return Ok(Reauthenticated::AccountChanged);
    }
    let statement = sql(concat!(
        "UPDATE sessions SET authenticated_at = $1 \
         WHERE id = $2 AND user_id = $3 AND actor_id IS NULL AND ended_at IS NULL AND expires_at > $1 RETURNING ",
        columns!(sessions)
    ))
    .bind(proof.event.at)
    .bind(proof.session)
    .bind(proof.user);
    let Some(row) = transaction.fetch_optional(statement).await? else {
        return Ok(Reauthenticated::SessionOver);
    };
    if let Some(attempt) = &proof.forgives {
        throttle::forgive(transaction, attempt).await?;
    }
    transaction.record(&proof.event);
    Ok(Reauthenticated::Done(Box::new(rows::session(&row)?)))
}

/// Ends sessions in the transaction of their cause.
pub(super) async fn end<E: Engine>(
    transaction: &mut Transaction<E>,
    ending: &Ending,
) -> Result<Ended, StoreError> {
    let mut ended = end_rows(transaction, ending).await?;
    if ending.which == Which::All {
        // One entry stands for all of them, and for tokens of sessions that ended before.
        let raised = raise_version(transaction, ending.user).await?;
        ended.revocations = raised.into_iter().collect();
    }
    for revocation in &ended.revocations {
        transaction.revoke(revocation);
    }
    if let Some(event) = ending.event(&ended) {
        transaction.record(&event);
    }
    ended.revocations.append(&mut ended.of_grants);
    if ending.which == Which::All {
        let acted_for = acting::end(transaction, &ending.lapse()).await?;
        ended.revocations.extend(acted_for);
    }
    Ok(ended)
}

async fn owner<E: Engine>(
    transaction: &mut Transaction<E>,
    opening: &Opening,
) -> Result<Option<RowOf<E>>, sqlx::Error> {
    let row = sql(select!(users, "WHERE id = $1")).bind(opening.session.user_id);
    transaction.fetch_for_update(row).await
}

/// Writes the row of a session, or of a grant.
pub(super) async fn insert<E: Engine>(
    transaction: &mut Transaction<E>,
    session: &Session,
) -> Result<(), StoreError> {
    let grant = session.grant.as_deref();
    let statement = sql(
        "INSERT INTO sessions (id, user_id, generation, secret, refresh_key, created_at, rotated_at, \
                               last_seen_at, expires_at, ends_at, accepted_until, rested_at, device, actor_id, \
                               authenticated_at, client_id, parent_id, offline, terms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(session.id)
    .bind(session.user_id)
    .bind(session.generation.0)
    .bind(session.secret.expose())
    .bind(&session.refresh_key)
    .bind(session.created_at)
    .bind(session.rotated_at)
    .bind(session.last_seen_at)
    .bind(session.expires_at)
    .bind(session.ends_at)
    .bind(session.accepted_until)
    .bind(session.rested_at)
    .bind(session.device.as_str())
    .bind(session.actor)
    .bind(session.authenticated_at)
    .bind(session.client())
    .bind(grant.map(|grant| grant.given_in))
    .bind(grant.map(|grant| i64::from(grant.offline)))
    .bind(grant.map(|grant| serde_json::to_string(&grant.terms).unwrap_or_default()));
    transaction.execute(statement).await?;
    Ok(())
}

/// Ends the oldest live sessions beyond the number a user may have. Those that administrators opened on the user's
/// behalf are counted apart, so that they end each other and none of the user's own.
async fn make_room<E: Engine>(
    transaction: &mut Transaction<E>,
    opening: &Opening,
) -> Result<Vec<Revocation>, StoreError> {
    let statement = sql("UPDATE sessions SET ended_at = $1, end_reason = $2 \
         WHERE id IN (SELECT id FROM sessions WHERE user_id = $3 AND ended_at IS NULL AND expires_at > $1 \
                        AND (actor_id IS NOT NULL) = $5 AND client_id IS NULL \
                      ORDER BY created_at DESC, id DESC LIMIT 9223372036854775807 OFFSET $4) \
         RETURNING id, accepted_until, replays")
    .bind(opening.session.created_at)
    .bind(EndReason::TooMany.as_str())
    .bind(opening.session.user_id)
    .bind(i64::from(MAX_LIVE_PER_USER))
    .bind(opening.session.actor.is_some());
    let rows = transaction.fetch_all(statement).await?;
    let mut revocations = revocations_of(&rows)?;
    for (row, revocation) in rows.iter().zip(&revocations) {
        transaction.revoke(revocation);
        if let Target::Session(id) = revocation.target {
            transaction.record(&opening.made_room(id, row.try_get("replays")?));
        }
    }
    for row in &rows {
        let id = rows::session_id(row)?;
        revocations.extend(grant_ends::end_with(transaction, id, opening.session.created_at).await?);
    }
    Ok(revocations)
}

/// Ends the chosen sessions that live, or whose access tokens may be accepted although they have expired.
async fn end_rows<E: Engine>(transaction: &mut Transaction<E>, ending: &Ending) -> Result<Ended, StoreError> {
    let all = sql("UPDATE sessions SET ended_at = $1, end_reason = $2 \
         WHERE user_id = $3 AND ended_at IS NULL AND (expires_at > $1 OR accepted_until > $1)")
    .bind(ending.now)
    .bind(ending.reason.as_str())
    .bind(ending.user);
    let chosen = match ending.which {
        Which::One(id) => all.push_bind(" AND id = ", id),
        // With the password everything changes that was given under the one before.
        Which::AllBut(id) if ending.reason == EndReason::PasswordChanged => all
            .push_bind(" AND id <> ", id)
            .push_bind(" AND (parent_id IS NULL OR parent_id <> ", id)
            .push(")"),
        Which::AllBut(id) => all.push_bind(" AND client_id IS NULL AND id <> ", id),
        Which::All => all,
    };
    let ended = chosen.push(
        " RETURNING id, user_id, accepted_until, replays, expires_at > $1 AS live, client_id IS NOT NULL AS is_grant",
    );
    let rows = transaction.fetch_all(ended).await?;
    let mut ended = Ended {
        revocations: revocations_of(&rows)?,
        ..Ended::default()
    };
    for row in &rows {
        ended.replays += row.try_get::<i64>("replays")?;
        let is_grant: bool = row.try_get("is_grant")?;
        ended.sessions += usize::from(row.try_get::<bool>("live")? && !is_grant);
        let id = rows::session_id(row)?;
        if is_grant {
            sign_outs::of_grant(transaction, id, ending.now).await?;
        } else if ending.which != Which::All {
            let with_it = grant_ends::end_with(transaction, id, ending.now).await?;
            ended.of_grants.extend(with_it);
        }
    }
    Ok(ended)
}

/// Revokes every access token of a user at once, by raising their version.
pub(super) async fn raise_version<E: Engine>(
    transaction: &mut Transaction<E>,
    user: UserId,
) -> Result<Option<Revocation>, StoreError> {
    let statement = sql("UPDATE users SET version = version + 1 WHERE id = $1 \
         RETURNING version, (SELECT max(accepted_until) FROM sessions WHERE user_id = $1) AS accepted_until")
    .bind(user);
    let row = transaction.fetch_optional(statement).await?;
    match row {
        Some(row) => rows::user_revocation(&row, user),
        None => Ok(None),
    }
}

/// Revocations of these sessions' access tokens.
pub(super) fn revocations_of(rows: &[impl Columns]) -> Result<Vec<Revocation>, StoreError> {
    rows.iter().map(rows::session_revocation).collect()
}
