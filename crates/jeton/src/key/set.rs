use super::VerifyingKey;
use crate::jwk::{JwkSet, RawJwk, split_set};
use crate::{Algorithm, KeyError};

/// Keys that verify, chosen by a token's `kid` and algorithm. Cheap to clone for the few keys a set has.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    skipped: Vec<Skipped>,
}

/// A member of a JWK set that could not be used; it spoils no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its place in `keys`, from 0.
    pub index: usize,
    /// Its `kid`, where it could be read.
    pub kid: Option<String>,
    /// Why it cannot be used.
    pub reason: KeyError,
}

impl KeySet {
    /// Collects keys. Two keys with the same `kid` are refused: a token could not tell them apart.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyError> {
        let keys: Vec<_> = keys.into_iter().collect();
        let mut kids: Vec<_> = keys.iter().filter_map(VerifyingKey::kid).collect();
        kids.sort_unstable();
        if kids.windows(2).any(|pair| pair[0] == pair[1]) {
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
    /// Refused as a whole are two signature keys with one `kid`, and symmetric beside public keys.
    pub fn from_jwks(json: &str) -> Result<Self, KeyError> {
        Self::read_jwks(json, None)
    }

    /// The same, and keys that name no `alg` get this one if they fit it. Some issuers publish RSA keys so.
    pub fn from_jwks_as(algorithm: Algorithm, json: &str) -> Result<Self, KeyError> {
        Self::read_jwks(json, Some(algorithm))
    }

    fn read_jwks(json: &str, default: Option<Algorithm>) -> Result<Self, KeyError> {
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        for (index, member) in split_set(json)?.into_iter().enumerate() {
            let jwk = RawJwk::read(member);
            match jwk
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|jwk| usable(jwk, default))
            {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    let kid = jwk.ok().and_then(|jwk| jwk.kid).map(Into::into);
                    skipped.push(Skipped { index, kid, reason });
                }
            }
        }
        if skipped.iter().any(|one| is_double(one, &keys)) {
            return Err(KeyError::DuplicateKid);
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
    #[must_use]
    pub fn to_jwks(&self) -> JwkSet {
        JwkSet {
            keys: self.keys.iter().filter_map(|key| key.to_jwk().ok()).collect(),
        }
    }
}

/// Whether a skipped member bears the name of a key, and for signatures too: an unsound key under the name of
/// a sound one says that something is wrong with the set.
fn is_double(one: &Skipped, keys: &[VerifyingKey]) -> bool {
    let foreign = matches!(
        one.reason,
        KeyError::NotForSignatures | KeyError::UnsupportedType | KeyError::UnsupportedAlgorithm
    );
    !foreign && one.kid.is_some() && keys.iter().any(|key| key.kid() == one.kid.as_deref())
}

/// The default is for keys that say nothing: one that names another algorithm keeps it.
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
