//! Refreshes, many at a time: the rows are read together, judged in memory by the model, and what moved is written
//! together. The write lock is held from before the reading, so what was read is what is there.

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{audit, revocations, rows};
use crate::{
    model::{
        audit::{Action, Event},
        id::{SessionId, UserId},
        revocation::{Revocation, Target},
        session::{EndReason, Presented, RotationRules, Session, Verdict},
        time::Timestamp,
        user::User,
    },
    store::{Rotation, RotationRefusal, StoreError},
};

pub(super) type Request = (Presented, RotationRules);

/// Answers each request in turn.
pub(super) async fn rotate(
    connection: &mut SqliteConnection,
    requests: &[&Request],
) -> Result<Vec<Rotation>, StoreError> {
    let mut sessions = sessions(connection, requests).await?;
    let users = owners(connection, &sessions).await?;
    let mut changes = Changes::default();
    let rotations = requests
        .iter()
        .map(|request| judge(request, &mut sessions, &users, &mut changes))
        .collect();
    changes.write(connection, &sessions).await?;
    Ok(rotations)
}

async fn sessions(
    connection: &mut SqliteConnection,
    requests: &[&Request],
) -> Result<HashMap<SessionId, Session>, StoreError> {
    let ids = hex_list(requests.iter().map(|(presented, _)| presented.session.as_bytes()));
    let rows = sqlx::query("SELECT * FROM sessions WHERE id IN (SELECT unhex(value) FROM json_each(?))")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let sessions = rows.iter().map(rows::session);
    sessions
        .map(|session| session.map(|session| (session.id, session)))
        .collect()
}

async fn owners(
    connection: &mut SqliteConnection,
    sessions: &HashMap<SessionId, Session>,
) -> Result<HashMap<UserId, User>, StoreError> {
    let ids = hex_list(sessions.values().map(|session| session.user_id.as_bytes()));
    let rows = sqlx::query("SELECT * FROM users WHERE id IN (SELECT unhex(value) FROM json_each(?))")
        .bind(ids)
        .fetch_all(connection)
        .await?;
    let users = rows.iter().map(rows::user);
    users.map(|user| user.map(|user| (user.id, user))).collect()
}

/// Decides one request, on what those before it in the group have left.
fn judge(
    (presented, rules): &Request,
    sessions: &mut HashMap<SessionId, Session>,
    users: &HashMap<UserId, User>,
    changes: &mut Changes,
) -> Rotation {
    let Some(session) = sessions.get_mut(&presented.session) else {
        return Rotation::Refused(RotationRefusal::Unknown);
    };
    let verdict = session.judge(presented, rules.now, rules.grace);
    let refusal = match (verdict, users.get(&session.user_id)) {
        (Verdict::Current, Some(user)) if !user.disabled => {
            session.advance(rules);
            changes.moved(session);
            return Rotation::Rotated(Box::new((session.clone(), user.clone())));
        }
        (Verdict::Replay, Some(user)) if !user.disabled => {
            changes.noted(Action::Replayed, session, rules.now);
            return Rotation::Replayed(Box::new((session.clone(), user.clone())));
        }
        (Verdict::Reuse, _) => {
            RotationRefusal::Reused(changes.ended(Action::Reused, EndReason::Reuse, session, rules.now))
        }
        (Verdict::AheadOfRow, _) => RotationRefusal::AheadOfRow(changes.ended(
            Action::AheadOfRow,
            EndReason::AheadOfRow,
            session,
            rules.now,
        )),
        (Verdict::Ended | Verdict::Current | Verdict::Replay, _) => RotationRefusal::Ended,
        (Verdict::Expired, _) => RotationRefusal::Expired,
        (Verdict::Forged, _) => RotationRefusal::Unknown,
    };
    Rotation::Refused(refusal)
}

/// What a group of refreshes changes.
#[derive(Default)]
struct Changes {
    /// Sessions that moved on, however often.
    moved: Vec<SessionId>,
    ended: Vec<(SessionId, EndReason, Timestamp, Revocation)>,
    events: Vec<Event>,
}

impl Changes {
    fn moved(&mut self, session: &Session) {
        self.moved.push(session.id);
        self.noted(Action::Refreshed, session, session.rotated_at);
    }

    fn ended(
        &mut self,
        action: Action,
        reason: EndReason,
        session: &mut Session,
        now: Timestamp,
    ) -> Revocation {
        session.ended = Some(reason);
        let revocation = Revocation {
            target: Target::Session(session.id),
            until: session.accepted_until,
        };
        self.ended.push((session.id, reason, now, revocation));
        self.noted(action, session, now);
        revocation
    }

    fn noted(&mut self, action: Action, session: &Session, now: Timestamp) {
        let event = Event::new(action, now).user(session.user_id).session(session.id);
        self.events.push(event.detail("generation", session.generation.0));
    }

    async fn write(
        self,
        connection: &mut SqliteConnection,
        sessions: &HashMap<SessionId, Session>,
    ) -> Result<(), StoreError> {
        let moved = self.moved.iter().filter_map(|id| sessions.get(id));
        write_moved(connection, moved).await?;
        for (id, reason, now, revocation) in &self.ended {
            sqlx::query("UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ?")
                .bind(now.seconds())
                .bind(reason.as_str())
                .bind(&id.as_bytes()[..])
                .execute(&mut *connection)
                .await?;
            revocations::insert(connection, revocation).await?;
        }
        audit::insert_all(connection, &self.events).await
    }
}

/// The compare-and-swap of all that moved: no row goes back, whoever wrote it.
async fn write_moved<'s>(
    connection: &mut SqliteConnection,
    sessions: impl Iterator<Item = &'s Session>,
) -> Result<(), StoreError> {
    let rows: Vec<Value> = sessions
        .map(|session| {
            json!([
                hex(session.id.as_bytes()),
                session.generation.0,
                session.rotated_at.seconds(),
                session.expires_at.seconds(),
                session.accepted_until.seconds(),
            ])
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE sessions \
         SET generation = new.value ->> 1, rotated_at = new.value ->> 2, last_seen_at = new.value ->> 2, \
             expires_at = new.value ->> 3, accepted_until = new.value ->> 4 \
         FROM json_each(?) AS new \
         WHERE sessions.id = unhex(new.value ->> 0) AND generation < new.value ->> 1 AND ended_at IS NULL",
    )
    .bind(Value::Array(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

fn hex_list<'b>(ids: impl Iterator<Item = &'b [u8; 16]>) -> String {
    ids.map(hex).collect::<Value>().to_string()
}

/// As `unhex` reads it.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(*bytes))
}
