//! Acts of administrators on accounts, over HTTP or on the command line.

use super::register::Accounts;
use crate::{
    model::{
        audit::Actor,
        id::{SessionId, UserId},
        password::PasswordError,
        session::{EndReason, Session},
    },
    service::{Failure, Service, context::Context, machinery::hasher::Hasher},
    store::{Acted, AdminAction, Ending, Which},
};

mod allowed;
mod passwords;
mod unlock;
mod users;

pub use allowed::{Administrator, NotAllowed, RecentAdministrator};
pub use users::{Page, Search};

/// Acts on accounts, by one actor.
#[derive(Clone, Copy, Debug)]
pub struct Administration<'a> {
    pub context: Context<'a>,
    pub hasher: &'a Hasher,
    pub by: Actor,
    /// Whether the acts may take away even the last enabled administrator.
    pub may_take_last_admin: bool,
    /// The service's URL.
    pub issuer: &'a str,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    #[error("there is no such user")]
    UserNotFound,
    #[error("the user has no such live session")]
    SessionNotFound,
    #[error("the name, or one that looks like it, belongs to somebody")]
    UsernameTaken,
    #[error(transparent)]
    WeakPassword(PasswordError),
    /// Nobody but the command line makes codes for administrators.
    #[error("an administrator is made with a password, or on the command line")]
    AdminWithoutPassword,
    /// Administrators do not lock themselves out.
    #[error("administrators do not take the role from themselves, nor disable or delete themselves")]
    OwnAccount,
    /// Another administrator could not help either: there are no codes for administrators.
    #[error("administrators do not reset themselves: they change their password")]
    OwnPassword,
    #[error("administrators do not make codes for each other")]
    TargetIsAdmin,
    #[error("this is the last enabled administrator: afterwards nobody could administrate")]
    LastAdmin,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// The acts open to an administrator.
    #[must_use]
    pub fn administration(&self, admin: &Administrator) -> Administration<'_> {
        Administration {
            context: self.context(),
            hasher: &self.hasher,
            by: admin.actor(),
            may_take_last_admin: false,
            issuer: &self.rules.issuer,
        }
    }
}

impl<'a> Administration<'a> {
    /// A user's live sessions, the newest first.
    ///
    /// # Errors
    ///
    /// [`AdminError::UserNotFound`].
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Session>, AdminError> {
        self.find(user).await?;
        Ok(self
            .context
            .store
            .live_sessions(user, self.context.now())
            .await
            .map_err(Failure::from)?)
    }

    /// Ends one of a user's sessions.
    ///
    /// # Errors
    ///
    /// [`AdminError::UserNotFound`], [`AdminError::SessionNotFound`] when it is not theirs or not live.
    pub async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), AdminError> {
        self.find(user).await?;
        match self.end(user, Which::One(session)).await? {
            0 => Err(AdminError::SessionNotFound),
            _ => Ok(()),
        }
    }

    /// Ends every session of a user and revokes every access token; returns how many sessions there were.
    ///
    /// # Errors
    ///
    /// [`AdminError::UserNotFound`].
    pub async fn end_sessions(&self, user: UserId) -> Result<usize, AdminError> {
        self.find(user).await?;
        self.end(user, Which::All).await
    }

    async fn end(&self, user: UserId, which: Which) -> Result<usize, AdminError> {
        let ending = Ending {
            user,
            which,
            reason: EndReason::Admin,
            by: Some(self.by),
            now: self.context.now(),
        };
        let ended = self
            .context
            .store
            .end_sessions(&ending)
            .await
            .map_err(Failure::from)?;
        self.context.heed(&ended.revocations).await?;
        Ok(ended.sessions)
    }

    fn accounts(&self) -> Accounts<'a> {
        Accounts {
            context: self.context,
            hasher: self.hasher,
            issuer: self.issuer,
        }
    }

    fn act(&self, user: UserId) -> AdminAction {
        AdminAction {
            user,
            by: self.by,
            now: self.context.now(),
            may_take_last_admin: self.may_take_last_admin,
        }
    }

    /// Takes in an act's revocations, also those of others who had done it before or deleted the user, and gives its
    /// outcome.
    async fn done<T>(&self, acted: Acted<T>) -> Result<T, AdminError> {
        let (outcome, revocations) = match acted {
            Acted::Done(value, revocations) => (Ok(value), revocations),
            Acted::NotFound => (Err(AdminError::UserNotFound), Vec::new()),
            Acted::LastAdmin => (Err(AdminError::LastAdmin), Vec::new()),
            Acted::TargetIsAdmin => (Err(AdminError::TargetIsAdmin), Vec::new()),
        };
        self.context.heed(&revocations).await?;
        outcome
    }
}
