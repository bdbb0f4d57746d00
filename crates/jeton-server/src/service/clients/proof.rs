//! How a client proves itself: by its secret, by a JWT of its own key, or, where it can keep no secret, not at all.

use std::{
    ops::Deref,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_lc_rs::digest::{SHA256, digest};
use jeton::{Claims, KeySet, Profile, Verified, Verifier};
use serde::{Deserialize, Serialize};

use super::own_tokens::ClientError;
use crate::{
    model::{
        acceptance::LEEWAY,
        audit::{Action, Event},
        client::{Client, ClientSecret, registration::ClientAuthentication},
        id::ClientId,
        time::Timestamp,
        user_agent::UserAgent,
    },
    outbound::NotVerified,
    service::{Failure, Service, machinery::refusals::Refused},
};

/// The longest that an assertion may live (RFC 7523 §3): it is remembered for as long.
const LONGEST_ASSERTION: Duration = Duration::from_mins(10);

/// What a client presents with a request.
#[derive(Debug)]
pub enum Credentials {
    /// Its id alone.
    Id(String),
    Secret {
        id: String,
        secret: ClientSecret,
    },
    /// A JWT that it signed (RFC 7523 §2.2), and its id where it sends that too.
    Assertion {
        id: Option<String>,
        assertion: String,
    },
}

/// A client that has proven itself in the way it registered.
#[derive(Clone, Debug)]
pub struct AuthenticatedClient(Client);

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

/// The claims of an assertion: nothing but the registered ones counts.
#[derive(Debug, Serialize, Deserialize)]
struct Assertion {}

impl Claims for Assertion {
    const TYP: &'static str = "JWT";
}

impl Service {
    /// Has a client prove itself.
    ///
    /// # Errors
    ///
    /// [`ClientError::InvalidClient`] when there is no such client, it is disabled, or does not prove itself as it
    /// registered; which, nobody is told. [`ClientError::KeysAway`] when nobody can tell, because its keys cannot be had.
    pub async fn authenticate_client(
        &self,
        credentials: &Credentials,
        agent: &UserAgent,
    ) -> Result<AuthenticatedClient, ClientError> {
        let time = self.clock.now();
        let claimed = match credentials {
            Credentials::Id(id)
            | Credentials::Secret { id, .. }
            | Credentials::Assertion { id: Some(id), .. } => Some(id.clone()),
            Credentials::Assertion { id: None, assertion } => claimed_by(assertion),
        };
        let found = match claimed.and_then(|id| id.parse().ok()) {
            Some(id) => self.store.client_with_secret(id).await.map_err(Failure::from)?,
            None => None,
        };
        let known = found.as_ref().map(|(client, _)| client.id);
        if let Some((client, kept)) = found
            && !client.disabled
        {
            let proves = match (client.registration.authentication, credentials) {
                (ClientAuthentication::None, Credentials::Id(_)) => true,
                (ClientAuthentication::Secret, Credentials::Secret { secret, .. }) => {
                    kept.is(&secret.digest())
                }
                (ClientAuthentication::PrivateKeyJwt, Credentials::Assertion { assertion, .. }) => {
                    self.asserts(&client, assertion, time).await?
                }
                _ => false,
            };
            if proves {
                return Ok(AuthenticatedClient(client));
            }
        }
        let event = Event::new(Action::SignInFailed, time.into());
        let event = match known {
            Some(id) => event.user(id.subject()),
            None => event.detail("client", "unknown"),
        };
        self.note(Refused::Client(known), event, agent).await;
        Err(ClientError::InvalidClient)
    }

    /// Whether a JWT proves a client: signed by a key it registered, from and about itself, for this service, in time,
    /// and not used before.
    async fn asserts(&self, client: &Client, assertion: &str, time: SystemTime) -> Result<bool, ClientError> {
        let Some(claims) = self.read_assertion(client, assertion, time).await? else {
            return Ok(false);
        };
        let Some(name) = claims.id() else {
            return Ok(false);
        };
        let until = claims.expires_at();
        let lives = until.duration_since(time).unwrap_or_default();
        if lives > LONGEST_ASSERTION + LEEWAY {
            return Ok(false);
        }
        let until = Timestamp::from(until).plus(LEEWAY + Duration::from_secs(1));
        let used = self.store.use_once(fingerprint(client.id, name), until).await;
        Ok(used.map_err(Failure::from)?)
    }

    /// The claims of an assertion that a key of the client has signed.
    async fn read_assertion(
        &self,
        client: &Client,
        assertion: &str,
        time: SystemTime,
    ) -> Result<Option<Arc<Verified<Assertion>>>, ClientError> {
        let registration = &client.registration;
        if let Some(uri) = &registration.jwks_uri {
            let rules = self.rules_of(client, KeySet::default());
            return match self.outbound.verify(client.id, uri, rules, assertion).await {
                Ok(verified) => Ok(Some(verified)),
                Err(NotVerified::KeysAway) => Err(ClientError::KeysAway),
                Err(NotVerified::Refused(_)) => Ok(None),
            };
        }
        let keys = registration.jwks.as_ref();
        let keys = keys.and_then(|keys| KeySet::from_jwks(&keys.to_string()).ok());
        let verified = keys.and_then(|keys| self.rules_of(client, keys).verify_at(assertion, time).ok());
        Ok(verified.map(Arc::new))
    }

    /// What is asked of an assertion: that it is from and about the client, for this service, and in time.
    fn rules_of(&self, client: &Client, keys: KeySet) -> Verifier {
        let id = client.id.to_string();
        let issuer = &self.rules.issuer;
        // Names of this service beside its own (RFC 7523 §3, RFC 9126 §2).
        let endpoint = |path: &str| format!("{}{path}", issuer.trim_end_matches('/'));
        Verifier::builder(keys)
            .issuer(&id)
            .audiences([issuer.clone(), endpoint("/oauth/token"), endpoint("/oauth/par")])
            .subject(&id)
            // Clients write `JWT`, or nothing.
            .profile(Profile::Jwt)
            .leeway(LEEWAY)
            .build()
    }
}

/// The client that an assertion says it is from, before it is verified.
fn claimed_by(assertion: &str) -> Option<String> {
    let unverified = jeton::Unverified::parse(assertion).ok()?;
    unverified.issuer().ok().flatten()
}

fn fingerprint(client: ClientId, name: &str) -> [u8; 32] {
    let mut text = client.as_bytes().to_vec();
    text.extend_from_slice(name.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &text).as_ref());
    bytes
}
