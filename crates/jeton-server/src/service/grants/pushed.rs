//! Authorization requests that wait: pushed by their client beforehand (RFC 9126), or for what their user has to do first.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        authorization::AuthorizationRequest,
        ceremony::{CeremonySecret, Kind},
        id::{ClientId, UserId},
        time::Timestamp,
    },
    service::{
        Failure, Service,
        ceremonies::{CeremonyError, Open, State},
        clients::proof::AuthenticatedClient,
    },
};

/// How long a client has from pushing a request to sending its user there.
pub const PUSHED_FOR: Duration = Duration::from_secs(90);

/// How long a user may take to answer a request.
const WAITS_FOR: Duration = Duration::from_hours(1);

/// Begins the references to what was pushed (RFC 9126 §2.2).
const URN: &str = "urn:ietf:params:oauth:request_uri:";

#[derive(Debug, Serialize, Deserialize)]
struct Pushed {
    request: AuthorizationRequest,
}

impl State for Pushed {
    const KIND: Kind = Kind::Pushed;
    const LIFETIME: Option<Duration> = Some(PUSHED_FOR);
}

/// A request that waits for its user.
#[derive(Debug, Serialize, Deserialize)]
pub struct Waiting {
    pub request: AuthorizationRequest,
    proven_after: Option<i64>,
}

impl Waiting {
    #[must_use]
    pub fn new(request: AuthorizationRequest, proven_after: Option<Timestamp>) -> Self {
        Self {
            request,
            proven_after: proven_after.map(Timestamp::seconds),
        }
    }

    /// The time after which the user has to prove who they are.
    #[must_use]
    pub fn proven_after(&self) -> Option<Timestamp> {
        self.proven_after.map(Timestamp::from_seconds)
    }
}

impl State for Waiting {
    const KIND: Kind = Kind::Authorize;
    const LIFETIME: Option<Duration> = Some(WAITS_FOR);
}

impl Service {
    /// Keeps a request for its client, and returns the reference to it.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn push_request(
        &self,
        client: &AuthenticatedClient,
        request: AuthorizationRequest,
    ) -> Result<String, Failure> {
        debug_assert_eq!(client.id, request.client);
        let begun = self.begin_ceremony(None, &Pushed { request }).await?;
        Ok(format!("{URN}{}", begun.secret.expose()))
    }

    /// Takes what a client pushed, once, by its reference.
    ///
    /// # Errors
    ///
    /// [`CeremonyError`] when there is nothing, or nothing any more.
    pub async fn take_pushed(
        &self,
        client: ClientId,
        reference: &str,
    ) -> Result<AuthorizationRequest, CeremonyError> {
        let secret = reference.strip_prefix(URN).ok_or(CeremonyError::Unknown)?;
        let open: Open<Pushed> = self
            .open_ceremony(&CeremonySecret::presented(secret.to_owned()))
            .await?;
        if open.state.request.client != client {
            return Err(CeremonyError::Unknown);
        }
        self.finish_ceremony(&open).await?;
        Ok(open.state.request)
    }

    /// Lets a request wait for its user.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn let_wait(&self, user: Option<UserId>, waiting: &Waiting) -> Result<CeremonySecret, Failure> {
        Ok(self.begin_ceremony(user, waiting).await?.secret)
    }
}
