use async_trait::async_trait;

use super::{StoreError, rotation::with_replays};
use crate::model::{
    audit::{Action, Actor, Event},
    id::{CeremonyId, ClientId, SessionId, UserId},
    revocation::Revocation,
    scope::Scope,
    session::{EndReason, Session},
    time::Timestamp,
    user::User,
};

/// Grants: what users let clients do. They rotate as sessions do, by [`super::Sessions::rotate_session`].
#[async_trait]
pub trait Grants: Send + Sync + std::fmt::Debug {
    /// Opens a grant for an authorization code, which is used up. A code that was used before ends the grant that it
    /// opened.
    async fn redeem(&self, redemption: Redemption) -> Result<Redeemed, StoreError>;

    /// A user's live grants, the newest first.
    async fn live_grants(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends grants, and revokes their tokens.
    async fn end_grants(&self, ending: &GrantEnding) -> Result<GrantsEnded, StoreError>;

    /// What a user allowed a client before.
    async fn consent(&self, user: UserId, client: ClientId) -> Result<Option<Consent>, StoreError>;

    /// All that a user allowed, to whichever client.
    async fn consents(&self, user: UserId) -> Result<Vec<(ClientId, Consent)>, StoreError>;

    /// Notes that a user allowed a client these scopes beside those before.
    async fn give_consent(&self, giving: &ConsentGiven) -> Result<(), StoreError>;

    /// Notes that a proof was used that is good once, until a time when it is good no more anyway. Returns whether it
    /// was not used before: of many who use it at once, one does.
    async fn use_once(&self, digest: [u8; 32], until: Timestamp) -> Result<bool, StoreError>;
}

/// A grant about to open, for a code.
#[derive(Clone, Debug)]
pub struct Redemption {
    /// The code's ceremony.
    pub code: CeremonyId,
    /// The grant's row. Its id was drawn with the code, so that a second use finds it.
    pub grant: Session,
    pub event: Event,
}

#[derive(Debug)]
pub enum Redeemed {
    /// The grant is open; the user is as they are at this moment.
    Opened(Box<(User, Vec<Revocation>)>),
    /// The code was used before. Its grant, if it was live, has just ended.
    UsedBefore(Vec<Revocation>),
    /// The code's time is over.
    Expired,
    /// The user is gone or disabled, their session is over, or the client may no longer.
    Over,
}

/// The grants that are to end, and the reason.
#[derive(Clone, Copy, Debug)]
pub struct GrantEnding {
    pub which: WhichGrants,
    pub reason: EndReason,
    /// The actor who ends them, when it is not the user.
    pub by: Option<Actor>,
    pub now: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichGrants {
    /// One grant of a user.
    One { user: UserId, grant: SessionId },
    /// All that a user let a client do, what they allowed included: they are asked the next time.
    Of { user: UserId, client: ClientId },
}

impl WhichGrants {
    pub(super) const fn user(&self) -> UserId {
        match self {
            Self::One { user, .. } | Self::Of { user, .. } => *user,
        }
    }
}

impl GrantEnding {
    /// The event of a grant's end.
    pub(super) fn event(&self, user: UserId, grant: SessionId, replays: i64) -> Event {
        ended(self.reason, self.now)(user, grant, replays).by(self.by)
    }
}

impl GrantEnding {
    /// The event of what a user had allowed being taken back.
    pub(super) fn withdrawal(&self, user: UserId, client: ClientId) -> Event {
        Event::new(Action::ConsentWithdrawn, self.now)
            .user(user)
            .by(self.by)
            .detail("client", client.to_string())
    }
}

/// Writes the events of grants that end for a reason.
pub(super) fn ended(reason: EndReason, now: Timestamp) -> impl Fn(UserId, SessionId, i64) -> Event {
    move |user, grant, replays| {
        let event = Event::new(Action::SessionsEnded, now)
            .user(user)
            .session(grant)
            .detail("reason", reason.as_str());
        with_replays(event, replays)
    }
}

#[derive(Debug, Default)]
pub struct GrantsEnded {
    /// How many live grants ended.
    pub grants: usize,
    /// Whether something allowed was taken back.
    pub consent: bool,
    pub revocations: Vec<Revocation>,
}

/// What a user allowed a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub scopes: Vec<Scope>,
    pub given_at: Timestamp,
}

/// Scopes that a user allows a client.
#[derive(Clone, Debug)]
pub struct ConsentGiven {
    pub user: UserId,
    pub client: ClientId,
    pub scopes: Vec<Scope>,
    pub event: Event,
}
