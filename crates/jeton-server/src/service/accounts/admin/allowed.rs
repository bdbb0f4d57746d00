//! Administrators by the database's word, asked at every request: a token may be older than its user's roles.
//!
//! Their acts check once more, each in its own transaction: see `store`.

use std::ops::Deref;

use crate::{
    model::{
        audit::Actor,
        id::{SessionId, UserId},
        role::ADMIN,
        user_agent::UserAgent,
    },
    service::{Failure, Service, caller::Caller, tokens::refusals::Bearer},
};

/// A user who is an administrator at this moment, whatever the roles in their token say, and signed in themselves.
#[derive(Clone, Copy, Debug)]
pub struct Administrator {
    id: UserId,
    session: SessionId,
}

/// An administrator who signed in a short time ago, as changes require.
#[derive(Clone, Copy, Debug)]
pub struct RecentAdministrator(Administrator);

/// Why an administrator's act is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAllowed {
    /// The user is no administrator, or no longer, or somebody acts on their behalf.
    #[error("only an administrator may do this")]
    NotAdmin,
    /// The administrator signed in too long ago.
    #[error("the administrator signed in too long ago")]
    NotRecent,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Administrator {
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// The session they ask from.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The administrator as the actor of an event.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor::User(self.id)
    }
}

impl Deref for RecentAdministrator {
    type Target = Administrator;

    fn deref(&self) -> &Administrator {
        &self.0
    }
}

impl Service {
    /// The administrator who bears a token. A token issued to somebody who acts for its user is no administrator's: it
    /// may do what its user may, and nothing to others. A refusal is recorded in the audit trail.
    ///
    /// # Errors
    ///
    /// [`NotAllowed::NotAdmin`].
    pub async fn administrator(
        &self,
        caller: &Caller,
        agent: &UserAgent,
    ) -> Result<Administrator, NotAllowed> {
        let id = caller.user();
        if caller.actor().is_none() {
            let found = self.store.user(id).await.map_err(Failure::from)?;
            if found.is_some_and(|user| user.is_active_admin()) {
                let session = caller.session();
                return Ok(Administrator { id, session });
            }
        }
        self.note_refusal(Bearer::User(caller), ADMIN, agent).await;
        Err(NotAllowed::NotAdmin)
    }

    /// An administrator whose token comes from a sign-in within the last [`RECENT`](crate::service::caller::RECENT).
    ///
    /// # Errors
    ///
    /// [`NotAllowed::NotAdmin`] or [`NotAllowed::NotRecent`].
    pub async fn recent_administrator(
        &self,
        caller: &Caller,
        agent: &UserAgent,
    ) -> Result<RecentAdministrator, NotAllowed> {
        let administrator = self.administrator(caller, agent).await?;
        if caller.is_recent(self.now()) {
            Ok(RecentAdministrator(administrator))
        } else {
            Err(NotAllowed::NotRecent)
        }
    }
}
