//! Requests to servers elsewhere: messages that are sent, and the keys that clients publish. Nothing is set up before
//! the first of them.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use jeton::{Claims, Verified, Verifier};
use jeton_axum::{OutboundError, Rejection, RemoteKeys, RemoteKeysError};
use serde::de::DeserializeOwned;

use crate::model::id::ClientId;

/// How long a server may take. Whoever waits for a token waits for a client's keys too.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The largest set of keys that is read: tens of the largest.
const LARGEST_KEYS: usize = 64 * 1024;

/// How many clients' keys are kept, those that were asked for last: a set has some kilobytes.
const KEPT: usize = 64;

/// Speaks to servers elsewhere: over https, or over http on this machine, without following redirects.
pub struct Outbound {
    connections: OnceLock<jeton_axum::Outbound>,
    /// The one used last at the end.
    published: Mutex<Vec<Published>>,
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// The keys of a client.
struct Published {
    client: ClientId,
    uri: String,
    keys: RemoteKeys,
}

/// Why a JWT is not taken for a client's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotVerified {
    /// The client's keys cannot be had, so that nobody knows.
    #[error("the client's keys cannot be had")]
    KeysAway,
    /// It was signed by none of them, or is not in order.
    #[error(transparent)]
    Refused(Box<Rejection>),
}

impl Outbound {
    /// Tells the age of keys by this clock.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            connections: OnceLock::new(),
            published: Mutex::default(),
            now: Arc::new(now),
        }
    }

    /// Posts a form and returns the answer's status.
    ///
    /// # Errors
    ///
    /// [`OutboundError`] when there is no answer.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<u16, OutboundError> {
        self.connections()?.post_form(url, fields).await
    }

    /// Verifies a JWT with the keys that a client publishes. They are fetched when they are needed, and kept.
    ///
    /// # Errors
    ///
    /// [`NotVerified`] when it was not signed by one of them, or does not keep the rules.
    pub async fn verify<C: Claims + DeserializeOwned>(
        &self,
        client: ClientId,
        uri: &str,
        rules: Verifier,
        token: &str,
    ) -> Result<Arc<Verified<C>>, NotVerified> {
        let Ok(keys) = self.keys_of(client, uri, rules) else {
            return Err(NotVerified::KeysAway);
        };
        match keys.verify(token, (self.now)()).await {
            Ok(verified) => Ok(verified),
            Err(Rejection::KeysUnavailable) => Err(NotVerified::KeysAway),
            Err(rejection) => Err(NotVerified::Refused(Box::new(rejection))),
        }
    }

    fn keys_of(&self, client: ClientId, uri: &str, rules: Verifier) -> Result<RemoteKeys, RemoteKeysError> {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let known = published.iter().position(|known| known.client == client);
        // An address that was changed is another's keys.
        let known = known
            .map(|place| published.remove(place))
            .filter(|known| known.uri == uri);
        let known = match known {
            Some(known) => known,
            None => Published {
                client,
                uri: uri.to_owned(),
                keys: self.publishing(client, uri, rules)?,
            },
        };
        let keys = known.keys.clone();
        if published.len() >= KEPT {
            published.remove(0);
        }
        published.push(known);
        Ok(keys)
    }

    fn publishing(
        &self,
        client: ClientId,
        uri: &str,
        rules: Verifier,
    ) -> Result<RemoteKeys, RemoteKeysError> {
        let connections = self.connections().map_err(|_| RemoteKeysError::Client)?;
        let now = Arc::clone(&self.now);
        RemoteKeys::at(uri, rules)
            .by(connections)
            .timeout(TIMEOUT)
            .max_size(LARGEST_KEYS)
            .clock(move || now())
            .on_event(move |event| {
                if let jeton_axum::Event::Failed(error) = event {
                    tracing::warn!(%client, %error, "the keys of a client could not be fetched");
                }
            })
            .build()
    }

    fn connections(&self) -> Result<&jeton_axum::Outbound, OutboundError> {
        if let Some(connections) = self.connections.get() {
            return Ok(connections);
        }
        let made = jeton_axum::Outbound::new(TIMEOUT)?;
        Ok(self.connections.get_or_init(|| made))
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}
