//! Who is an administrator: asked of the database at every request, since a token may be older than its user's roles.
//!
//! Their acts ask once more, each in its own transaction: see `store`.

use std::ops::Deref;

use super::{Access, Actor, Duration, Failure, Service, SessionId, UserId};
use crate::model::time::Timestamp;

/// How recently an administrator must have signed in to change something.
pub const RECENT: Duration = Duration::from_mins(15);

/// Somebody who is an administrator at this moment, whatever the roles in their token say, and signed in themselves.
#[derive(Clone, Copy, Debug)]
pub struct Administrator {
    id: UserId,
    session: SessionId,
}

/// An administrator who signed in a short time ago: what changes something asks for this.
#[derive(Clone, Copy, Debug)]
pub struct RecentAdministrator(Administrator);

/// Why somebody may not do what administrators do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAllowed {
    /// No administrator, or no longer, or somebody who acts for one.
    #[error("only an administrator may do this")]
    NotAdmin,
    /// They signed in too long ago.
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

    /// As whom the audit trail has what they do.
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
    /// The administrator whose verified token this is. One that somebody got to act for its user is none's: it may do
    /// what its user may, and nothing to others.
    ///
    /// # Errors
    ///
    /// [`NotAllowed::NotAdmin`].
    pub async fn administrator(&self, user: UserId, proof: &Access) -> Result<Administrator, NotAllowed> {
        if proof.act.is_some() {
            return Err(NotAllowed::NotAdmin);
        }
        let found = self.store.user(user).await.map_err(Failure::from)?;
        match found {
            Some(user) if user.is_active_admin() => Ok(Administrator {
                id: user.id,
                session: proof.sid,
            }),
            _ => Err(NotAllowed::NotAdmin),
        }
    }

    /// An administrator whose token comes from a sign-in within the last [`RECENT`].
    ///
    /// # Errors
    ///
    /// [`NotAllowed::NotAdmin`] or [`NotAllowed::NotRecent`].
    pub async fn recent_administrator(
        &self,
        user: UserId,
        proof: &Access,
    ) -> Result<RecentAdministrator, NotAllowed> {
        let administrator = self.administrator(user, proof).await?;
        let signed_in = proof.auth_time.map(Timestamp::from_seconds);
        if signed_in.is_some_and(|at| self.now().since(at) <= RECENT) {
            Ok(RecentAdministrator(administrator))
        } else {
            Err(NotAllowed::NotRecent)
        }
    }
}
