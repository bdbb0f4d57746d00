//! Forgiving failures to sign in.

use super::{AdminError, Administration, Administrator, Failure, Service, User, UserId};
use crate::{
    model::audit::{Action, Event},
    service::accounts::{
        register::{Created, NewAccount},
        throttle::Fingerprints,
    },
};

impl Service {
    /// Makes an account; what failed under its name while nobody had it is forgotten.
    ///
    /// # Errors
    ///
    /// [`AdminError::NameTaken`].
    pub async fn create_account(
        &self,
        admin: &Administrator,
        account: NewAccount,
    ) -> Result<Created, AdminError> {
        let administration = self.administration(admin);
        let created = administration.create(account).await?;
        // The account is there, and its code is shown this once, whatever becomes of that.
        if let Err(error) = administration.forgive(&created.user, &self.fingerprints).await {
            tracing::warn!(user = %created.user.id, %error, "failed attempts were not forgiven");
        }
        Ok(created)
    }

    /// Forgets what failed to sign in as a user.
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
    /// Forgets what failed to sign in as a user, from whatever device.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn forgive(&self, user: &User, fingerprints: &Fingerprints) -> Result<(), Failure> {
        let account = fingerprints.account(user.username.key());
        let event = Event::new(Action::UserUnlocked, self.now())
            .user(user.id)
            .by(Some(self.by));
        self.store.unlock(&account, &event).await?;
        Ok(())
    }
}
