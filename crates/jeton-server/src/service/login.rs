use std::time::SystemTime;

use super::{Failure, Service, hasher::Checked, tokens::Pair};
use crate::{
    model::{
        audit::{Action, Event},
        client::Client,
        id::{SessionId, TokenId, UserId},
        password::Password,
        session::{Device, Generation, Session, SessionSecret},
        time::Timestamp,
        user::{Account, User},
        username::UsernameKey,
    },
    store::{OpenSession, Opening},
};

/// What somebody who wants in presents.
#[derive(Debug)]
pub struct Credentials {
    /// Nothing when what was typed cannot be anybody's name.
    pub username: Option<UsernameKey>,
    pub password: Password,
    pub client: Client,
}

/// A session that has just been opened or exchanged, and its tokens.
#[derive(Debug)]
pub struct SignedIn {
    pub user: User,
    pub pair: Pair,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The name or the password is wrong; which, nobody is told.
    #[error("the name or the password is wrong")]
    InvalidCredentials,
    #[error(transparent)]
    Failed(#[from] Failure),
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
        let Credentials {
            username,
            password,
            client,
        } = credentials;
        let account = match &username {
            Some(name) => self.store.account_by_name(name).await.map_err(Failure::from)?,
            None => None,
        };
        let hash = account
            .as_ref()
            .and_then(|account| account.password_hash.as_ref());
        let name = username.as_ref().map_or("", UsernameKey::as_str);
        let checked = self
            .hasher
            .check(password.clone(), name, hash)
            .await
            .map_err(Failure::from)?;
        let Some(account) = account.filter(|account| checked.is_right() && !account.user.disabled) else {
            tracing::info!("login refused");
            return Err(LoginError::InvalidCredentials);
        };
        let outdated = (checked == Checked::RightButOutdated).then(|| account.clone());
        let signed_in = self.open_session(account, &client).await?;
        if let Some(account) = outdated {
            self.rehash_later(&account, password);
        }
        Ok(signed_in)
    }

    async fn open_session(&self, account: Account, client: &Client) -> Result<SignedIn, LoginError> {
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
            .personal(self.personal(client)?);
        let opening = Opening {
            session: session.clone(),
            version: account.user.version,
            event,
            password_hash: account.password_hash.clone(),
        };
        match self.store.open_session(opening).await.map_err(Failure::from)? {
            OpenSession::Opened(made_room) => self.revoked.apply(&made_room),
            OpenSession::AccountChanged => {
                let account = self.rehashed_meanwhile(&account).await?;
                let account = account.ok_or(LoginError::InvalidCredentials)?;
                return Box::pin(self.open_session(account, client)).await;
            }
        }
        let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
        let pair = self
            .tokens
            .pair(&session, &account.user, id, time)
            .map_err(Failure::from)?;
        tracing::info!(user = %account.user.id, session = %session.id, "session opened");
        Ok(SignedIn {
            user: account.user,
            pair,
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
            refresh_key: self.tokens.refresh_key().to_owned(),
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
