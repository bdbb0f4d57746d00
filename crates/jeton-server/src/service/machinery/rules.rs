use std::time::Duration;

use jeton::Algorithm;

use super::revoked::WhenStale;
use crate::model::throttle::Limits;

/// The settings that use-cases and their tools read.
#[derive(Clone, Debug)]
pub struct Rules {
    pub issuer: String,
    pub audience: String,
    pub access_lifetime: Duration,
    /// How far a session slides with each refresh.
    pub refresh_lifetime: Duration,
    /// The absolute end of a session, counted from sign-in.
    pub session_lifetime: Duration,
    /// How long a refresh token stays good after it was exchanged, if its successor was not used.
    pub refresh_grace: Duration,
    /// How old the last reading of the revocations may be before this node no longer vouches for a token.
    pub revocation_max_lag: Duration,
    /// How long others may keep the key set without asking again.
    pub jwks_max_age: Duration,
    /// The algorithm of the first key, if the settings name one.
    pub signing_algorithm: Option<Algorithm>,
    pub when_stale: WhenStale,
    pub registration_open: bool,
    pub password_min_chars: usize,
    /// The throttle on attempts to sign in; `None` for no throttle.
    pub throttle: Option<Limits>,
}
