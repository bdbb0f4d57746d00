use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::{Action, Actor, Event},
    id::{SessionId, UserId},
    revocation::{Revocation, Target},
    session::{EndReason, Presented, RotationRules, Session},
    throttle::Claimant,
    time::Timestamp,
    user::{PasswordHash, User, UserVersion},
};

/// Sign-ins, from their opening to their end.
#[async_trait]
pub trait Sessions: Send + Sync + std::fmt::Debug {
    /// Opens a session if the account is still what its proof was checked against.
    async fn open_session(&self, opening: Opening) -> Result<OpenSession, StoreError>;

    /// Exchanges a refresh token: moves the session one generation on if the token presented is the current
    /// one, or says what presenting it means, ending the session where that is the answer.
    async fn rotate_session(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError>;

    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// A user's live sessions, the newest first.
    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends sessions of one user and revokes what was issued to them.
    async fn end_sessions(&self, ending: &Ending) -> Result<Ended, StoreError>;
}

/// A session about to open, and what must still be true of its user when it does.
#[derive(Clone, Debug)]
pub struct Opening {
    pub session: Session,
    /// The version the user had when the proof was checked.
    pub version: UserVersion,
    /// The hash the password was checked against; `None` when an administrator vouches instead.
    pub password_hash: Option<PasswordHash>,
    /// Whose failures to sign in this success forgets.
    pub forgives: Option<Claimant>,
    pub event: Event,
}

impl Opening {
    /// Whether a user is still what the proof was checked against.
    pub(super) fn still_fits(&self, user: &Standing) -> bool {
        let same_hash = self
            .password_hash
            .as_ref()
            .is_none_or(|checked| checked.expose() == user.password_hash);
        user.version == self.version && same_hash && !user.disabled
    }

    /// What the audit trail says of a session that made room for it.
    pub(super) fn made_room(&self, ended: SessionId) -> Event {
        Event::new(Action::SessionsEnded, self.session.created_at)
            .user(self.session.user_id)
            .session(ended)
            .detail("reason", EndReason::TooMany.as_str())
    }
}

/// What decides whether a proof that was checked a moment ago still holds.
pub(super) struct Standing {
    pub(super) version: UserVersion,
    /// Empty where there is no password.
    pub(super) password_hash: String,
    pub(super) disabled: bool,
}

#[derive(Debug)]
pub enum OpenSession {
    /// It is open; these entries call back the sessions that made room.
    Opened(Vec<Revocation>),
    /// The user is gone, disabled, or no longer has the version or hash that was checked.
    AccountChanged,
}

#[derive(Debug)]
pub enum Rotation {
    /// Moved one generation on: issue the pair of the new one.
    Rotated(Box<(Session, Arc<User>)>),
    /// The same exchange again: give the identical successor.
    Replayed(Box<(Session, Arc<User>)>),
    /// Not exchanged.
    Refused(RotationRefusal),
}

#[derive(Clone, Copy, Debug)]
pub enum RotationRefusal {
    /// It was used before: the session has just ended, and this calls its access tokens back.
    Reused(Revocation),
    /// The row was older than the token: the session has just ended.
    AheadOfRow(Revocation),
    Ended,
    Expired,
    /// There is no such session, or the proof is not its own.
    Unknown,
}

/// Which sessions are to end, and why.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    pub user: UserId,
    pub which: Which,
    pub reason: EndReason,
    /// Who ends them, when it is not the user.
    pub by: Option<Actor>,
    pub now: Timestamp,
}

impl Ending {
    /// What the audit trail says of it; nothing where nothing ended and nothing was called back.
    pub(super) fn event(&self, ended: &Ended) -> Option<Event> {
        if ended.sessions == 0 && ended.revocations.is_empty() {
            return None;
        }
        let mut event = Event::new(Action::SessionsEnded, self.now)
            .user(self.user)
            .by(self.by)
            .detail("reason", self.reason.as_str())
            .detail("sessions", ended.sessions);
        if let Which::One(session) = self.which {
            event = event.session(session);
        }
        for revocation in &ended.revocations {
            if let Target::User { below, .. } = revocation.target {
                event = event.detail("version", below.0);
            }
        }
        Some(event)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    One(SessionId),
    AllBut(SessionId),
    /// Every session, and every access token whatever its session: the user's version is raised.
    All,
}

#[derive(Debug, Default)]
pub struct Ended {
    /// How many live sessions ended.
    pub sessions: usize,
    pub revocations: Vec<Revocation>,
}
