//! New passwords, by their owner with the present one.

use std::net::IpAddr;

use super::{
    login::{Claim, Credentials, LoginError, Proven, SignedIn},
    throttle::{Attempt, Place},
};
use crate::{
    model::{
        audit::Action,
        password::{ContextWords, FitPassword, NewPassword, Password, PasswordError},
        session::EndReason,
        user::PasswordHash,
        user_agent::UserAgent,
        username::PresentedName,
    },
    service::{Failure, Service, TRIES, caller::Caller},
    store::{PasswordProof, PasswordSet, SetPassword},
};

/// A new password for a user who is signed in.
#[derive(Debug)]
pub struct PasswordChange {
    pub caller: Caller,
    pub current: Password,
    pub new: NewPassword,
    pub agent: UserAgent,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangePasswordError {
    #[error("the new password is the present one")]
    Same,
    #[error(transparent)]
    Weak(PasswordError),
    /// Somebody acts on the user's behalf, and could guess at their password.
    #[error("a password is changed by its owner")]
    OnBehalf,
    /// The user has been deleted.
    #[error("there is no such user any more")]
    UserGone,
    /// The present password is wrong, or too many were.
    #[error(transparent)]
    Refused(#[from] LoginError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Sets a new password for a user who knows the present one, ends every session and opens a new one for the caller.
    ///
    /// The present password is checked as at a sign-in: a wrong one counts against the session.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`] when the present password is wrong, or the new one is too weak or the same.
    pub async fn change_password(&self, change: PasswordChange) -> Result<SignedIn, ChangePasswordError> {
        let PasswordChange {
            caller,
            current,
            new,
            agent,
        } = change;
        if caller.actor().is_some() {
            return Err(ChangePasswordError::OnBehalf);
        }
        if new.is(&current) {
            return Err(ChangePasswordError::Same);
        }
        let Some(owner) = self.store.user(caller.user()).await.map_err(Failure::from)? else {
            return Err(ChangePasswordError::UserGone);
        };
        let new = new
            .fit_for(&ContextWords::of(&owner, &self.rules.issuer))
            .map_err(ChangePasswordError::Weak)?;
        let credentials = Credentials {
            username: PresentedName::new(owner.username.as_str().to_owned()),
            password: current,
            agent,
        };
        let mut proven = self.prove(credentials, Place::Session(caller)).await?;
        let hash = self
            .hash_for(&proven.claim.attempt, new, proven.claim.agent.address)
            .await?;
        for _ in 0..TRIES {
            if let Some(signed_in) = self.replace_password(&proven, &hash, caller).await? {
                return Ok(signed_in);
            }
            proven = self.prove_again(proven.claim).await?;
        }
        Err(self.gives_up(&proven).await?.into())
    }

    /// Sets the password of an account whose right one was just given, and opens a session for it, in one transaction;
    /// nothing happens when the hash that was checked is there no longer.
    async fn replace_password(
        &self,
        proven: &Proven,
        hash: &PasswordHash,
        caller: Caller,
    ) -> Result<Option<SignedIn>, Failure> {
        let user = proven.account.user.id;
        let Claim { agent, attempt, .. } = &proven.claim;
        let time = self.clock.now();
        let event = caller
            .event(Action::PasswordChanged, time.into())
            .personal(self.personal(agent)?);
        let opening = self.opening(user, hash.clone(), agent, attempt, time)?;
        let session = opening.session.clone();
        let setting = SetPassword {
            user,
            hash: hash.clone(),
            scheme: self.hasher.scheme().to_string(),
            proof: PasswordProof::Present(proven.hash.clone()),
            reason: EndReason::PasswordChanged,
            event,
            finishes: None,
            opens: Some(opening),
        };
        let Some(PasswordSet { opened, .. }) = self.set_password(&setting).await? else {
            return Ok(None);
        };
        let opened = opened.ok_or(Failure::Changing)?;
        self.opened(&session, &opened, attempt, time).map(Some)
    }

    /// Makes the hash of a new password; if there is no turn for that, the attempt does not count.
    pub(super) async fn hash_for(
        &self,
        attempt: &Attempt,
        new: FitPassword,
        from: Option<IpAddr>,
    ) -> Result<PasswordHash, Failure> {
        let made = async { Ok(self.hasher.make(new, from, self.random.bytes()?).await?) }.await;
        if made.is_err() {
            self.withdraw(attempt).await?;
        }
        made
    }

    pub(super) async fn set_password(&self, setting: &SetPassword) -> Result<Option<PasswordSet>, Failure> {
        let set = self.store.set_password(setting).await?;
        if let Some(PasswordSet { revocations, .. }) = &set {
            // The password is set, whether or not the revocations of other nodes can be read.
            if let Err(error) = self.heed(revocations).await {
                tracing::warn!(%error, "revocations of other processes were not read");
            }
            tracing::warn!(user = %setting.user, reason = setting.reason.as_str(), "password set, sessions ended");
        }
        Ok(set)
    }
}
