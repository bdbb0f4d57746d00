use super::{Failure, Service, refresh::RefreshError};
use crate::{
    model::{
        id::{SessionId, UserId},
        session::{EndReason, Presented, Verdict},
    },
    store::{Rotation, Which},
};

/// Which of a user's sessions a logout ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The one it was asked from.
    #[default]
    Session,
    /// Every other.
    Others,
    /// Every one, and every access token of the user, whatever issued it.
    All,
}

impl Service {
    /// Ends sessions for the bearer of an access token that has been checked.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does; nothing has ended then.
    pub async fn logout(&self, user: UserId, session: SessionId, scope: Scope) -> Result<(), Failure> {
        let which = match scope {
            Scope::Session => Which::One(session),
            Scope::Others => Which::AllBut(session),
            Scope::All => Which::All,
        };
        self.end(user, which, EndReason::Logout).await?;
        Ok(())
    }

    /// Ends sessions for the bearer of a refresh token: for who comes back after the access token expired.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], as when the token is exchanged; a token that was superseded for good ends its session
    /// and no other.
    pub async fn logout_with_refresh(&self, presented: &Presented, scope: Scope) -> Result<(), RefreshError> {
        let now = self.now();
        let session = self
            .store
            .session(presented.session)
            .await
            .map_err(Failure::from)?;
        let Some(session) = session else {
            return Err(RefreshError::Unknown);
        };
        match session.judge(presented, now, self.rules.refresh_grace) {
            Verdict::Current | Verdict::Replay => Ok(self.logout(session.user_id, session.id, scope).await?),
            Verdict::Ended => Err(RefreshError::Ended),
            Verdict::Expired => Err(RefreshError::Expired),
            Verdict::Forged => Err(RefreshError::Unknown),
            // Presenting it ends the session: the store does that, and says so, in one transaction.
            Verdict::Reuse | Verdict::AheadOfRow => {
                let rules = self.rotation_rules(now);
                match self
                    .store
                    .rotate_session(presented, &rules)
                    .await
                    .map_err(Failure::from)?
                {
                    Rotation::Refused(refusal) => Err(self.refused(presented, refusal)),
                    Rotation::Rotated(_) | Rotation::Replayed(_) => Err(RefreshError::Ended),
                }
            }
        }
    }
}
