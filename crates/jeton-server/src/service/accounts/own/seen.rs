//! Users' own accounts as they see them: sessions and why they ended, events, and how far an act would reach.

use std::collections::HashMap;

use super::{OwnError, owner};
use crate::{
    model::{
        audit::{Action, Actor, Recorded},
        id::{SessionId, UserId},
        session::Session,
    },
    service::{Failure, Service, caller::Caller, tokens::explain::WhyOver},
    store::Wanted,
};

/// How many sessions' events are asked for in one statement.
const AT_ONCE: usize = 500;

/// How far an act on all of a user's sessions would reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The live sessions, the caller's among them.
    pub sessions: usize,
    /// Those that administrators opened on the user's behalf, which count among them.
    pub on_behalf: usize,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct OwnSession {
    pub session: Session,
    /// The event of its opening, with the address it was opened from; none when it is not kept any more.
    pub opened: Option<Recorded>,
    /// None while it lives.
    pub over: Option<WhyOver>,
    /// The event that ended it.
    pub cause: Option<Recorded>,
}

impl Service {
    /// How many sessions an end of all would end.
    ///
    /// # Errors
    ///
    /// [`OwnError::OnBehalf`].
    pub async fn own_reach(&self, caller: &Caller) -> Result<Reach, OwnError> {
        let live = self.live_sessions(owner(caller)?).await?;
        let on_behalf = live.iter().filter(|session| session.actor.is_some()).count();
        Ok(Reach {
            sessions: live.len(),
            on_behalf,
        })
    }

    /// Events about the user, the newest first, at most `limit` of them; `before` is the number of the last event of the
    /// page before. What identifies somebody else who acted is left out.
    ///
    /// # Errors
    ///
    /// [`OwnError::OnBehalf`].
    pub async fn own_events(
        &self,
        caller: &Caller,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Recorded>, OwnError> {
        Ok(self.events_about(owner(caller)?, before, limit).await?)
    }

    /// A user's sessions: those that have not ended, the newest first, then at most `ended` that have, the last to end
    /// first.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn own_sessions(&self, user: UserId, ended: u32) -> Result<Vec<OwnSession>, Failure> {
        let mut sessions = self.opened_sessions(user, ended).await?;
        for own in &mut sessions {
            if own.session.ended.is_some() {
                let cause = self.store.ending_event(own.session.id).await?;
                own.cause = cause.map(|event| without_others(user, event));
            }
        }
        Ok(sessions)
    }

    /// The same with the events of their openings alone.
    pub(super) async fn opened_sessions(&self, user: UserId, ended: u32) -> Result<Vec<OwnSession>, Failure> {
        let rows = self.store.sessions_of(user, ended).await?;
        let mut openings = HashMap::new();
        for some in rows.chunks(AT_ONCE) {
            let ids: Vec<SessionId> = some.iter().map(|session| session.id).collect();
            let events = self.store.first_events(&ids).await?.into_iter();
            let events = events.filter(is_opening);
            openings.extend(events.filter_map(|event| Some((event.session?, without_others(user, event)))));
        }
        let now = self.now();
        let sessions = rows.into_iter().map(|session| OwnSession {
            opened: openings.remove(&session.id),
            over: WhyOver::of(&session, now),
            cause: None,
            session,
        });
        Ok(sessions.collect())
    }

    pub(super) async fn events_about(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Recorded>, Failure> {
        let wanted = Wanted {
            user: Some(user),
            before,
            limit,
            ..Wanted::default()
        };
        let events = self.store.events(&wanted).await?;
        let shown = events.into_iter().map(|event| without_others(user, event));
        Ok(shown.collect())
    }
}

fn is_opening(event: &Recorded) -> bool {
    [Action::SignedIn, Action::ActedFor]
        .iter()
        .any(|action| action.as_str() == event.action)
}

/// An event without the device and address of somebody else who acted.
fn without_others(user: UserId, event: Recorded) -> Recorded {
    let own = event.actor.is_none() || event.actor == Some(Actor::User(user).to_string());
    Recorded {
        personal: event.personal.filter(|_| own),
        ..event
    }
}
