use std::{ops::Deref, time::Duration};

use jeton::Verified;

use crate::{
    model::{
        audit::{Action, Actor, Event},
        id::{SessionId, UserId},
        session::Session,
        time::Timestamp,
    },
    service::{Service, machinery::claims::Access},
};

/// How recently somebody must have signed in for what asks for that.
pub const RECENT: Duration = Duration::from_mins(15);

/// The bearer of a verified access token, or whoever has a live session in their browser. Their acts are the user's, or those of the administrator whom the token names
/// as acting on the user's behalf.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    user: UserId,
    session: SessionId,
    acting: Option<UserId>,
    signed_in_at: Option<Timestamp>,
}

impl Caller {
    /// The caller of a token; none where its subject is no user.
    #[must_use]
    pub fn of(token: &Verified<Access>) -> Option<Self> {
        let claims = token.claims();
        Some(Self {
            user: token.subject()?.parse().ok()?,
            session: claims.sid,
            acting: claims.act.as_ref().map(|actor| actor.sub),
            signed_in_at: claims.auth_time.map(Timestamp::from_seconds),
        })
    }

    /// The caller whose session this is, as its row has it: whoever calls this has found the session live.
    #[must_use]
    pub fn of_session(session: &Session) -> Self {
        Self {
            user: session.user_id,
            session: session.id,
            acting: session.actor,
            signed_in_at: session.actor.is_none().then_some(session.authenticated_at),
        }
    }

    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The administrator who acts on the user's behalf; none where the user does.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        self.acting.map(Actor::User)
    }

    /// When the user signed in, as far as the token says.
    #[must_use]
    pub const fn signed_in_at(&self) -> Option<Timestamp> {
        self.signed_in_at
    }

    /// Whether the user signed in within the last [`RECENT`].
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        self.signed_in_at.is_some_and(|at| now.since(at) <= RECENT)
    }

    /// An event that the caller causes.
    pub(super) fn event(&self, action: Action, now: Timestamp) -> Event {
        Event::new(action, now)
            .user(self.user)
            .session(self.session)
            .by(self.actor())
    }
}

/// A user who signed in themselves a short time ago.
#[derive(Clone, Copy, Debug)]
pub struct RecentCaller(Caller);

impl Deref for RecentCaller {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

/// Why a caller is none who signed in a short time ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRecent {
    #[error("somebody acts on the user's behalf")]
    OnBehalf,
    #[error("the user signed in too long ago")]
    TooLongAgo,
}

impl Service {
    /// A caller who signed in themselves within the last [`RECENT`].
    ///
    /// # Errors
    ///
    /// [`NotRecent`] says what is missing.
    pub fn recent_caller(&self, caller: &Caller) -> Result<RecentCaller, NotRecent> {
        if caller.actor().is_some() {
            Err(NotRecent::OnBehalf)
        } else if caller.is_recent(self.now()) {
            Ok(RecentCaller(*caller))
        } else {
            Err(NotRecent::TooLongAgo)
        }
    }
}
