use super::{Failure, Service, clock::Clock, hasher::Hasher, random::Random};
use crate::{
    model::{
        audit::{Action, Actor, Event, Personal},
        claims::CustomClaims,
        client::Client,
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

/// Who makes an account.
#[derive(Clone, Copy, Debug)]
pub enum Maker<'a> {
    Themselves(&'a Client),
    Other(Actor),
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
    pub async fn register(&self, registration: Registration, client: &Client) -> Result<User, RegisterError> {
        if !self.rules.registration_open {
            return Err(RegisterError::Closed);
        }
        let accounts = Accounts {
            store: &*self.store,
            hasher: &self.hasher,
            clock: &*self.clock,
            random: &*self.random,
        };
        let user = accounts
            .create(registration, Vec::new(), Maker::Themselves(client))
            .await?;
        self.forgive_predecessors(&user).await?;
        Ok(user)
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
    pub async fn create(
        &self,
        registration: Registration,
        roles: Vec<Role>,
        maker: Maker<'_>,
    ) -> Result<User, RegisterError> {
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
            claims: CustomClaims::default(),
            version: UserVersion::default(),
            disabled: false,
            created_at: now.into(),
        };
        let event = self.event(&user, maker)?;
        let account = Account {
            user,
            scheme: self.hasher.scheme().to_string(),
            password_hash: Some(password_hash),
            reset_code: None,
        };
        match self
            .store
            .create_user(&account, &event)
            .await
            .map_err(Failure::from)?
        {
            CreateUser::Created => {
                tracing::info!(user = %account.user.id, "user registered");
                Ok(account.user)
            }
            CreateUser::NameTaken => Err(RegisterError::NameTaken),
        }
    }

    fn event(&self, user: &User, maker: Maker<'_>) -> Result<Event, Failure> {
        let salt = self.random.bytes()?;
        let (event, personal) = match maker {
            Maker::Themselves(client) => (
                Event::new(Action::Registered, user.created_at),
                client.personal(salt),
            ),
            Maker::Other(actor) => (
                Event::new(Action::UserCreated, user.created_at).by(Some(actor)),
                Personal::new(salt),
            ),
        };
        let personal = personal.field("username", user.username.as_str());
        Ok(event.user(user.id).personal(personal))
    }
}
