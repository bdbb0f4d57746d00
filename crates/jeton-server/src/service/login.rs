use std::time::SystemTime;

use super::{
    Failure, Service,
    hasher::Checked,
    throttle::{Attempt, Throttled},
    tokens::Pair,
};
use crate::{
    model::{
        audit::{Action, Event},
        client::Client,
        device::Device,
        id::{SessionId, TokenId, UserId},
        known_device::DeviceToken,
        password::Password,
        session::{Generation, Session, SessionSecret},
        time::Timestamp,
        user::Account,
        username::PresentedName,
    },
    store::{OpenSession, Opening},
};

/// What somebody who wants in presents.
#[derive(Debug)]
pub struct Credentials {
    pub username: PresentedName,
    pub password: Password,
    pub client: Client,
}

/// A session that has just been opened or exchanged, and its tokens.
#[derive(Debug)]
pub struct SignedIn {
    pub user: UserId,
    pub pair: Pair,
    /// What the device shows to be known by at its next sign-in.
    pub device: Option<DeviceToken>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The name or the password is wrong; which, nobody is told.
    #[error("the name or the password is wrong")]
    InvalidCredentials,
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Somebody who gave the right password for an account.
#[derive(Debug)]
pub(super) struct Proven {
    pub(super) account: Account,
    pub(super) client: Client,
    pub(super) attempt: Attempt,
    /// The password, if its hash would be made otherwise today.
    pub(super) outdated: Option<Password>,
}

impl Service {
    /// Checks a name and a password, and opens a session.
    ///
    /// A name nobody has takes the same steps and one hash of the same cost.
    ///
    /// # Errors
    ///
    /// [`LoginError`], the same for an unknown name, a wrong password and a disabled account.
    pub async fn login(&self, credentials: Credentials) -> Result<SignedIn, LoginError> {
        let mut proven = self.prove(credentials).await?;
        let outdated = proven.outdated.take();
        let outdated = outdated.map(|password| (proven.account.clone(), password));
        let signed_in = self.open_session(proven).await?;
        if let Some((account, password)) = outdated {
            self.rehash_later(&account, password);
        }
        Ok(signed_in)
    }

    /// Checks a name and a password, slowed down by the failures before. A failure is counted and recorded; a
    /// success is neither until something is done with it.
    ///
    /// # Errors
    ///
    /// [`LoginError`], as [`Service::login`].
    pub(super) async fn prove(&self, credentials: Credentials) -> Result<Proven, LoginError> {
        let Credentials {
            username,
            password,
            client,
        } = credentials;
        let account = match username.key() {
            Some(name) => self.store.account_by_name(name).await.map_err(Failure::from)?,
            None => None,
        };
        let user = account.as_ref().map(|account| &account.user);
        let attempt = self.admit(&username, user, &client).await?;
        let hash = account
            .as_ref()
            .and_then(|account| account.password_hash.as_ref());
        let checked = self.hasher.check(password.clone(), username.as_str(), hash).await;
        let checked = match checked {
            Ok(checked) => checked,
            Err(busy) => {
                self.withdraw(&attempt).await?;
                return Err(Failure::from(busy).into());
            }
        };
        let owner = account.as_ref().map(|account| account.user.id);
        match account.filter(|account| checked.is_right() && !account.user.disabled) {
            Some(account) => Ok(Proven {
                account,
                client,
                attempt,
                outdated: (checked == Checked::RightButOutdated).then_some(password),
            }),
            None => Err(self.refuse(&attempt, owner, &client).await?),
        }
    }

    pub(super) async fn open_session(&self, proven: Proven) -> Result<SignedIn, LoginError> {
        let Proven {
            account,
            client,
            attempt,
            ..
        } = proven;
        let time = self.clock.now();
        let now = Timestamp::from(time);
        let ends_at = now.plus(self.rules.session_lifetime);
        let session = Session {
            expires_at: now.plus(self.rules.refresh_lifetime).min(ends_at),
            ends_at,
            ..self.new_session(account.user.id, client.device.clone(), time)?
        };
        let event = Event::new(Action::SignedIn, now)
            .user(session.user_id)
            .session(session.id)
            .personal(self.personal(&client)?);
        let opening = Opening {
            session: session.clone(),
            version: account.user.version,
            event: attempt.told(event),
            password_hash: account.password_hash.clone(),
            forgives: attempt.claimant(),
        };
        match self.store.open_session(opening).await.map_err(Failure::from)? {
            OpenSession::Opened(made_room) => self.revoked.apply(&made_room),
            OpenSession::AccountChanged => {
                let Some(account) = self.rehashed_meanwhile(&account).await? else {
                    return Err(self.refuse(&attempt, Some(account.user.id), &client).await?);
                };
                let proven = Proven {
                    account,
                    client,
                    attempt,
                    outdated: None,
                };
                return Box::pin(self.open_session(proven)).await;
            }
        }
        let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
        let pair = self
            .tokens()
            .pair(&session, &account.user, id, time)
            .map_err(Failure::from)?;
        let device = self.device_token(&account.user, &attempt)?;
        tracing::info!(user = %account.user.id, session = %session.id, "session opened");
        Ok(SignedIn {
            user: account.user.id,
            pair,
            device: Some(device),
        })
    }

    /// A session of the first generation that is over as soon as it began: the caller says how long it lives.
    pub(super) fn new_session(
        &self,
        user_id: UserId,
        device: Device,
        time: SystemTime,
    ) -> Result<Session, Failure> {
        let now = Timestamp::from(time);
        Ok(Session {
            id: SessionId::new(time, self.random.bytes()?),
            user_id,
            generation: Generation::default(),
            secret: SessionSecret::new(self.random.bytes()?),
            refresh_key: self.tokens().refresh_key().to_string(),
            created_at: now,
            rotated_at: now,
            last_seen_at: now,
            expires_at: now,
            ends_at: now,
            accepted_until: now.plus(self.accepted_for()),
            device,
            actor: None,
            ended: None,
        })
    }
}
