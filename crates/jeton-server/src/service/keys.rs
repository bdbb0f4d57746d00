//! The signing keys: made once, sealed at rest, opened at start.

use jeton::{Algorithm, KeyError, KeySet, SigningKey};
use zeroize::Zeroizing;

use super::{
    clock::Clock,
    random::{Random, RandomError},
    seal::{MasterKey, SealError, Sealer},
};
use crate::{
    model::key::{Purpose, SealedKey},
    store::{Store, StoreError},
};

/// Every key the service signs with.
#[derive(Clone, Debug)]
pub struct Keyring {
    pub access: Keys,
    pub refresh: Keys,
    pub playground: Keys,
}

/// The keys of one purpose: one signs, all verify.
#[derive(Clone, Debug)]
pub struct Keys {
    pub current: SigningKey,
    pub others: Vec<SigningKey>,
}

impl Keys {
    fn one(current: SigningKey) -> Self {
        Self {
            current,
            others: Vec::new(),
        }
    }

    /// All of them, the one that signs first.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.others)
    }

    /// Their verifying halves.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when two have the same name.
    pub fn verifying(&self) -> Result<KeySet, KeyError> {
        KeySet::new(self.iter().map(SigningKey::verifying_key))
    }
}

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the key {kid:?} in the database cannot be opened: {source}. Start with the master key it was sealed with; no new key was made"
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
    #[error("a key that was just stored is not in the database")]
    NotStored,
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A shared secret to sign access tokens with, HS256, from `JWT_SECRET`.
#[derive(Clone)]
pub struct SharedSecret(Zeroizing<String>);

impl SharedSecret {
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }

    /// The key, named after its secret without giving any of it away.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when the secret is too short or is no secret at all.
    pub fn signing_key(&self) -> Result<SigningKey, KeyError> {
        let key = SigningKey::hs256(self.0.as_bytes())?;
        let name = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.0.as_bytes());
        let name = aws_lc_rs::hmac::sign(&name, b"jeton key id");
        Ok(key.with_kid(short_name("hs256", name.as_ref())))
    }
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

/// Whether the database holds keys that only their master key opens.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn are_sealed(store: &dyn Store) -> Result<bool, StoreError> {
    for purpose in [Purpose::Access, Purpose::Refresh, Purpose::Playground] {
        if !store.keys(purpose).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Keyring {
    /// Opens the keys in the database, making the first of each purpose where there is none. With a shared
    /// secret, access tokens are signed with it instead.
    ///
    /// # Errors
    ///
    /// [`KeyringError`]; a key that does not open is never replaced.
    pub async fn open(
        store: &dyn Store,
        master: &MasterKey,
        secret: Option<&SharedSecret>,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<Self, KeyringError> {
        let vault = Vault {
            store,
            sealer: Sealer::new(master)?,
            clock,
            random,
        };
        let access = match secret {
            Some(secret) => Keys::one(secret.signing_key()?),
            None => vault.keys(Purpose::Access, Algorithm::Es256).await?,
        };
        let refresh = vault.keys(Purpose::Refresh, Algorithm::Hs256).await?;
        let playground = vault.keys(Purpose::Playground, Algorithm::Hs256).await?;
        Ok(Self {
            access,
            refresh,
            playground,
        })
    }
}

struct Vault<'a> {
    store: &'a dyn Store,
    sealer: Sealer,
    clock: &'a dyn Clock,
    random: &'a dyn Random,
}

impl Vault<'_> {
    /// The keys of a purpose; the newest signs.
    async fn keys(&self, purpose: Purpose, algorithm: Algorithm) -> Result<Keys, KeyringError> {
        let mut sealed = self.store.keys(purpose).await?;
        if sealed.is_empty() {
            self.store
                .insert_first_key(&self.make(purpose, algorithm)?)
                .await?;
            // Another node may have been first: what counts is what is stored.
            sealed = self.store.keys(purpose).await?;
        }
        let (newest, older) = sealed.split_first().ok_or(KeyringError::NotStored)?;
        let others = older.iter().map(|key| self.open(key)).collect::<Result<_, _>>()?;
        Ok(Keys {
            current: self.open(newest)?,
            others,
        })
    }

    fn make(&self, purpose: Purpose, algorithm: Algorithm) -> Result<SealedKey, KeyringError> {
        let (kid, material) = match algorithm {
            Algorithm::Hs256 => {
                let secret = Zeroizing::new(self.random.bytes::<32>()?);
                let name: [u8; 8] = self.random.bytes()?;
                (
                    short_name(purpose.as_str(), &name),
                    Zeroizing::new(secret.to_vec()),
                )
            }
            asymmetric => {
                let key = SigningKey::generate(asymmetric)?;
                (key.verifying_key().thumbprint()?, key.to_pkcs8_der()?)
            }
        };
        let sealed = self.sealer.seal(&kid, purpose, &material, self.random)?;
        let created_at = self.clock.now().into();
        Ok(SealedKey {
            kid,
            purpose,
            algorithm: algorithm.name().to_owned(),
            sealed,
            created_at,
        })
    }

    fn open(&self, key: &SealedKey) -> Result<SigningKey, KeyringError> {
        let SealedKey {
            kid,
            purpose,
            algorithm,
            sealed,
            ..
        } = key;
        let material = self
            .sealer
            .open(kid, *purpose, sealed)
            .map_err(|source| KeyringError::Sealed {
                kid: kid.clone(),
                source,
            })?;
        let algorithm = algorithm.parse().map_err(|_| KeyringError::Algorithm {
            kid: kid.clone(),
            algorithm: algorithm.clone(),
        })?;
        let key = match algorithm {
            Algorithm::Hs256 => SigningKey::hs256(&material[..])?,
            asymmetric => SigningKey::from_pkcs8_der(asymmetric, &material)?,
        };
        Ok(key.with_kid(kid.clone()))
    }
}

fn short_name(prefix: &str, bytes: &[u8]) -> String {
    let tail = base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes.get(..8).unwrap_or(bytes));
    format!("{prefix}-{tail}")
}
