use crate::{
    model::{
        audit::{Action, Actor, Event, Personal},
        claims::CustomClaims,
        email::EmailAddress,
        id::UserId,
        password::{ContextWords, NewPassword, PasswordError},
        reset_code::IssuedCode,
        role::Role,
        user::{Account, DeviceEpoch, User, UserVersion},
        user_agent::UserAgent,
        username::Username,
    },
    service::{Failure, Service, context::Context, machinery::hasher::Hasher},
    store::CreateUser,
};

/// An account that somebody makes for themselves.
#[derive(Debug)]
pub struct Registration {
    pub username: Username,
    pub email: Option<EmailAddress>,
    pub password: NewPassword,
}

/// An account that an administrator or the command line makes.
#[derive(Debug)]
pub struct NewAccount {
    pub username: Username,
    pub email: Option<EmailAddress>,
    pub roles: Vec<Role>,
    pub claims: CustomClaims,
    /// Without a password, a code is made that sets one.
    pub password: Option<NewPassword>,
}

/// An account that has been made.
#[derive(Debug)]
pub struct Created {
    pub user: User,
    pub code: Option<IssuedCode>,
}

/// An account that is about to be written.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) account: Account,
    pub(super) code: Option<IssuedCode>,
    pub(super) event: Event,
}

/// The maker of an account.
#[derive(Clone, Copy, Debug)]
pub enum Maker<'a> {
    Themselves(&'a UserAgent),
    /// Whoever has the link of the first start.
    Installer(&'a UserAgent),
    Other(Actor),
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    #[error("the name belongs to somebody")]
    UsernameTaken,
    #[error("registration is closed")]
    Closed,
    #[error(transparent)]
    WeakPassword(PasswordError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Registration {
    /// The account that is made of it, with these roles.
    pub(super) fn account(self, roles: Vec<Role>) -> NewAccount {
        NewAccount {
            username: self.username,
            email: self.email,
            roles,
            claims: CustomClaims::default(),
            password: Some(self.password),
        }
    }
}

impl Service {
    /// Makes an account for anybody who asks, without any role.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] when the name is taken or nobody may register.
    pub async fn register(
        &self,
        registration: Registration,
        agent: &UserAgent,
    ) -> Result<User, RegisterError> {
        if !self.rules.registration_open {
            return Err(RegisterError::Closed);
        }
        let account = registration.account(Vec::new());
        let created = self.accounts().create(account, Maker::Themselves(agent)).await?;
        self.forgive_predecessors(&created.user).await;
        Ok(created.user)
    }

    pub(super) fn accounts(&self) -> Accounts<'_> {
        Accounts {
            context: self.context(),
            hasher: &self.hasher,
            issuer: &self.rules.issuer,
        }
    }
}

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    #[error("the name, or one that looks like it, belongs to somebody")]
    UsernameTaken,
    #[error(transparent)]
    WeakPassword(PasswordError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<CreateError> for RegisterError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::UsernameTaken => Self::UsernameTaken,
            CreateError::WeakPassword(error) => Self::WeakPassword(error),
            CreateError::Failed(failure) => Self::Failed(failure),
        }
    }
}

/// The parts that making an account takes.
#[derive(Clone, Copy, Debug)]
pub struct Accounts<'a> {
    pub context: Context<'a>,
    pub hasher: &'a Hasher,
    /// The service's URL, whose name no password may be.
    pub issuer: &'a str,
}

impl Accounts<'_> {
    /// Makes an account, with the roles and claims it is given. One without a password comes with a code that sets it.
    ///
    /// # Errors
    ///
    /// [`CreateError`] when the name is taken, or the password is the account's own name.
    pub async fn create(&self, account: NewAccount, maker: Maker<'_>) -> Result<Created, CreateError> {
        let Prepared { account, code, event } = self.prepare(account, maker).await?;
        let created = self.context.store.create_user(&account, &event).await;
        match created.map_err(Failure::from)? {
            CreateUser::Created => {
                tracing::info!(user = %account.user.id, "user registered");
                Ok(Created {
                    user: account.user,
                    code,
                })
            }
            CreateUser::UsernameTaken => Err(CreateError::UsernameTaken),
        }
    }

    /// Does all that making an account takes, but for writing it.
    pub(super) async fn prepare(
        &self,
        account: NewAccount,
        maker: Maker<'_>,
    ) -> Result<Prepared, CreateError> {
        let password_hash = match account.password {
            Some(password) => {
                let context = ContextWords {
                    username: account.username.as_str(),
                    email: account.email.as_ref(),
                    issuer: self.issuer,
                };
                let fit = password.fit_for(&context).map_err(CreateError::WeakPassword)?;
                let from = match maker {
                    Maker::Themselves(agent) | Maker::Installer(agent) => agent.address,
                    Maker::Other(_) => None,
                };
                let salt = self.context.random.bytes().map_err(Failure::from)?;
                Some(self.hasher.make(fit, from, salt).await.map_err(Failure::from)?)
            }
            None => None,
        };
        let now = self.context.clock.now();
        let code = if password_hash.is_none() {
            let random = self.context.random.bytes().map_err(Failure::from)?;
            Some(IssuedCode::new(random, now.into()))
        } else {
            None
        };
        let mut user = User {
            id: UserId::new(now, self.context.random.bytes().map_err(Failure::from)?),
            username: account.username,
            email: account.email,
            roles: account.roles,
            claims: account.claims,
            version: UserVersion::default(),
            device_epoch: DeviceEpoch::default(),
            disabled: false,
            created_at: now.into(),
            locale: None,
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
        Ok(Prepared { account, code, event })
    }

    fn event(&self, user: &User, maker: Maker<'_>) -> Result<Event, Failure> {
        let salt = self.context.random.bytes()?;
        let (event, personal) = match maker {
            Maker::Themselves(agent) => (
                Event::new(Action::Registered, user.created_at),
                agent.personal(salt),
            ),
            Maker::Installer(agent) => (Event::new(Action::SetUp, user.created_at), agent.personal(salt)),
            Maker::Other(actor) => (
                Event::new(Action::UserCreated, user.created_at).by(Some(actor)),
                Personal::new(salt),
            ),
        };
        let personal = personal.field("username", user.username.as_str());
        Ok(event.user(user.id).personal(personal))
    }
}
