//! Keys at rest: sealed, named and bound to one purpose.

use super::time::Timestamp;

/// What a key is for. A key of one purpose never verifies a token of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs access tokens; its public half is published.
    Access,
    /// Signs refresh tokens; known to the service alone.
    Refresh,
    /// Signs the samples of `/sign-token`; opens nothing.
    Playground,
}

impl Purpose {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Playground => "playground",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh, Self::Playground]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}

/// A signing key as the database holds it: encrypted, with its name and purpose bound to the ciphertext.
#[derive(Clone, Debug)]
pub struct SealedKey {
    pub kid: String,
    pub purpose: Purpose,
    /// The JWS name of the key's one algorithm.
    pub algorithm: String,
    pub sealed: Vec<u8>,
    pub created_at: Timestamp,
}
