//! Service accounts, programs that call on their own behalf: acts of administrators on them, and the tokens they get.

use crate::{
    model::{
        acceptance::accepted_for,
        audit::{Action, Actor, Event},
        client::Client,
        digest::SecretDigest,
        id::{TokenId, UserId},
        scope::{Scope, joined},
        service_account::{AccountName, ClientSecret, ProvenClient, ServiceAccount},
        time::Timestamp,
        user::UserVersion,
    },
    service::{
        Failure, Service, TRIES, accounts::admin::Administrator, context::Context,
        machinery::refusals::Refused, tokens::refusals::Bearer,
    },
    store::{AccountChange, IssueToAccount},
};

/// Acts on service accounts, by one actor.
#[derive(Clone, Copy, Debug)]
pub struct ServiceAccounts<'a> {
    pub context: Context<'a>,
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
    /// The acts on service accounts open to an administrator.
    #[must_use]
    pub fn service_accounts(&self, admin: &Administrator) -> ServiceAccounts<'_> {
        ServiceAccounts {
            context: self.context(),
            by: admin.actor(),
        }
    }
}

impl ServiceAccounts<'_> {
    /// All accounts, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn list(&self) -> Result<Vec<ServiceAccount>, Failure> {
        Ok(self.context.store.service_accounts().await?)
    }

    /// Makes an account. Its secret is given out here and never again.
    ///
    /// # Errors
    ///
    /// [`ServiceAccountError::NameTaken`] when another has this name.
    pub async fn create(
        &self,
        name: AccountName,
        scopes: Vec<Scope>,
    ) -> Result<(ServiceAccount, ClientSecret), ServiceAccountError> {
        let now = self.context.clock.now();
        let secret = self.secret()?;
        let account = ServiceAccount {
            id: UserId::new(now, self.context.random.bytes().map_err(Failure::from)?),
            name,
            scopes,
            version: UserVersion::default(),
            disabled: false,
            created_at: now.into(),
            accepted_until: now.into(),
        };
        let event = Event::new(Action::ServiceAccountCreated, account.created_at)
            .user(account.id)
            .by(Some(self.by))
            .detail("name", account.name.as_str())
            .detail("scopes", joined(&account.scopes));
        let made = self
            .context
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

    /// Gives an account other scopes, disables or enables it. Where it may do less than before, its tokens are revoked.
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

    /// Gives an account a new secret. The old one, and tokens issued for it, are refused from then on.
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

    /// Deletes an account and revokes its tokens.
    ///
    /// # Errors
    ///
    /// [`ServiceAccountError::NotFound`] when there is no such account.
    pub async fn delete(&self, id: UserId) -> Result<(), ServiceAccountError> {
        let deleted = self
            .context
            .store
            .delete_service_account(id, &self.nothing())
            .await
            .map_err(Failure::from)?;
        self.context.heed(deleted.as_slice()).await?;
        match deleted {
            Some(_) => Ok(()),
            None => Err(ServiceAccountError::NotFound),
        }
    }

    async fn apply(&self, id: UserId, change: &AccountChange) -> Result<ServiceAccount, ServiceAccountError> {
        let changed = self
            .context
            .store
            .change_service_account(id, change)
            .await
            .map_err(Failure::from)?;
        let (account, revocations) = match changed {
            Some((account, revocations)) => (Ok(account), revocations),
            None => (Err(ServiceAccountError::NotFound), Vec::new()),
        };
        self.context.heed(&revocations).await?;
        account
    }

    fn nothing(&self) -> AccountChange {
        AccountChange {
            scopes: None,
            disabled: None,
            secret: None,
            by: self.by,
            now: self.context.now(),
        }
    }

    fn secret(&self) -> Result<ClientSecret, Failure> {
        Ok(ClientSecret::new(self.context.random.bytes()?))
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
    /// The client asks for more than it may do.
    #[error("the client may not have this scope")]
    InvalidScope,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Issues a program an access token of its own (RFC 6749 §4.4): for the scopes it asks for, or all it has.
    ///
    /// # Errors
    ///
    /// [`ClientError`] when the client does not prove itself, or asks for too much.
    pub async fn client_credentials(
        &self,
        client_id: &str,
        secret: &ClientSecret,
        scope: Option<&str>,
        client: &Client,
    ) -> Result<ServiceToken, ClientError> {
        for _ in 0..TRIES {
            let account = self.prove_client(client_id, secret, client).await?;
            let scope = match granted(&account, scope) {
                Ok(scope) => scope,
                Err(error) => {
                    self.note_refusal(Bearer::Program(account.id), "scope", client)
                        .await;
                    return Err(error);
                }
            };
            if let Some(token) = self.issue_to(&account, scope).await? {
                return Ok(token);
            }
        }
        Err(Failure::Changing.into())
    }

    /// Issues a token to a program that has just proven itself; none when its account has changed since.
    async fn issue_to(
        &self,
        proven: &ServiceAccount,
        scope: String,
    ) -> Result<Option<ServiceToken>, Failure> {
        let time = self.clock.now();
        let (now, id) = (Timestamp::from(time), TokenId::new(time, self.random.bytes()?));
        let event = Event::new(Action::ServiceAccountToken, now)
            .user(proven.id)
            .detail("scope", &*scope)
            .detail("jti", id.to_string());
        let issue = IssueToAccount {
            client: ProvenClient {
                id: proven.id,
                version: proven.version,
            },
            accepted_until: now.plus(accepted_for(self.rules.access_lifetime)),
            event,
        };
        let Some(account) = self.store.issue_to_service_account(&issue).await? else {
            return Ok(None);
        };
        let (access, expires_in) = self.tokens().for_service(&account, &scope, id, time)?;
        Ok(Some(ServiceToken {
            access,
            expires_in,
            scope,
        }))
    }

    async fn prove_client(
        &self,
        client_id: &str,
        secret: &ClientSecret,
        client: &Client,
    ) -> Result<ServiceAccount, ClientError> {
        let found: Option<(ServiceAccount, SecretDigest)> = match client_id.parse() {
            Ok(id) => self
                .store
                .service_account_secret(id)
                .await
                .map_err(Failure::from)?,
            Err(_) => None,
        };
        let known = found.as_ref().map(|(account, _)| account.id);
        match found {
            Some((account, kept)) if kept.is(&secret.digest()) && !account.disabled => Ok(account),
            _ => {
                let event = Event::new(Action::SignInFailed, self.now());
                let event = match known {
                    Some(id) => event.user(id),
                    None => event.detail("client", "unknown"),
                };
                self.note(Refused::Client(known), event, client).await;
                Err(ClientError::InvalidClient)
            }
        }
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
