//! Forgiving failures to sign in.

use super::{AdminError, Administration, Administrator};
use crate::{
    model::{
        audit::{Action, Event},
        id::UserId,
        user::User,
    },
    service::{Failure, Service, machinery::fingerprints::Fingerprints},
};

impl Service {
    /// Forgets the failures to sign in as a user.
    ///
    /// # Errors
    ///
    /// [`AdminError::UserNotFound`].
    pub async fn unlock(&self, admin: &Administrator, user: UserId) -> Result<(), AdminError> {
        let administration = self.administration(admin);
        let user = administration.find(user).await?;
        Ok(administration.forgive(&user, &self.fingerprints).await?)
    }
}

impl Administration<'_> {
    /// Forgets the failures to sign in as a user, from every device.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn forgive(&self, user: &User, fingerprints: &Fingerprints) -> Result<(), Failure> {
        let account = fingerprints.account(user.username.key());
        let event = Event::new(Action::UserUnlocked, self.context.now())
            .user(user.id)
            .by(Some(self.by));
        self.context.store.unlock(&account, &event).await?;
        Ok(())
    }
}
