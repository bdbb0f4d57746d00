use jeton::Verified;

use crate::{
    model::{
        audit::{Action, Actor, Event},
        id::{SessionId, UserId},
        session::Session,
        time::Timestamp,
    },
    service::machinery::claims::Access,
};

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

    /// An event that the caller causes.
    pub(super) fn event(&self, action: Action, now: Timestamp) -> Event {
        Event::new(action, now)
            .user(self.user)
            .session(self.session)
            .by(self.actor())
    }
}
