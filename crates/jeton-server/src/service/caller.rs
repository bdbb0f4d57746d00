use jeton::Verified;

use crate::{
    model::{
        audit::{Action, Actor, Event},
        id::{SessionId, UserId},
        time::Timestamp,
    },
    service::machinery::claims::Access,
};

/// The bearer of a verified access token. What they cause is the user's doing, or that of the administrator whom the
/// token names as acting in the user's place.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    user: UserId,
    session: SessionId,
    acting: Option<UserId>,
}

impl Caller {
    /// None where the token's subject is no user.
    #[must_use]
    pub fn of(token: &Verified<Access>) -> Option<Self> {
        let claims = token.claims();
        Some(Self {
            user: token.subject()?.parse().ok()?,
            session: claims.sid,
            acting: claims.act.as_ref().map(|actor| actor.sub),
        })
    }

    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Who it is if not the user themselves.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        self.acting.map(Actor::User)
    }

    /// What the audit trail says of something they cause.
    pub(super) fn event(&self, action: Action, now: Timestamp) -> Event {
        Event::new(action, now)
            .user(self.user)
            .session(self.session)
            .by(self.actor())
    }
}
