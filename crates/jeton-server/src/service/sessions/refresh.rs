use std::{sync::atomic::Ordering, time::Duration};

use jeton::VerifyError;

use crate::{
    model::{
        id::TokenId,
        session::{Presented, REFRESH_EVERY, RotationRules},
        time::Timestamp,
    },
    service::{Failure, Service, accounts::login::SignedIn},
    store::{Rotation, RotationRefusal},
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The token is no refresh token of this service, or its time is over.
    #[error("the refresh token is not acceptable: {0}")]
    Invalid(VerifyError),
    /// The token was exchanged before and its successor was used, so somebody holds a copy. The session has ended.
    #[error("the refresh token was used before")]
    Reused,
    /// Its session has ended.
    #[error("the session has ended")]
    Ended,
    #[error("the session has expired")]
    Expired,
    /// Its session was refreshed so often that the next time has to wait.
    #[error("the session was refreshed too often")]
    TooOften { left: Duration },
    /// There is no such session.
    #[error("there is no such session")]
    Unknown,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Verifies a refresh token's signature and times, and reads its session, generation and proof.
    ///
    /// # Errors
    ///
    /// [`RefreshError::Invalid`] when the token is no refresh token of this service or its time is over.
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
        if rules.limited && self.turned_away.has(presented, rules.now) {
            return Err(RefreshError::TooOften { left: REFRESH_EVERY });
        }
        let rotated = self
            .store
            .rotate_session(presented, &rules)
            .await
            .map_err(Failure::from)?;
        let (session, user) = match rotated {
            Rotation::Rotated(both) => *both,
            Rotation::Replayed(both) => {
                self.replays.fetch_add(1, Ordering::Relaxed);
                tracing::info!(session = %presented.session(), "refresh replayed");
                *both
            }
            Rotation::Refused(refusal) => return Err(self.refused(presented, &rules, refusal).await),
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

    pub(in crate::service) fn rotation_rules(&self, now: Timestamp) -> RotationRules {
        RotationRules {
            now,
            grace: self.rules.refresh_grace,
            lifetime: self.rules.refresh_lifetime,
            accepted_for: self.accepted_for(),
            refresh_key: self.tokens().refresh_key(),
            limited: self.rules.throttle.is_some(),
        }
    }

    /// The error for a token that was not exchanged. If that ended the session, its access tokens are refused here now.
    pub(in crate::service) async fn refused(
        &self,
        presented: &Presented,
        rules: &RotationRules,
        refusal: RotationRefusal,
    ) -> RefreshError {
        let session = presented.session();
        match refusal {
            RotationRefusal::Reused(revocation) => {
                // Also those of the grants that ended with it.
                if let Err(failure) = self.heed(&[revocation]).await {
                    return failure.into();
                }
                tracing::warn!(%session, "refresh token reused: session ended");
                RefreshError::Reused
            }
            RotationRefusal::AheadOfRow(revocation) => {
                if let Err(failure) = self.heed(&[revocation]).await {
                    return failure.into();
                }
                tracing::warn!(%session, "refresh token newer than its session, as after a restored back-up: session ended");
                RefreshError::Ended
            }
            RotationRefusal::TooOften => {
                self.turned_away.note(presented, rules.now);
                RefreshError::TooOften { left: REFRESH_EVERY }
            }
            RotationRefusal::Ended => self.gone(presented, RefreshError::Ended).await,
            RotationRefusal::Expired => RefreshError::Expired,
            RotationRefusal::Unknown => self.gone(presented, RefreshError::Unknown).await,
        }
    }

    /// The error for a session that is there no more, once its access tokens are refused here too: another process may
    /// have ended it, or deleted its user, a moment ago.
    pub(in crate::service) async fn gone(&self, presented: &Presented, error: RefreshError) -> RefreshError {
        if self.revocations.set().names_session(&presented.session()) {
            return error;
        }
        match self.heed(&[]).await {
            Ok(()) => error,
            Err(failure) => failure.into(),
        }
    }
}
