//! Programs that call on their own behalf: what administrators do to them, and the tokens they get.

use std::time::Duration;

use super::{
    Failure, Service, clock::Clock, random::Random, revoke::FURTHEST, revoked::RevokedSet, tokens::LEEWAY,
};
use crate::{
    model::{
        audit::{Action, Actor, Event},
        digest::SecretDigest,
        id::{TokenId, UserId},
        scope::{Scope, joined},
        service_account::{AccountName, ClientSecret, ServiceAccount},
        time::Timestamp,
        user::UserVersion,
    },
    store::{AccountChange, Store},
};

/// Somebody who may change service accounts, and what it takes: less than a whole service, so that the command line
/// can too.
#[derive(Clone, Copy, Debug)]
pub struct ServiceAccounts<'a> {
    pub store: &'a dyn Store,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
    /// What is told at once of tokens called back. A process that serves nobody has none: servers read of it.
    pub revoked: Option<&'a RevokedSet>,
    pub by: Actor,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceAccountError {
    #[error("there is no such service account")]
    NotFound,
    #[error("the name belongs to another service account")]
    NameTaken,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// What an administrator may do to service accounts.
    #[must_use]
    pub fn service_accounts(&self, admin: UserId) -> ServiceAccounts<'_> {
        ServiceAccounts {
            store: &*self.store,
            clock: &*self.clock,
            random: &*self.random,
            revoked: Some(&self.revoked),
            by: Actor::User(admin),
        }
    }
}

impl ServiceAccounts<'_> {
    /// All of them, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn list(&self) -> Result<Vec<ServiceAccount>, Failure> {
        Ok(self.store.service_accounts().await?)
    }

    /// Makes one. The secret is given out here and never again.
    ///
    /// # Errors
    ///
    /// [`ServiceAccountError::NameTaken`] when another has this name.
    pub async fn create(
        &self,
        name: AccountName,
        scopes: Vec<Scope>,
    ) -> Result<(ServiceAccount, ClientSecret), ServiceAccountError> {
        let now = self.clock.now();
        let secret = self.secret()?;
        let account = ServiceAccount {
            id: UserId::new(now, self.random.bytes().map_err(Failure::from)?),
            name,
            scopes,
            version: UserVersion::default(),
            disabled: false,
            created_at: now.into(),
        };
        let event = Event::new(Action::ServiceAccountCreated, account.created_at)
            .user(account.id)
            .by(Some(self.by))
            .detail("name", account.name.as_str())
            .detail("scopes", joined(&account.scopes));
        let made = self
            .store
            .create_service_account(&account, &secret.digest(), &event)
            .await
            .map_err(Failure::from)?;
        if made {
            Ok((account, secret))
        } else {
            Err(ServiceAccountError::NameTaken)
        }
    }

    /// Gives one other scopes, disables or enables it. Where it can do less than before, its tokens are called back.
    ///
    /// # Errors
    ///
    /// [`ServiceAccountError::NotFound`] when there is no such account.
    pub async fn change(
        &self,
        id: UserId,
        scopes: Option<Vec<Scope>>,
        disabled: Option<bool>,
    ) -> Result<ServiceAccount, ServiceAccountError> {
        let change = AccountChange {
            scopes,
            disabled,
            ..self.nothing()
        };
        self.apply(id, &change).await
    }

    /// Gives one a new secret. The old one, and the tokens it got, are good for nothing from then on.
    ///
    /// # Errors
    ///
    /// [`ServiceAccountError::NotFound`] when there is no such account.
    pub async fn rotate(&self, id: UserId) -> Result<(ServiceAccount, ClientSecret), ServiceAccountError> {
        let secret = self.secret()?;
        let change = AccountChange {
            secret: Some(secret.digest()),
            ..self.nothing()
        };
        Ok((self.apply(id, &change).await?, secret))
    }

    /// Removes one, and calls its tokens back.
    ///
    /// # Errors
    ///
    /// [`ServiceAccountError::NotFound`] when there is no such account.
    pub async fn delete(&self, id: UserId) -> Result<(), ServiceAccountError> {
        let deleted = self
            .store
            .delete_service_account(id, &self.nothing())
            .await
            .map_err(Failure::from)?;
        let revocation = deleted.ok_or(ServiceAccountError::NotFound)?;
        if let Some(revoked) = self.revoked {
            revoked.apply(&[revocation]);
        }
        Ok(())
    }

    async fn apply(&self, id: UserId, change: &AccountChange) -> Result<ServiceAccount, ServiceAccountError> {
        let changed = self
            .store
            .change_service_account(id, change)
            .await
            .map_err(Failure::from)?;
        let (account, revocations) = changed.ok_or(ServiceAccountError::NotFound)?;
        if let Some(revoked) = self.revoked {
            revoked.apply(&revocations);
        }
        Ok(account)
    }

    fn nothing(&self) -> AccountChange {
        let now = Timestamp::from(self.clock.now());
        AccountChange {
            scopes: None,
            disabled: None,
            secret: None,
            // The longest any token lives, whatever the lifetime was when it was issued.
            accepted_until: now.plus(FURTHEST + LEEWAY + Duration::from_secs(1)),
            by: self.by,
            now,
        }
    }

    fn secret(&self) -> Result<ClientSecret, Failure> {
        Ok(ClientSecret::new(self.random.bytes()?))
    }
}

/// An access token for a program.
pub struct ServiceToken {
    pub access: String,
    /// Seconds until it expires.
    pub expires_in: u64,
    pub scope: String,
}

impl std::fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceToken")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// There is no such client, its secret is another, or it is disabled.
    #[error("the client is unknown, its secret wrong, or it is disabled")]
    InvalidClient,
    /// It asks for more than it may do.
    #[error("the client may not have this scope")]
    InvalidScope,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Gives a program an access token of its own (RFC 6749 §4.4): for the scopes it asks for, or all it has.
    ///
    /// # Errors
    ///
    /// [`ClientError`] when it is not who it says, or asks for too much.
    pub async fn client_credentials(
        &self,
        client_id: &str,
        secret: &ClientSecret,
        scope: Option<&str>,
    ) -> Result<ServiceToken, ClientError> {
        let account = self.prove_client(client_id, secret).await?;
        let scope = granted(&account, scope)?;
        let time = self.clock.now();
        let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
        let event = Event::new(Action::ServiceAccountToken, time.into())
            .user(account.id)
            .detail("scope", &*scope)
            .detail("jti", id.to_string());
        self.store.record(&event).await.map_err(Failure::from)?;
        let token = self.tokens().for_service(&account, &scope, id, time);
        Ok(ServiceToken {
            access: token.map_err(Failure::from)?,
            expires_in: self.rules.access_lifetime.as_secs(),
            scope,
        })
    }

    async fn prove_client(
        &self,
        client_id: &str,
        secret: &ClientSecret,
    ) -> Result<ServiceAccount, ClientError> {
        let id = client_id.parse().map_err(|_| ClientError::InvalidClient)?;
        let found = self
            .store
            .service_account_secret(id)
            .await
            .map_err(Failure::from)?;
        let (account, kept): (ServiceAccount, SecretDigest) = found.ok_or(ClientError::InvalidClient)?;
        if kept.is(&secret.digest()) && !account.disabled {
            return Ok(account);
        }
        let event = Event::new(Action::SignInFailed, self.now()).user(account.id);
        self.store.record(&event).await.map_err(Failure::from)?;
        Err(ClientError::InvalidClient)
    }
}

/// The scopes asked for, each once, if the account has them all.
fn granted(account: &ServiceAccount, asked: Option<&str>) -> Result<String, ClientError> {
    let Some(asked) = asked.filter(|text| !text.is_empty()) else {
        return Ok(joined(&account.scopes));
    };
    let mut granted: Vec<Scope> = Vec::new();
    for name in asked.split(' ') {
        let scope: Scope = name.parse().map_err(|_| ClientError::InvalidScope)?;
        if !account.scopes.contains(&scope) {
            return Err(ClientError::InvalidScope);
        }
        if !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    Ok(joined(&granted))
}
