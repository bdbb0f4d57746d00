use super::VerifyingKey;
use crate::algorithm::Family;
use crate::jwk::{JwkSet, RawJwk, split_set};
use crate::{Algorithm, KeyError};

/// Keys that verify, chosen by a token's `kid` and algorithm. Cheap to clone for the few keys a set has.
///
/// Give every key a `kid`. A token that names none is tried with every key of its algorithm, and refused where
/// these are more than [`MAX_CANDIDATES`](crate::MAX_CANDIDATES).
///
/// ```
/// use jeton::{Algorithm, KeySet, SigningKey};
///
/// let [old, new] = [SigningKey::generate(Algorithm::EdDsa)?, SigningKey::generate(Algorithm::Es256)?];
/// let keys = KeySet::new([old.with_kid("old").verifying_key(), new.with_kid("new").verifying_key()])?;
/// let published = serde_json::to_string(&keys.to_jwks())?;
/// assert_eq!(KeySet::from_jwks(&published)?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    skipped: Vec<Skipped>,
}

/// A member of a JWK set that could not be used; it spoils no other.
///
/// ```
/// use jeton::{KeyError, KeySet};
///
/// let keys = KeySet::from_jwks(r#"{"keys":[{"kty":"of tomorrow","kid":"a"}]}"#)?;
/// let skipped = &keys.skipped()[0];
/// assert_eq!((skipped.kid.as_deref(), &skipped.reason), (Some("a"), &KeyError::UnsupportedType));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The member's place in `keys`, from 0.
    pub index: usize,
    /// The member's `kid`, where it could be read.
    pub kid: Option<String>,
    /// Why it cannot be used.
    pub reason: KeyError,
}

impl KeySet {
    /// Collects keys. Two keys with the same `kid` and algorithm are refused: a token could not tell them apart. Of
    /// different algorithms they may be alternatives to each other (RFC 7517 §4.5), and the token's `alg` chooses.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, VerifyingKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    ///
    /// use jeton::{KeyError, KeySet};
    ///
    /// let key = key.with_kid("a").verifying_key();
    /// assert_eq!(KeySet::new([key.clone(), key]).unwrap_err(), KeyError::DuplicateKid);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyError> {
        let keys: Vec<_> = keys.into_iter().collect();
        let mut named: Vec<_> = keys.iter().filter(|key| key.kid().is_some()).collect();
        named.sort_unstable_by_key(|key| key.kid());
        let mut alike = named.chunk_by(|one, other| one.kid() == other.kid());
        if alike.any(hold_double) {
            return Err(KeyError::DuplicateKid);
        }
        Ok(Self {
            keys,
            skipped: Vec::new(),
        })
    }

    /// Reads a JWK set (RFC 7517 §5). Members that cannot be used, such as encryption keys, unknown types
    /// or unsound keys, are skipped; [`skipped`](Self::skipped) names them with their reason.
    ///
    /// Refused as a whole are two signature keys with one `kid` and algorithm, an unsound key under the `kid` of a
    /// sound one of its type, symmetric beside public keys, and a set without a usable key in which one lacks only
    /// its `alg`: [`from_jwks_as`](Self::from_jwks_as) gives it one.
    ///
    /// ```
    /// use jeton::KeySet;
    ///
    /// let keys = KeySet::from_jwks(
    ///     r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    /// )?;
    /// assert_eq!(keys.iter().next().and_then(|key| key.kid()), Some("a"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jwks(json: &str) -> Result<Self, KeyError> {
        Self::read_jwks(json, None)
    }

    /// Reads a JWK set whose keys may name no `alg`: those get this one if they fit it. Some issuers publish RSA keys
    /// so.
    ///
    /// ```
    /// # let key = jeton::SigningKey::generate(jeton::Algorithm::Rs256)?.verifying_key();
    /// # let mut jwk = serde_json::to_value(key.to_jwk()?)?;
    /// # jwk.as_object_mut().unwrap().remove("alg");
    /// # let json = serde_json::json!({"keys": [jwk]}).to_string();
    ///
    /// use jeton::{Algorithm, KeyError, KeySet};
    ///
    /// // A set of one RSA key that names no `alg`.
    /// assert_eq!(KeySet::from_jwks(&json).unwrap_err(), KeyError::NoAlgorithm);
    /// assert_eq!(KeySet::from_jwks_as(Algorithm::Rs256, &json)?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jwks_as(algorithm: Algorithm, json: &str) -> Result<Self, KeyError> {
        Self::read_jwks(json, Some(algorithm))
    }

    fn read_jwks(json: &str, default: Option<Algorithm>) -> Result<Self, KeyError> {
        let (mut keys, mut skipped, mut unsound) = (Vec::new(), Vec::new(), Vec::new());
        for (index, member) in split_set(json)?.into_iter().enumerate() {
            let jwk = RawJwk::read(member);
            match jwk
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|jwk| usable(jwk, default))
            {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    let jwk = jwk.ok();
                    let kty = jwk.as_ref().map(|jwk| jwk.kty.clone());
                    let kid: Option<String> = jwk.and_then(|jwk| jwk.kid).map(Into::into);
                    if let (Some(kid), Some(kty), false) = (&kid, kty, is_foreign(&reason)) {
                        unsound.push((kid.clone(), kty));
                    }
                    skipped.push(Skipped { index, kid, reason });
                }
            }
        }
        // An unsound key under the name of a sound one says that something is wrong with the set.
        let bears = |key: &VerifyingKey, kid: &str, kty: &str| {
            key.kid() == Some(kid) && key_type(key.algorithm()) == kty
        };
        if unsound
            .iter()
            .any(|(kid, kty)| keys.iter().any(|key| bears(key, kid, kty)))
        {
            return Err(KeyError::DuplicateKid);
        }
        // An empty set would refuse every token as signed by an unknown key, and nobody would look here.
        if keys.is_empty() && skipped.iter().any(|one| one.reason == KeyError::NoAlgorithm) {
            return Err(KeyError::NoAlgorithm);
        }
        let symmetric = keys.iter().filter(|key| key.algorithm().is_symmetric()).count();
        if symmetric != 0 && symmetric != keys.len() {
            return Err(KeyError::MixedSet);
        }
        Ok(Self {
            skipped,
            ..Self::new(keys)?
        })
    }

    /// The members of the JWK set that could not be used.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The keys, in the order they were given.
    ///
    /// ```
    /// # use jeton::{Algorithm, KeySet, SigningKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
    /// let keys = KeySet::from(key.verifying_key());
    /// assert_eq!(keys.iter().next().and_then(|key| key.kid()), Some("2026-11"));
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter()
    }

    pub(crate) fn into_keys(self) -> impl Iterator<Item = VerifyingKey> {
        self.keys.into_iter()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key, and so no token that verifies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The set to publish: public halves only. Symmetric keys are left out, so a set of these alone is
    /// written as `{"keys":[]}`.
    ///
    /// ```
    /// # use jeton::{Algorithm, KeySet, SigningKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
    /// let published = serde_json::to_string(&KeySet::from(key.verifying_key()).to_jwks())?;
    /// assert_eq!(KeySet::from_jwks(&published)?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_jwks(&self) -> JwkSet {
        JwkSet {
            keys: self.keys.iter().filter_map(|key| key.to_jwk().ok()).collect(),
        }
    }
}

/// Whether a token could mean two of these keys, which have one `kid`.
fn hold_double(keys: &[&VerifyingKey]) -> bool {
    let agrees = |one: &VerifyingKey, other: &VerifyingKey| one.algorithm().agrees_with(other.algorithm());
    let mut places = keys.iter().enumerate();
    places.any(|(place, one)| keys[..place].iter().any(|other| agrees(one, other)))
}

/// Whether a member is not for signatures, or not for this library's.
fn is_foreign(reason: &KeyError) -> bool {
    matches!(
        reason,
        KeyError::NotForSignatures | KeyError::UnsupportedType | KeyError::UnsupportedAlgorithm
    )
}

/// The `kty` of keys of this algorithm (RFC 7518 §6.1, RFC 8037 §2, RFC 9964 §3).
fn key_type(algorithm: Algorithm) -> &'static str {
    match algorithm.family() {
        Family::Hmac => "oct",
        Family::Rsa => "RSA",
        Family::Ec => "EC",
        Family::Ed25519 => "OKP",
        Family::MlDsa => "AKP",
    }
}

/// Makes a key of a member. The default algorithm is for one that names none.
fn usable(jwk: &RawJwk<'_>, default: Option<Algorithm>) -> Result<VerifyingKey, KeyError> {
    match VerifyingKey::from_raw_jwk(jwk, None) {
        Err(KeyError::NoAlgorithm) => VerifyingKey::from_raw_jwk(jwk, default),
        decided => decided,
    }
}

impl From<VerifyingKey> for KeySet {
    fn from(key: VerifyingKey) -> Self {
        Self {
            keys: vec![key],
            skipped: Vec::new(),
        }
    }
}
