use std::sync::Arc;

use async_trait::async_trait;

use super::{StoreError, acting::Lapse, rotation::with_replays};
use crate::model::{
    audit::{Action, Actor, Event},
    id::{SessionId, UserId},
    revocation::{Revocation, Target},
    session::{EndReason, Presented, RotationRules, Session},
    throttle::Counted,
    time::Timestamp,
    user::{PasswordHash, User, UserVersion},
};

/// Sign-ins, from their opening to their end.
#[async_trait]
pub trait Sessions: Send + Sync + std::fmt::Debug {
    /// Opens a session if the account is still what its proof was checked against. One opened on a user's behalf needs
    /// an administrator, and a user who is none.
    async fn open_session(&self, opening: Opening) -> Result<OpenSession, StoreError>;

    /// Exchanges a refresh token: moves the session one generation on if the token presented is the current
    /// one; otherwise returns what the token means, and ends the session where that follows.
    async fn rotate_session(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError>;

    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// A user's live sessions, the newest first.
    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Notes in a live session that its user has proved once more who they are, if the proof still holds. A session that
    /// was opened on a user's behalf is nobody's to prove.
    async fn reauthenticate(&self, proof: &Reauthentication) -> Result<Reauthenticated, StoreError>;

    /// Ends sessions of one user and revokes their tokens. If all end, so do those the user opened for others.
    async fn end_sessions(&self, ending: &Ending) -> Result<Ended, StoreError>;
}

/// A session about to open, and the conditions on its user when it does.
#[derive(Clone, Debug)]
pub struct Opening {
    pub session: Session,
    pub proof: Proof,
    /// The attempt that counts as a failure until this success.
    pub forgives: Option<Counted>,
    pub event: Event,
}

/// The proof that a session is opened on.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A password, by the hash it was checked against. While that hash is there it is the user's password, however
    /// often their version rose since.
    Password(PasswordHash),
    /// The word of an administrator, for a user under this version.
    Vouched(UserVersion),
}

impl Opening {
    /// The administrator who opens the session on its owner's behalf.
    pub(super) fn actor(&self) -> Option<Actor> {
        self.session.actor.map(Actor::User)
    }

    /// Whether the proof still holds. Nobody acts for an administrator.
    pub(super) fn still_fits(&self, user: &AccountSnapshot) -> bool {
        let holds = match &self.proof {
            Proof::Password(checked) => checked.expose() == user.password_hash,
            Proof::Vouched(version) => user.version == *version,
        };
        let may_be_acted_for = self.session.actor.is_none() || !user.is_admin;
        holds && !user.disabled && may_be_acted_for
    }

    /// The event of a session that ended to make room for this one.
    pub(super) fn made_room(&self, ended: SessionId, replays: i64) -> Event {
        let event = Event::new(Action::SessionsEnded, self.session.created_at)
            .user(self.session.user_id)
            .session(ended)
            .by(self.event.by)
            .detail("reason", EndReason::TooMany.as_str());
        with_replays(event, replays)
    }
}

/// The state of a user by which a proof that was checked a moment ago still holds.
pub(super) struct AccountSnapshot {
    pub(super) version: UserVersion,
    /// Empty where there is no password.
    pub(super) password_hash: String,
    pub(super) disabled: bool,
    pub(super) is_admin: bool,
}

#[derive(Debug)]
pub enum OpenSession {
    Opened(Box<Opened>),
    /// The user is gone or disabled, or the proof does not hold any more.
    AccountChanged,
}

/// A session that is open.
#[derive(Debug)]
pub struct Opened {
    /// The user as they are at this moment, for the tokens' claims.
    pub user: User,
    /// Revocations of the sessions that ended to make room.
    pub made_room: Vec<Revocation>,
}

/// A password that was given again in a session.
#[derive(Clone, Debug)]
pub struct Reauthentication {
    pub user: UserId,
    pub session: SessionId,
    /// The hash that the password was checked against.
    pub checked: PasswordHash,
    /// The attempt that counts as a failure until this success.
    pub forgives: Option<Counted>,
    /// Says when it was.
    pub event: Event,
}

#[derive(Debug)]
pub enum Reauthenticated {
    Done(Box<Session>),
    /// The user is gone or disabled, or the hash is not theirs any more.
    AccountChanged,
    /// The user has no such live session.
    SessionOver,
}

#[derive(Debug)]
pub enum Rotation {
    /// Moved one generation on: issue the pair of the new one.
    Rotated(Box<(Session, Arc<User>)>),
    /// Exchanged before, within the grace time: give the identical successor.
    Replayed(Box<(Session, Arc<User>)>),
    /// Not exchanged.
    Refused(RotationRefusal),
}

#[derive(Clone, Copy, Debug)]
pub enum RotationRefusal {
    /// The token was used before: the session has just ended, and this revokes its access tokens.
    Reused(Revocation),
    /// The row was older than the token: the session has just ended.
    AheadOfRow(Revocation),
    Ended,
    Expired,
    /// The session was refreshed so often that the next time has to wait. Nothing was written.
    TooOften,
    /// There is no such session, or the proof is not its own.
    Unknown,
}

/// The sessions of a user that are to end, and the reason.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    pub user: UserId,
    pub which: Which,
    pub reason: EndReason,
    /// The actor who ends them, when it is not the user.
    pub by: Option<Actor>,
    pub now: Timestamp,
}

impl Ending {
    /// The end of all acting on behalf that comes with the end of all the user's sessions.
    pub(super) const fn lapse(&self) -> Lapse {
        Lapse {
            user: self.user,
            by: self.by,
            now: self.now,
        }
    }

    /// The event of the end; none where nothing ended and nothing was revoked.
    pub(super) fn event(&self, ended: &Ended) -> Option<Event> {
        if ended.sessions == 0 && ended.revocations.is_empty() {
            return None;
        }
        let mut event = Event::new(Action::SessionsEnded, self.now)
            .user(self.user)
            .by(self.by)
            .detail("reason", self.reason.as_str())
            .detail("sessions", ended.sessions);
        event = with_replays(event, ended.replays);
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
    /// How often their last exchanges were replayed.
    pub replays: i64,
    pub revocations: Vec<Revocation>,
    /// Of the grants that ended with their sessions, whose events are their own.
    pub(super) of_grants: Vec<Revocation>,
}
