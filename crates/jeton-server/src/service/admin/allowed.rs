//! Who is an administrator: asked of the database at every request, since a token may be older than its user's roles.

use super::{Access, Duration, Failure, Service, Timestamp, UserId};

/// How recently an administrator must have signed in to change something.
pub const RECENT: Duration = Duration::from_mins(15);

/// Why somebody may not do what administrators do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAllowed {
    /// Whoever asks is no administrator, or no longer.
    #[error("only an administrator may do this")]
    NotAdmin,
    /// They signed in too long ago.
    #[error("the administrator signed in too long ago")]
    NotRecent,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Whether a user is an administrator at this moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn is_admin(&self, user: UserId) -> Result<bool, Failure> {
        let user = self.store.user(user).await?;
        Ok(user.is_some_and(|user| user.is_active_admin()))
    }

    /// # Errors
    ///
    /// [`NotAllowed::NotAdmin`].
    pub async fn require_admin(&self, user: UserId) -> Result<(), NotAllowed> {
        if self.is_admin(user).await? {
            Ok(())
        } else {
            Err(NotAllowed::NotAdmin)
        }
    }

    /// The same for what changes something: their token must come from a sign-in within the last [`RECENT`].
    ///
    /// # Errors
    ///
    /// [`NotAllowed::NotAdmin`] or [`NotAllowed::NotRecent`].
    pub async fn require_recent_admin(&self, user: UserId, proof: &Access) -> Result<(), NotAllowed> {
        self.require_admin(user).await?;
        let signed_in = proof.auth_time.map(Timestamp::from_seconds);
        if signed_in.is_some_and(|at| self.now().since(at) <= RECENT) {
            Ok(())
        } else {
            Err(NotAllowed::NotRecent)
        }
    }
}
