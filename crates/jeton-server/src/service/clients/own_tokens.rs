//! The tokens that programs get for themselves.

use crate::{
    model::{
        acceptance::accepted_for,
        audit::{Action, Event},
        client::{Client, ProvenClient, registration::GrantType},
        id::{ClientId, TokenId},
        scope::{Scope, is_standard, joined},
        time::Timestamp,
        user_agent::UserAgent,
    },
    service::{Failure, Service, TRIES, clients::proof::Credentials, tokens::refusals::Bearer},
    store::IssueToClient,
};

/// An access token for a program.
pub struct ServiceToken {
    pub client: ClientId,
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
    /// The keys that the client publishes cannot be had, so that nobody knows whether it is the one.
    #[error("the client's keys cannot be had at this moment")]
    KeysAway,
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
        credentials: &Credentials,
        scope: Option<&str>,
        agent: &UserAgent,
    ) -> Result<ServiceToken, ClientError> {
        for _ in 0..TRIES {
            let client = self.authenticate_client(credentials, agent).await?;
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
            client: client.id,
            access,
            expires_in,
            scope,
        }))
    }
}

/// The scopes asked for, each once, if the client has them all. Those about users are none of its own.
fn granted(client: &Client, asked: Option<&str>) -> Result<String, ClientError> {
    let own: Vec<Scope> = client
        .scopes
        .iter()
        .filter(|scope| !is_standard(scope))
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
