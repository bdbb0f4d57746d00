//! Clients, programs that call on their own behalf: acts of administrators on them, and the tokens they get.

use crate::{
    model::{
        acceptance::accepted_for,
        audit::{Action, Actor, Event},
        client::{Client, ClientName, ClientSecret, ProvenClient, registration::Registration},
        digest::SecretDigest,
        id::{ClientId, TokenId},
        scope::{Scope, joined},
        time::Timestamp,
        user::UserVersion,
        user_agent::UserAgent,
    },
    service::{
        Failure, Service, TRIES, accounts::admin::Administrator, context::Context,
        machinery::refusals::Refused, tokens::refusals::Bearer,
    },
    store::{ClientChange, IssueToClient},
};

/// Acts on clients, by one actor.
#[derive(Clone, Copy, Debug)]
pub struct Clients<'a> {
    pub context: Context<'a>,
    pub by: Actor,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientActError {
    #[error("there is no such client")]
    NotFound,
    #[error("the name belongs to another client")]
    NameTaken,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// The acts on clients open to an administrator.
    #[must_use]
    pub fn clients(&self, admin: &Administrator) -> Clients<'_> {
        Clients {
            context: self.context(),
            by: admin.actor(),
        }
    }
}

impl Clients<'_> {
    /// All clients, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn list(&self) -> Result<Vec<Client>, Failure> {
        Ok(self.context.store.clients().await?)
    }

    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client.
    pub async fn find(&self, id: ClientId) -> Result<Client, ClientActError> {
        let found = self.context.store.client(id).await.map_err(Failure::from)?;
        found.ok_or(ClientActError::NotFound)
    }

    /// Makes a client. Its secret is given out here and never again.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NameTaken`] when another has this name.
    pub async fn create(
        &self,
        name: ClientName,
        scopes: Vec<Scope>,
    ) -> Result<(Client, ClientSecret), ClientActError> {
        let now = self.context.clock.now();
        let secret = self.secret()?;
        let client = Client {
            id: ClientId::new(now, self.context.random.bytes().map_err(Failure::from)?),
            name,
            scopes,
            version: UserVersion::default(),
            disabled: false,
            created_at: now.into(),
            accepted_until: now.into(),
            registration: Registration::default(),
        };
        let event = Event::new(Action::ClientCreated, client.created_at)
            .user(client.id.subject())
            .by(Some(self.by))
            .detail("name", client.name.as_str())
            .detail("scopes", joined(&client.scopes));
        let made = self
            .context
            .store
            .create_client(&client, &secret.digest(), &event)
            .await
            .map_err(Failure::from)?;
        if made {
            Ok((client, secret))
        } else {
            Err(ClientActError::NameTaken)
        }
    }

    /// Gives a client other scopes, disables or enables it. Where it may do less than before, its tokens are revoked.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client.
    pub async fn change(
        &self,
        id: ClientId,
        scopes: Option<Vec<Scope>>,
        disabled: Option<bool>,
    ) -> Result<Client, ClientActError> {
        let change = ClientChange {
            scopes,
            disabled,
            ..self.nothing()
        };
        self.apply(id, &change).await
    }

    /// Gives a client a new secret. The old one, and tokens issued for it, are refused from then on.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client.
    pub async fn rotate(&self, id: ClientId) -> Result<(Client, ClientSecret), ClientActError> {
        let secret = self.secret()?;
        let change = ClientChange {
            secret: Some(secret.digest()),
            ..self.nothing()
        };
        Ok((self.apply(id, &change).await?, secret))
    }

    /// Deletes a client and revokes its tokens.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client.
    pub async fn delete(&self, id: ClientId) -> Result<(), ClientActError> {
        let deleted = self
            .context
            .store
            .delete_client(id, &self.nothing())
            .await
            .map_err(Failure::from)?;
        self.context.heed(deleted.as_slice()).await?;
        match deleted {
            Some(_) => Ok(()),
            None => Err(ClientActError::NotFound),
        }
    }

    async fn apply(&self, id: ClientId, change: &ClientChange) -> Result<Client, ClientActError> {
        let changed = self
            .context
            .store
            .change_client(id, change)
            .await
            .map_err(Failure::from)?;
        let (client, revocations) = match changed {
            Some((client, revocations)) => (Ok(client), revocations),
            None => (Err(ClientActError::NotFound), Vec::new()),
        };
        self.context.heed(&revocations).await?;
        client
    }

    fn nothing(&self) -> ClientChange {
        ClientChange {
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
        agent: &UserAgent,
    ) -> Result<ServiceToken, ClientError> {
        for _ in 0..TRIES {
            let client = self.prove_client(client_id, secret, agent).await?;
            let scope = match granted(&client, scope) {
                Ok(scope) => scope,
                Err(error) => {
                    self.note_refusal(Bearer::Client(client.id), "scope", agent).await;
                    return Err(error);
                }
            };
            if let Some(token) = self.issue_to(&client, scope).await? {
                return Ok(token);
            }
        }
        Err(Failure::Changing.into())
    }

    /// Issues a token to a program that has just proven itself; none when it has changed since.
    async fn issue_to(&self, proven: &Client, scope: String) -> Result<Option<ServiceToken>, Failure> {
        let time = self.clock.now();
        let (now, id) = (Timestamp::from(time), TokenId::new(time, self.random.bytes()?));
        let event = Event::new(Action::ClientToken, now)
            .user(proven.id.subject())
            .detail("scope", &*scope)
            .detail("jti", id.to_string());
        let issue = IssueToClient {
            client: ProvenClient {
                id: proven.id,
                version: proven.version,
            },
            accepted_until: now.plus(accepted_for(self.rules.access_lifetime)),
            event,
        };
        let Some(client) = self.store.issue_to_client(&issue).await? else {
            return Ok(None);
        };
        let (access, expires_in) = self.tokens().for_service(&client, &scope, id, time)?;
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
        agent: &UserAgent,
    ) -> Result<Client, ClientError> {
        let found: Option<(Client, SecretDigest)> = match client_id.parse() {
            Ok(id) => self.store.client_with_secret(id).await.map_err(Failure::from)?,
            Err(_) => None,
        };
        let known = found.as_ref().map(|(client, _)| client.id);
        match found {
            Some((client, kept)) if kept.is(&secret.digest()) && !client.disabled => Ok(client),
            _ => {
                let event = Event::new(Action::SignInFailed, self.now());
                let event = match known {
                    Some(id) => event.user(id.subject()),
                    None => event.detail("client", "unknown"),
                };
                self.note(Refused::Client(known), event, agent).await;
                Err(ClientError::InvalidClient)
            }
        }
    }
}

/// The scopes asked for, each once, if the client has them all.
fn granted(client: &Client, asked: Option<&str>) -> Result<String, ClientError> {
    let Some(asked) = asked.filter(|text| !text.is_empty()) else {
        return Ok(joined(&client.scopes));
    };
    let mut granted: Vec<Scope> = Vec::new();
    for name in asked.split(' ') {
        let scope: Scope = name.parse().map_err(|_| ClientError::InvalidScope)?;
        if !client.scopes.contains(&scope) {
            return Err(ClientError::InvalidScope);
        }
        if !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    Ok(joined(&granted))
}
