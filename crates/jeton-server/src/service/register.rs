use super::{Failure, Service, admin::IssuedCode, clock::Clock, hasher::Hasher, random::Random};
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

/// An account about to be made by somebody who may say more about it.
#[derive(Debug)]
pub struct NewAccount {
    pub username: Username,
    pub email: Option<EmailAddress>,
    pub roles: Vec<Role>,
    pub claims: CustomClaims,
    /// Without one a code is made that sets it.
    pub password: Option<NewPassword>,
}

/// An account that has been made.
#[derive(Debug)]
pub struct Created {
    pub user: User,
    pub code: Option<IssuedCode>,
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
        let Registration {
            username,
            email,
            password,
        } = registration;
        let account = NewAccount {
            username,
            email,
            roles: Vec::new(),
            claims: CustomClaims::default(),
            password: Some(password),
        };
        let created = accounts.create(account, Maker::Themselves(client)).await?;
        self.forgive_predecessors(&created.user).await?;
        Ok(created.user)
    }
}

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    #[error("the name, or one that looks like it, belongs to somebody")]
    NameTaken,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<CreateError> for RegisterError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::NameTaken => Self::NameTaken,
            CreateError::Failed(failure) => Self::Failed(failure),
        }
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
    /// Makes an account with roles and claims, for those who may give them. One without a password comes with a
    /// code that sets it.
    ///
    /// # Errors
    ///
    /// [`CreateError`] when the name is taken.
    pub async fn create(&self, account: NewAccount, maker: Maker<'_>) -> Result<Created, CreateError> {
        let password_hash = match account.password {
            Some(password) => Some(self.hasher.make(password, self.random).await?),
            None => None,
        };
        let now = self.clock.now();
        let code = match &password_hash {
            Some(_) => None,
            None => Some(IssuedCode::new(self.random, now.into()).map_err(Failure::from)?),
        };
        let mut user = User {
            id: UserId::new(now, self.random.bytes().map_err(Failure::from)?),
            username: account.username,
            email: account.email,
            roles: account.roles,
            claims: account.claims,
            version: UserVersion::default(),
            disabled: false,
            created_at: now.into(),
        };
        user.roles.sort();
        user.roles.dedup();
        let event = self.event(&user, maker)?;
        let scheme = password_hash.as_ref().map(|_| self.hasher.scheme().to_string());
        let account = Account {
            user,
            scheme: scheme.unwrap_or_default(),
            password_hash,
            reset_code: code.as_ref().map(IssuedCode::stored),
        };
        let created = self.store.create_user(&account, &event).await;
        match created.map_err(Failure::from)? {
            CreateUser::Created => {
                tracing::info!(user = %account.user.id, "user registered");
                Ok(Created {
                    user: account.user,
                    code,
                })
            }
            CreateUser::NameTaken => Err(CreateError::NameTaken),
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
