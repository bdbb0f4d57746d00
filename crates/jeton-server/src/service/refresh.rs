use jeton::VerifyError;

use super::{Failure, Service, login::SignedIn};
use crate::{
    model::{
        id::TokenId,
        session::{Presented, RotationRules},
        time::Timestamp,
    },
    store::{Rotation, RotationRefusal},
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// It is not a refresh token of this service, or its time is over.
    #[error("the refresh token is not acceptable: {0}")]
    Invalid(VerifyError),
    /// It was exchanged before and its successor was used, so somebody holds a copy. The session has ended.
    #[error("the refresh token was used before")]
    Reused,
    /// Its session has ended.
    #[error("the session has ended")]
    Ended,
    #[error("the session has expired")]
    Expired,
    /// There is no such session.
    #[error("there is no such session")]
    Unknown,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Checks a refresh token's signature and times, and reads which place in which session it presents.
    ///
    /// # Errors
    ///
    /// [`RefreshError::Invalid`] when it is not a refresh token of this service or its time is over.
    pub async fn read_refresh(&self, token: &str) -> Result<Presented, RefreshError> {
        let now = self.clock.now();
        match self.tokens().read_refresh(token, now) {
            Err(VerifyError::UnknownKey) => {
                // Another node may sign with a key made a moment ago.
                self.read_keys().await?;
                self.tokens().read_refresh(token, now)
            }
            read => read,
        }
        .map_err(RefreshError::Invalid)
    }

    /// Exchanges a refresh token for its successor and a new access token.
    ///
    /// The token just exchanged gives the identical successor again, for the grace time and until that
    /// successor is used: a lost answer or a race of two tabs logs nobody out and forks no session.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]; with [`RefreshError::Reused`] the session has ended.
    pub async fn refresh(&self, presented: &Presented) -> Result<SignedIn, RefreshError> {
        let time = self.clock.now();
        let rules = self.rotation_rules(time.into());
        let rotated = self
            .store
            .rotate_session(presented, &rules)
            .await
            .map_err(Failure::from)?;
        let (session, user) = match rotated {
            Rotation::Rotated(both) => *both,
            Rotation::Replayed(both) => {
                tracing::info!(session = %presented.session, "refresh replayed");
                *both
            }
            Rotation::Refused(refusal) => return Err(self.refused(presented, refusal)),
        };
        if !self.tokens().signs_for(&session) {
            // Another node moved the session on, with a key made a moment ago.
            self.read_keys().await?;
        }
        let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
        let pair = self
            .tokens()
            .pair(&session, &user, id, time)
            .map_err(Failure::from)?;
        Ok(SignedIn {
            user: user.id,
            pair,
            device: None,
        })
    }

    pub(super) fn rotation_rules(&self, now: Timestamp) -> RotationRules {
        RotationRules {
            now,
            grace: self.rules.refresh_grace,
            lifetime: self.rules.refresh_lifetime,
            accepted_for: self.accepted_for(),
            refresh_key: self.tokens().refresh_key(),
        }
    }

    pub(super) fn refused(&self, presented: &Presented, refusal: RotationRefusal) -> RefreshError {
        let session = presented.session;
        match refusal {
            RotationRefusal::Reused(revocation) => {
                self.revoked.apply(&[revocation]);
                tracing::warn!(%session, "refresh token reused: session ended");
                RefreshError::Reused
            }
            RotationRefusal::AheadOfRow(revocation) => {
                self.revoked.apply(&[revocation]);
                tracing::warn!(%session, "refresh token newer than its session, as after a restored back-up: session ended");
                RefreshError::Ended
            }
            RotationRefusal::Ended => RefreshError::Ended,
            RotationRefusal::Expired => RefreshError::Expired,
            RotationRefusal::Unknown => RefreshError::Unknown,
        }
    }
}
