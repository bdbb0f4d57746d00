//! New passwords: by their owner with the present one, or with a code from an administrator.

use super::{
    Failure, Service,
    login::{Credentials, LoginError, Proven, SignedIn},
    throttle::{Attempt, Throttled},
};
use crate::{
    model::{
        audit::{Action, Event},
        client::Client,
        digest::SecretDigest,
        id::{SessionId, UserId},
        password::{NewPassword, Password},
        reset_code::{ResetCode, StoredCode},
        session::EndReason,
        time::Timestamp,
        user::{Account, PasswordHash},
        username::PresentedName,
    },
    store::{PasswordProof, SetPassword},
};

/// Stands in where there is no code: it admits nobody, and takes the same comparison.
const NO_CODE: StoredCode = StoredCode {
    digest: SecretDigest::from_bytes([0; 32]),
    until: Timestamp::from_seconds(i64::MIN),
};

/// What somebody who is signed in presents to have another password.
#[derive(Debug)]
pub struct PasswordChange {
    pub user: UserId,
    /// The session it is asked for from.
    pub session: SessionId,
    pub current: Password,
    pub new: NewPassword,
    pub client: Client,
}

/// What somebody presents who has a code instead of a password.
#[derive(Debug)]
pub struct PasswordReset {
    pub username: PresentedName,
    pub code: ResetCode,
    pub new: NewPassword,
    pub client: Client,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangePasswordError {
    #[error("the new password is the present one")]
    Same,
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
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Sets a new password for somebody who knows the present one, ends every session and opens a new one for
    /// whoever asked.
    ///
    /// The present password is checked as at a sign-in: a wrong one counts against the account.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError`] when the present password is wrong or the new one is no other.
    pub async fn change_password(&self, change: PasswordChange) -> Result<SignedIn, ChangePasswordError> {
        let PasswordChange {
            user,
            session,
            current,
            new,
            client,
        } = change;
        if new.is(&current) {
            return Err(ChangePasswordError::Same);
        }
        let Some(owner) = self.store.user(user).await.map_err(Failure::from)? else {
            return Err(ChangePasswordError::UserGone);
        };
        let credentials = Credentials {
            username: PresentedName::new(owner.username.as_str().to_owned()),
            password: current,
            client,
        };
        let proven = self.prove(credentials).await?;
        let event = Event::new(Action::PasswordChanged, self.now())
            .user(user)
            .session(session)
            .personal(self.personal(&proven.client)?);
        let account = self.replace_password(&proven, new, event).await?;
        Ok(self.open_session(Proven { account, ..proven }).await?)
    }

    /// Sets the password of somebody who gave the right one just now, and says what the account is then.
    async fn replace_password(
        &self,
        proven: &Proven,
        new: NewPassword,
        event: Event,
    ) -> Result<Account, ChangePasswordError> {
        let Proven {
            account,
            attempt,
            client,
            ..
        } = proven;
        let user = &account.user;
        let mut setting = SetPassword {
            user: user.id,
            hash: self.hash_for(attempt, new).await?,
            scheme: self.hasher.scheme().to_string(),
            proof: present(account),
            reason: EndReason::PasswordChanged,
            event,
        };
        let mut set = self.set_password(&setting).await?;
        if !set && let Some(account) = self.rehashed_meanwhile(account).await? {
            setting.proof = present(&account);
            set = self.set_password(&setting).await?;
        }
        if !set {
            // Somebody else changed it in the meantime.
            return Err(self.refuse(attempt, Some(user.id), client).await?.into());
        }
        let account = self.store.account_by_name(user.username.key()).await;
        account
            .map_err(Failure::from)?
            .ok_or(ChangePasswordError::UserGone)
    }

    /// Sets a new password for somebody who has a code, which is used up by that, and ends every session.
    ///
    /// A name nobody has takes the same steps as a wrong code.
    ///
    /// # Errors
    ///
    /// [`ResetPasswordError`], the same for an unknown name and a code that is wrong, used up or too old.
    pub async fn reset_password(&self, reset: PasswordReset) -> Result<(), ResetPasswordError> {
        let PasswordReset {
            username,
            code,
            new,
            client,
        } = reset;
        let account = match username.key() {
            Some(name) => self.store.account_by_name(name).await.map_err(Failure::from)?,
            None => None,
        };
        let user = account.as_ref().map(|account| &account.user);
        let attempt = self
            .admit(&username, user, &client)
            .await
            .map_err(reset_refused)?;
        let owner = user.map(|user| user.id);
        let digest = code.digest();
        let now = self.now();
        let stored = account.as_ref().and_then(|account| account.reset_code.clone());
        let admits = stored.unwrap_or(NO_CODE).admits(&digest, now);
        let Some(account) = account.filter(|account| admits && !account.user.disabled) else {
            return Err(reset_refused(self.refuse(&attempt, owner, &client).await?));
        };
        let user = &account.user;
        let setting = SetPassword {
            user: user.id,
            hash: self.hash_for(&attempt, new).await?,
            scheme: self.hasher.scheme().to_string(),
            proof: PasswordProof::Code(digest),
            reason: EndReason::PasswordReset,
            event: Event::new(Action::PasswordReset, now)
                .user(user.id)
                .personal(self.personal(&client)?),
        };
        if !self.set_password(&setting).await? {
            return Err(reset_refused(self.refuse(&attempt, owner, &client).await?));
        }
        // Whoever has the code need not wait for what others tried.
        self.withdraw(&attempt).await?;
        self.forgive(user, now).await?;
        Ok(())
    }

    /// Makes the hash of a new password; an attempt that finds no turn for that does not count.
    async fn hash_for(&self, attempt: &Attempt, new: NewPassword) -> Result<PasswordHash, Failure> {
        let made = self.hasher.make(new, &*self.random).await;
        if made.is_err() {
            self.withdraw(attempt).await?;
        }
        made
    }

    async fn set_password(&self, setting: &SetPassword) -> Result<bool, Failure> {
        let Some(revocations) = self.store.set_password(setting).await? else {
            return Ok(false);
        };
        self.revoked.apply(&revocations);
        tracing::warn!(user = %setting.user, reason = setting.reason.as_str(), "password set, sessions ended");
        Ok(true)
    }
}

/// The proof that the account's password was right.
fn present(account: &Account) -> PasswordProof {
    PasswordProof::Present(account.password_hash.clone(), account.user.version)
}

fn reset_refused(error: LoginError) -> ResetPasswordError {
    match error {
        LoginError::InvalidCredentials => ResetPasswordError::InvalidCode,
        LoginError::Throttled(throttled) => throttled.into(),
        LoginError::Failed(failure) => failure.into(),
    }
}
