//! The keys of the service: sealed at rest, opened at start, and read again twice a second, so that a node heeds what
//! was done to them elsewhere.

use jeton::{KeyError, KeySet, SigningKey};

use super::{random::RandomError, seal::SealError};
use crate::{
    model::{client::registration::IdTokenAlg, key::Purpose, time::Timestamp},
    store::StoreError,
};

mod active;
mod manager;
mod sealer;
mod secret;

pub use manager::{KeyManager, lifetime};
pub use sealer::KeySealer;
pub(in crate::service) use sealer::Label;
pub use secret::{PreviousSecret, Secrets, SharedSecret};

/// Every key a node signs and verifies with at some moment.
#[derive(Clone, Debug)]
pub struct KeysByPurpose {
    pub access: Keys,
    pub refresh: Keys,
    pub playground: Keys,
    pub id_tokens: Vec<IdTokenKeys>,
}

/// The keys of ID tokens of one algorithm. None signs while the first is new, and not every reader of the key set has
/// it.
#[derive(Clone, Debug)]
pub struct IdTokenKeys {
    pub alg: IdTokenAlg,
    pub current: Option<SigningKey>,
    pub others: Vec<SigningKey>,
    /// When the next one begins to sign.
    pub next: Option<Timestamp>,
}

impl IdTokenKeys {
    /// All keys, the signing one first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.current.iter().chain(&self.others)
    }
}

/// The keys of one purpose: one signs, all verify.
#[derive(Clone, Debug)]
pub struct Keys {
    pub current: SigningKey,
    pub others: Vec<SigningKey>,
}

impl Keys {
    /// All keys, the signing one first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.others)
    }

    /// The verifying halves of all keys.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when two have the same name.
    pub fn verifying(&self) -> Result<KeySet, KeyError> {
        KeySet::new(self.iter().map(SigningKey::verifying_key))
    }
}

/// Why keys could not be opened, sealed or made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyManagerError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the key {kid:?} in the database cannot be opened: {source}. Start with the master key it was sealed with, as \
         JETON_MASTER_KEY_PREVIOUS beside a new one; no new key was made"
    )]
    Sealed { kid: String, source: SealError },
    #[error("a key could not be sealed: {0}")]
    Seal(#[from] SealError),
    #[error("a key is unusable: {0}")]
    Key(#[from] KeyError),
    #[error(
        "the key {kid:?} in the database has the algorithm {algorithm:?}, which this version does not know"
    )]
    Algorithm { kid: String, algorithm: String },
    #[error(
        "none of the {purpose} keys in the database signs at this time: `jeton keys rotate --purpose {purpose} --emergency` \
         makes one that does"
    )]
    NoSigner { purpose: Purpose },
    #[error(transparent)]
    Random(#[from] RandomError),
}

fn short_name(prefix: &str, bytes: &[u8]) -> String {
    let tail = base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes.get(..8).unwrap_or(bytes));
    format!("{prefix}-{tail}")
}
