use super::{Failure, Service, clock::Clock, hasher::Hasher, random::Random};
use crate::{
    model::{
        email::EmailAddress,
        id::UserId,
        password::NewPassword,
        role::Role,
        user::{Account, User, UserVersion},
        username::Username,
    },
    store::{CreateUser, Store},
};

/// Somebody who wants an account.
#[derive(Debug)]
pub struct Registration {
    pub username: Username,
    pub email: Option<EmailAddress>,
    pub password: NewPassword,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    #[error("the name belongs to somebody")]
    NameTaken,
    #[error("registration is closed")]
    Closed,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Makes an account for whoever asks, without any role.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] when the name is taken or nobody may register.
    pub async fn register(&self, registration: Registration) -> Result<User, RegisterError> {
        if !self.rules.registration_open {
            return Err(RegisterError::Closed);
        }
        let accounts = Accounts {
            store: &*self.store,
            hasher: &self.hasher,
            clock: &*self.clock,
            random: &*self.random,
        };
        accounts.create(registration, Vec::new()).await
    }
}

/// What it takes to make an account: less than a whole service, so that the command line needs no keys.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a> {
    pub store: &'a dyn Store,
    pub hasher: &'a Hasher,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
}

impl Accounts<'_> {
    /// Makes an account with roles: for those who may give them.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] when the name is taken.
    pub async fn create(&self, registration: Registration, roles: Vec<Role>) -> Result<User, RegisterError> {
        let Registration {
            username,
            email,
            password,
        } = registration;
        let password_hash = self.hasher.make(password, self.random).await?;
        let now = self.clock.now();
        let user = User {
            id: UserId::new(now, self.random.bytes().map_err(Failure::from)?),
            username,
            email,
            roles,
            version: UserVersion::default(),
            disabled: false,
            created_at: now.into(),
        };
        let account = Account { user, password_hash };
        match self.store.create_user(&account).await.map_err(Failure::from)? {
            CreateUser::Created => {
                tracing::info!(user = %account.user.id, "user registered");
                Ok(account.user)
            }
            CreateUser::NameTaken => Err(RegisterError::NameTaken),
        }
    }
}
