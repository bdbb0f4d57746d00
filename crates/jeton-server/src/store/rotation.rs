//! Refreshes of one group: decided in memory by the model, one after the other, then written together by the engine.
//! The rows are locked before they are read, so that the decisions are still true when they are written.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{Rotation, RotationRefusal};
use crate::model::{
    audit::{Action, Event},
    id::{SessionId, UserId},
    revocation::{Revocation, Target},
    session::{EndReason, Presented, RotationRules, Session, TooOften, Verdict},
    time::Timestamp,
    user::User,
};

/// A refresh token presented, and the rules at the time.
pub(super) type Request = (Presented, RotationRules);

/// Answers each request in turn, on the sessions as the requests before it have left them.
pub(super) fn rotate_all(
    requests: &[&Request],
    sessions: &mut HashMap<SessionId, Session>,
    users: &HashMap<UserId, Arc<User>>,
) -> (Vec<Rotation>, Changes) {
    let mut changes = Changes::default();
    let rotations = requests
        .iter()
        .map(|request| rotate(request, sessions, users, &mut changes))
        .collect();
    (rotations, changes)
}

fn rotate(
    (presented, rules): &Request,
    sessions: &mut HashMap<SessionId, Session>,
    users: &HashMap<UserId, Arc<User>>,
    changes: &mut Changes,
) -> Rotation {
    let Some(session) = sessions.get_mut(&presented.session()) else {
        return Rotation::Refused(RotationRefusal::Unknown);
    };
    let verdict = session.verdict(presented, rules.now, rules.grace);
    let refusal = match (verdict, users.get(&session.user_id)) {
        (Verdict::Current, Some(user)) if !user.disabled => {
            // Read first: moving on resets the count.
            let replays = session.replays;
            match session.advance(rules) {
                Ok(()) => {
                    changes.moved(session, replays);
                    return Rotation::Rotated(Box::new((session.clone(), Arc::clone(user))));
                }
                Err(TooOften) => RotationRefusal::TooOften,
            }
        }
        (Verdict::Replay, Some(user)) if !user.disabled => match session.replay(rules) {
            Ok(()) => {
                changes.replayed(session, rules.now);
                return Rotation::Replayed(Box::new((session.clone(), Arc::clone(user))));
            }
            Err(TooOften) => RotationRefusal::TooOften,
        },
        (Verdict::Reuse, _) => {
            RotationRefusal::Reused(changes.ended(Action::Reused, EndReason::Reuse, session, rules.now))
        }
        (Verdict::AheadOfRow, _) => RotationRefusal::AheadOfRow(changes.ended(
            Action::AheadOfRow,
            EndReason::AheadOfRow,
            session,
            rules.now,
        )),
        // Also a live session whose owner is gone or disabled.
        (Verdict::Ended | Verdict::Current | Verdict::Replay, _) => RotationRefusal::Ended,
        (Verdict::Expired, _) => RotationRefusal::Expired,
        (Verdict::Forged, _) => RotationRefusal::Unknown,
    };
    Rotation::Refused(refusal)
}

/// The changes of a group of refreshes.
#[derive(Default)]
pub(super) struct Changes {
    /// Sessions that moved on or were replayed: each is written once, in its last state.
    pub(super) refreshed: HashSet<SessionId>,
    pub(super) ended: Vec<(SessionId, EndReason, Timestamp, Revocation)>,
    pub(super) events: Vec<Event>,
}

impl Changes {
    /// Notes a session that moved on. `replays` is how often the exchange before was replayed.
    fn moved(&mut self, session: &Session, replays: u32) {
        self.refreshed.insert(session.id);
        self.noted(Action::Refreshed, session, replays, session.rotated_at);
    }

    /// Notes a replay. The first of an exchange has an event; later ones are counted in the row and added to the next
    /// event, so that a client in a loop does not flood the trail.
    fn replayed(&mut self, session: &Session, now: Timestamp) {
        self.refreshed.insert(session.id);
        if session.replays == 1 {
            self.noted(Action::Replayed, session, 0, now);
        }
    }

    fn ended(
        &mut self,
        action: Action,
        reason: EndReason,
        session: &mut Session,
        now: Timestamp,
    ) -> Revocation {
        session.ended = Some(reason);
        session.ended_at = Some(now);
        let revocation = Revocation {
            target: Target::Session(session.id),
            until: session.accepted_until,
        };
        self.ended.push((session.id, reason, now, revocation));
        self.noted(action, session, session.replays, now);
        revocation
    }

    fn noted(&mut self, action: Action, session: &Session, replays: u32, now: Timestamp) {
        let event = Event::new(action, now).user(session.user_id).session(session.id);
        let event = event.detail("generation", session.generation.0);
        self.events.push(with_replays(event, replays.into()));
    }
}

/// Adds to an event the number of replays that have none of their own.
pub(super) fn with_replays(event: Event, replays: i64) -> Event {
    if replays == 0 {
        event
    } else {
        event.detail("replays", replays)
    }
}
