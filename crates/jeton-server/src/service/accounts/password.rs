//! New passwords: by their owner with the present one, or with a code from an administrator.

use std::{net::IpAddr, time::Duration};

use tokio::time::sleep;

use super::{
    login::{Claim, Credentials, LoginError, Proven, SignedIn},
    throttle::{Attempt, Place},
};
use crate::{
    model::{
        audit::{Action, Event},
        digest::SecretDigest,
        password::{ContextWords, FitPassword, NewPassword, Password, PasswordError},
        reset_code::{ResetCode, StoredCode},
        session::EndReason,
        time::Timestamp,
        user::PasswordHash,
        user_agent::UserAgent,
        username::PresentedName,
    },
    service::{Failure, Service, TRIES, caller::Caller},
    store::{PasswordProof, PasswordSet, SetPassword},
};

/// The code that a presented one is compared with where none is stored: it admits nobody, in the same steps.
const NO_CODE: StoredCode = StoredCode {
    digest: SecretDigest::from_bytes([0; 32]),
    until: Timestamp::from_seconds(i64::MIN),
};

/// How long a refusal of a code takes at least: longer than whatever is read and written for one name and not for
/// another.
const REFUSED_AFTER: Duration = Duration::from_millis(30);

/// A new password for a user who is signed in.
#[derive(Debug)]
pub struct PasswordChange {
    pub caller: Caller,
    pub current: Password,
    pub new: NewPassword,
    pub agent: UserAgent,
}

/// A new password for a user who has a code in place of the present one.
#[derive(Debug)]
pub struct PasswordReset {
    pub username: PresentedName,
    pub code: ResetCode,
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

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResetPasswordError {
    /// The name or the code is wrong, or the code is used up or too old; which, nobody is told.
    #[error("the name or the code is wrong")]
    InvalidCode,
    /// The new password is too weak. Told only to a caller with the right code, which stays good.
    #[error(transparent)]
    Weak(PasswordError),
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
        let opening = self.opening(proven, hash.clone(), time)?;
        let session = opening.session.clone();
        let setting = SetPassword {
            user,
            hash: hash.clone(),
            scheme: self.hasher.scheme().to_string(),
            proof: PasswordProof::Present(proven.hash.clone()),
            reason: EndReason::PasswordChanged,
            event,
            opens: Some(opening),
        };
        let Some(PasswordSet { opened, .. }) = self.set_password(&setting).await? else {
            return Ok(None);
        };
        let opened = opened.ok_or(Failure::Changing)?;
        self.opened(&session, &opened, attempt, time).map(Some)
    }

    /// Sets a new password for a user who has a code, which that uses up, and ends every session.
    ///
    /// A name nobody has takes the same steps as a wrong code. A code cannot be guessed, so wrong ones are not counted,
    /// and failures with the password keep nobody from using a code.
    ///
    /// # Errors
    ///
    /// [`ResetPasswordError`], the same for an unknown name and a code that is wrong, used up or too old.
    pub async fn reset_password(&self, reset: PasswordReset) -> Result<(), ResetPasswordError> {
        let PasswordReset {
            username,
            code,
            new,
            agent,
        } = reset;
        // From here on, so that it makes no difference what there is to read and to write for this name.
        let refusal = sleep(REFUSED_AFTER);
        let account = match username.key() {
            Some(name) => self.store.account_by_name(name).await.map_err(Failure::from)?,
            None => None,
        };
        let user = account.as_ref().map(|account| &account.user);
        let attempt = self.uncounted(&username);
        let owner = user.map(|user| user.id);
        let digest = code.digest();
        let now = self.now();
        let stored = account.as_ref().and_then(|account| account.reset_code.clone());
        let admits = stored.unwrap_or(NO_CODE).admits(&digest, now);
        let Some(account) = account.filter(|account| admits && !account.user.disabled) else {
            self.refuse(&attempt, owner, &agent).await?;
            refusal.await;
            return Err(ResetPasswordError::InvalidCode);
        };
        let user = &account.user;
        let new = new
            .fit_for(&ContextWords::of(user, &self.rules.issuer))
            .map_err(ResetPasswordError::Weak)?;
        let setting = SetPassword {
            user: user.id,
            hash: self.hash_for(&attempt, new, agent.address).await?,
            scheme: self.hasher.scheme().to_string(),
            proof: PasswordProof::Code(digest),
            reason: EndReason::PasswordReset,
            event: Event::new(Action::PasswordReset, now)
                .user(user.id)
                .personal(self.personal(&agent)?),
            opens: None,
        };
        if self.set_password(&setting).await?.is_none() {
            self.refuse(&attempt, owner, &agent).await?;
            return Err(ResetPasswordError::InvalidCode);
        }
        // The code's owner need not wait for what others tried. The password is set and the code used up, whether or
        // not this succeeds.
        if let Err(error) = self.forgive(user, now).await {
            tracing::warn!(user = %user.id, %error, "failed attempts were not forgiven");
        }
        Ok(())
    }

    /// Makes the hash of a new password; if there is no turn for that, the attempt does not count.
    async fn hash_for(
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

    async fn set_password(&self, setting: &SetPassword) -> Result<Option<PasswordSet>, Failure> {
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
