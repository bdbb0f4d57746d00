use super::VerifyingKey;
use crate::KeyError;
use crate::jwk::JwkSet;

/// Keys that verify, chosen by a token's `kid` and algorithm. Cheap to clone for the few keys a set has.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
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
        Ok(Self { keys })
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

impl From<VerifyingKey> for KeySet {
    fn from(key: VerifyingKey) -> Self {
        Self { keys: vec![key] }
    }
}
