//! The tokens that programs get for themselves.

use crate::{
    model::{
        acceptance::accepted_for,
        audit::{Action, Event},
        client::{
            Client, ClientSecret, ProvenClient,
            change::is_of_users,
            registration::{ClientAuthentication, GrantType},
        },
        digest::SecretDigest,
        id::TokenId,
        scope::{Scope, joined},
        time::Timestamp,
        user_agent::UserAgent,
    },
    service::{Failure, Service, TRIES, machinery::refusals::Refused, tokens::refusals::Bearer},
    store::IssueToClient,
};

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
    /// The client is registered for other grants.
    #[error("the client may not get tokens for itself")]
    Unauthorized,
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
            if !client.registration.allows(GrantType::ClientCredentials) {
                self.note_refusal(Bearer::Client(client.id), "grant", agent).await;
                return Err(ClientError::Unauthorized);
            }
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
            Some((client, kept))
                if client.registration.authentication == ClientAuthentication::Secret
                    && kept.is(&secret.digest())
                    && !client.disabled =>
            {
                Ok(client)
            }
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

/// The scopes asked for, each once, if the client has them all. Those about users are none of its own.
fn granted(client: &Client, asked: Option<&str>) -> Result<String, ClientError> {
    let own: Vec<Scope> = client
        .scopes
        .iter()
        .filter(|scope| !is_of_users(scope))
        .cloned()
        .collect();
    let Some(asked) = asked.filter(|text| !text.is_empty()) else {
        return Ok(joined(&own));
    };
    let mut granted: Vec<Scope> = Vec::new();
    for name in asked.split(' ') {
        let scope: Scope = name.parse().map_err(|_| ClientError::InvalidScope)?;
        if !own.contains(&scope) {
            return Err(ClientError::InvalidScope);
        }
        if !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    Ok(joined(&granted))
}
