//! New passwords with a code from an administrator: in one step, or in two stations with a page for each.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::throttle::Attempt;
use crate::{
    model::{
        audit::{Action, Event},
        ceremony::{CeremonySecret, Kind},
        digest::SecretDigest,
        id::CeremonyId,
        password::{ContextWords, NewPassword, PasswordError},
        reset_code::{ResetCode, StoredCode},
        session::EndReason,
        time::Timestamp,
        user::{Account, PasswordHash, User},
        user_agent::UserAgent,
        username::PresentedName,
    },
    service::{
        Failure, Service,
        ceremonies::{Begun, CeremonyError, Open, State},
    },
    store::{PasswordProof, SetPassword},
};

/// The code that a presented one is compared with where none is stored: it admits nobody, in the same steps.
const NO_CODE: StoredCode = StoredCode {
    digest: SecretDigest::from_bytes([0; 32]),
    until: Timestamp::from_seconds(i64::MIN),
};

/// How long a refusal of a code takes at least: longer than whatever is read and written for one name and not for
/// another.
const REFUSED_AFTER: Duration = Duration::from_millis(30);

/// How long somebody who has given a code may take to choose a password.
const CHOOSING: Duration = Duration::from_mins(15);

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

/// Why the second station of a reset sets no password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FinishResetError {
    /// The new password is too weak. The reset stays open.
    #[error(transparent)]
    Weak(PasswordError),
    /// The reset was finished before.
    #[error("the reset was finished before")]
    Used,
    /// Nobody chose a password in time.
    #[error("the time of the reset is over")]
    Expired,
    /// There is no such reset, or its time was over long ago.
    #[error("there is no such reset")]
    Unknown,
    /// The code it was begun with is not good any more: it was used or replaced, or its account was disabled.
    #[error("the code of the reset is not good any more")]
    CodeOver,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<CeremonyError> for FinishResetError {
    fn from(error: CeremonyError) -> Self {
        match error {
            CeremonyError::Used => Self::Used,
            CeremonyError::Expired => Self::Expired,
            CeremonyError::Unknown => Self::Unknown,
            CeremonyError::Failed(failure) => Self::Failed(failure),
        }
    }
}

/// The state of a reset between its stations: the code that was given, as its digest.
#[derive(Debug, Serialize, Deserialize)]
struct CodeGiven {
    digest: [u8; 32],
}

impl State for CodeGiven {
    const KIND: Kind = Kind::Reset;
    const LIFETIME: Option<Duration> = Some(CHOOSING);
}

impl Service {
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
        let digest = code.digest();
        let (account, attempt) = self.admitted_by_code(&username, &digest, &agent).await?;
        let user = account.user;
        let new = new
            .fit_for(&ContextWords::of(&user, &self.rules.issuer))
            .map_err(ResetPasswordError::Weak)?;
        let hash = self.hash_for(&attempt, new, agent.address).await?;
        let setting = self.setting_by_code(&user, digest, hash, None, &agent)?;
        if self.set_password(&setting).await?.is_none() {
            self.refuse(&attempt, Some(user.id), &agent).await?;
            return Err(ResetPasswordError::InvalidCode);
        }
        self.forgive_after_reset(&user).await;
        Ok(())
    }

    /// The first station of a reset: checks a code as [`Service::reset_password`] does, and leaves it as it is.
    ///
    /// # Errors
    ///
    /// [`ResetPasswordError`], the same for an unknown name and a code that is wrong, used up or too old.
    pub async fn begin_reset(
        &self,
        username: &PresentedName,
        code: &ResetCode,
        agent: &UserAgent,
    ) -> Result<Begun, ResetPasswordError> {
        let digest = code.digest();
        let (account, _) = self.admitted_by_code(username, &digest, agent).await?;
        let state = CodeGiven {
            digest: *digest.as_bytes(),
        };
        Ok(self.begin_ceremony(Some(account.user.id), &state).await?)
    }

    /// The user whose password a reset sets, while it is open. Nothing changes.
    ///
    /// # Errors
    ///
    /// [`FinishResetError`] says why it cannot go on.
    pub async fn reset_user(&self, secret: &CeremonySecret) -> Result<User, FinishResetError> {
        let open = self.open_ceremony(secret).await?;
        self.user_of_reset(&open).await
    }

    /// The second station of a reset: sets the new password, which uses up the reset and its code, and ends every
    /// session. Returns the user, who can sign in now.
    ///
    /// # Errors
    ///
    /// [`FinishResetError`] says why it cannot go on, or that the password is too weak.
    pub async fn finish_reset(
        &self,
        secret: &CeremonySecret,
        new: NewPassword,
        agent: &UserAgent,
    ) -> Result<User, FinishResetError> {
        let open = self.open_ceremony::<CodeGiven>(secret).await?;
        let user = self.user_of_reset(&open).await?;
        let new = new
            .fit_for(&ContextWords::of(&user, &self.rules.issuer))
            .map_err(FinishResetError::Weak)?;
        let attempt = self.uncounted(&PresentedName::new(user.username.as_str().to_owned()));
        let hash = self.hash_for(&attempt, new, agent.address).await?;
        let digest = SecretDigest::from_bytes(open.state.digest);
        let setting = self.setting_by_code(&user, digest, hash, Some(open.id), agent)?;
        if self.set_password(&setting).await?.is_none() {
            self.refuse(&attempt, Some(user.id), agent).await?;
            // Of two at once the second is told that it was the second.
            self.open_ceremony::<CodeGiven>(secret).await?;
            return Err(FinishResetError::CodeOver);
        }
        self.forgive_after_reset(&user).await;
        Ok(user)
    }

    /// The account that a code may set the password of, and the attempt. A refusal is recorded, and takes its time.
    async fn admitted_by_code(
        &self,
        username: &PresentedName,
        digest: &SecretDigest,
        agent: &UserAgent,
    ) -> Result<(Account, Attempt), ResetPasswordError> {
        // From here on, so that it makes no difference what there is to read and to write for this name.
        let refusal = sleep(REFUSED_AFTER);
        let account = match username.key() {
            Some(name) => self.store.account_by_name(name).await.map_err(Failure::from)?,
            None => None,
        };
        let attempt = self.uncounted(username);
        let owner = account.as_ref().map(|account| account.user.id);
        let stored = account.as_ref().and_then(|account| account.reset_code.clone());
        let admits = stored.unwrap_or(NO_CODE).admits(digest, self.now());
        let Some(account) = account.filter(|account| admits && !account.user.disabled) else {
            self.refuse(&attempt, owner, agent).await?;
            refusal.await;
            return Err(ResetPasswordError::InvalidCode);
        };
        Ok((account, attempt))
    }

    async fn user_of_reset(&self, open: &Open<CodeGiven>) -> Result<User, FinishResetError> {
        let Some(id) = open.user else {
            return Err(FinishResetError::Unknown);
        };
        let user = self.store.user(id).await.map_err(Failure::from)?;
        let user = user.ok_or(FinishResetError::Unknown)?;
        if user.disabled {
            return Err(FinishResetError::CodeOver);
        }
        Ok(user)
    }

    fn setting_by_code(
        &self,
        user: &User,
        code: SecretDigest,
        hash: PasswordHash,
        finishes: Option<CeremonyId>,
        agent: &UserAgent,
    ) -> Result<SetPassword, Failure> {
        Ok(SetPassword {
            user: user.id,
            hash,
            scheme: self.hasher.scheme().to_string(),
            proof: PasswordProof::Code(code),
            reason: EndReason::PasswordReset,
            event: Event::new(Action::PasswordReset, self.now())
                .user(user.id)
                .personal(self.personal(agent)?),
            finishes,
            opens: None,
        })
    }

    /// The code's owner need not wait for what others tried. The password is set and the code used up, whether or not
    /// this succeeds.
    async fn forgive_after_reset(&self, user: &User) {
        if let Err(error) = self.forgive(user, self.now()).await {
            tracing::warn!(user = %user.id, %error, "failed attempts were not forgiven");
        }
    }
}
