//! Codes with which users set a new password.

use super::{AdminError, Administration};
use crate::{
    model::{id::UserId, reset_code::IssuedCode},
    service::Failure,
};

impl Administration<'_> {
    /// Makes a code that sets a user's password once, in place of any before it. With `force`, the present password is
    /// removed and every session ends.
    ///
    /// # Errors
    ///
    /// [`AdminError::UserNotFound`]; [`AdminError::OwnPassword`] and [`AdminError::TargetIsAdmin`], for a code outlives
    /// the session it was asked from: a token that was stolen for minutes would become an administrator for good.
    pub async fn reset_password(&self, user: UserId, force: bool) -> Result<IssuedCode, AdminError> {
        if self.is_own(user) {
            return Err(AdminError::OwnPassword);
        }
        let random = self.context.random.bytes().map_err(Failure::from)?;
        let issued = IssuedCode::new(random, self.context.now());
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
