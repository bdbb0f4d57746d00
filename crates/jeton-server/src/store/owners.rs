use async_trait::async_trait;

use super::{Acted, Ending, StoreError, Which};
use crate::model::{
    audit::{Action, Event, Recorded},
    id::{SessionId, UserId},
    revocation::Revocation,
    session::{EndReason, Session},
    time::Timestamp,
    user::{Account, User, own::OwnChange},
};

/// Users and their own accounts.
#[async_trait]
pub trait Owners: Send + Sync + std::fmt::Debug {
    /// The account of a user, with what proves them.
    async fn account(&self, user: UserId) -> Result<Option<Account>, StoreError>;

    /// Changes a user's own account. A new name revokes the access tokens that have the old one.
    async fn change_own(&self, act: &OwnAct) -> Result<OwnChanged, StoreError>;

    /// Deletes a user at their own wish, as [`delete_user`](super::Users::delete_user) does; the last enabled
    /// administrator stays.
    async fn delete_own(&self, deletion: &OwnDeletion) -> Result<Acted<()>, StoreError>;

    /// A user's sessions that have not ended, the newest first, and then those that have, the last to end first, at most
    /// `ended` of them.
    async fn sessions_of(&self, user: UserId, ended: u32) -> Result<Vec<Session>, StoreError>;

    /// The first event of each of these sessions, as far as it is kept: that of its opening.
    async fn first_events(&self, sessions: &[SessionId]) -> Result<Vec<Recorded>, StoreError>;
}

/// A change of a user's own account.
#[derive(Clone, Debug)]
pub struct OwnAct {
    pub user: UserId,
    pub change: OwnChange,
    /// Recorded if anything becomes different.
    pub event: Event,
}

/// The outcome of such a change.
#[derive(Debug)]
pub enum OwnChanged {
    /// The user as they are now, and what revokes the tokens from before.
    Done(Box<User>, Vec<Revocation>),
    /// There is no such user any more, or they are disabled.
    Gone,
    /// The name, or one that looks like it, belongs to somebody else.
    UsernameTaken,
}

/// A deletion at the user's own wish.
#[derive(Clone, Copy, Debug)]
pub struct OwnDeletion {
    pub user: UserId,
    pub now: Timestamp,
}

impl OwnDeletion {
    /// The end of every session that comes with it.
    pub(super) const fn ending(&self) -> Ending {
        Ending {
            user: self.user,
            which: Which::All,
            reason: EndReason::Deleted,
            by: None,
            now: self.now,
        }
    }

    pub(super) fn event(&self) -> Event {
        Event::new(Action::UserDeleted, self.now).user(self.user)
    }
}
