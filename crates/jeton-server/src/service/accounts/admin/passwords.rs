//! Codes with which users set a new password.

use std::time::Duration;

use super::{AdminError, Administration};
use crate::{
    model::{
        id::UserId,
        reset_code::{ResetCode, StoredCode},
        time::Timestamp,
    },
    service::{
        Failure,
        machinery::random::{Random, RandomError},
    },
};

/// How long a code may be used.
pub const RESET_CODE_LIFETIME: Duration = Duration::from_hours(24);

/// A code, to be handed to its user. It is shown this once.
#[derive(Debug)]
pub struct IssuedCode {
    pub code: ResetCode,
    pub until: Timestamp,
}

impl IssuedCode {
    pub(in crate::service) fn new(random: &dyn Random, now: Timestamp) -> Result<Self, RandomError> {
        Ok(Self {
            code: ResetCode::new(random.bytes()?),
            until: now.plus(RESET_CODE_LIFETIME),
        })
    }

    /// The form in which the code is stored.
    pub(in crate::service) fn stored(&self) -> StoredCode {
        StoredCode {
            digest: self.code.digest(),
            until: self.until,
        }
    }
}

impl Administration<'_> {
    /// Makes a code that sets a user's password once, in place of any before it. With `force`, the present password is
    /// removed and every session ends.
    ///
    /// # Errors
    ///
    /// [`AdminError::UserNotFound`]; [`AdminError::OwnAccount`] and [`AdminError::TargetIsAdmin`], for a code outlives
    /// the session it was asked from: a token that was stolen for minutes would become an administrator for good.
    pub async fn reset_password(&self, user: UserId, force: bool) -> Result<IssuedCode, AdminError> {
        if self.is_own(user) {
            return Err(AdminError::OwnAccount);
        }
        let issued = IssuedCode::new(self.context.random, self.context.now()).map_err(Failure::from)?;
        let acted = self
            .context
            .store
            .issue_reset_code(&self.act(user), &issued.stored(), force)
            .await
            .map_err(Failure::from)?;
        self.done(acted).await?;
        tracing::warn!(%user, by = %self.by, force, "password reset code made");
        Ok(issued)
    }
}
