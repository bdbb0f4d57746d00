//! What refreshes that come together do to their sessions: decided in memory by the model, in turn, and then written
//! together by the engine. The engine holds the rows from before it reads them, so what was read is what is there.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{Rotation, RotationRefusal};
use crate::model::{
    audit::{Action, Event},
    id::{SessionId, UserId},
    revocation::{Revocation, Target},
    session::{EndReason, Presented, RotationRules, Session, Verdict},
    time::Timestamp,
    user::User,
};

/// A refresh token presented, and the rules at the time.
pub(super) type Request = (Presented, RotationRules);

/// Answers each request in turn, on what those before it have left.
pub(super) fn judge_all(
    requests: &[&Request],
    sessions: &mut HashMap<SessionId, Session>,
    users: &HashMap<UserId, Arc<User>>,
) -> (Vec<Rotation>, Changes) {
    let mut changes = Changes::default();
    let rotations = requests
        .iter()
        .map(|request| judge(request, sessions, users, &mut changes))
        .collect();
    (rotations, changes)
}

fn judge(
    (presented, rules): &Request,
    sessions: &mut HashMap<SessionId, Session>,
    users: &HashMap<UserId, Arc<User>>,
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
            return Rotation::Rotated(Box::new((session.clone(), Arc::clone(user))));
        }
        (Verdict::Replay, Some(user)) if !user.disabled => {
            changes.noted(Action::Replayed, session, rules.now);
            return Rotation::Replayed(Box::new((session.clone(), Arc::clone(user))));
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
pub(super) struct Changes {
    pub(super) moved: HashSet<SessionId>,
    pub(super) ended: Vec<(SessionId, EndReason, Timestamp, Revocation)>,
    pub(super) events: Vec<Event>,
}

impl Changes {
    fn moved(&mut self, session: &Session) {
        self.moved.insert(session.id);
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
}
