use crate::issuer::header_tail;
use crate::jws::Header;
use crate::key::VerifyingKey;
use crate::{Algorithm, KeySet, VerifyError};

/// Signatures up to this many bytes are decoded without an allocation: RSA up to 4096 bits.
pub(super) const MAX_INLINE_SIGNATURE: usize = 512;

/// In larger sets a header is parsed first; comparing it with each key's would cost more.
const MAX_KNOWN_HEADERS: usize = 4;

/// The keys of a verifier, each with the header its issuer writes.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

#[derive(Clone, Debug)]
struct Key {
    key: VerifyingKey,
    header_tail: Box<str>,
}

impl Keys {
    pub(crate) fn new(set: KeySet) -> Self {
        let prepare = |key: VerifyingKey| {
            let header_tail = header_tail(key.algorithm().name(), key.kid()).into();
            Key { key, header_tail }
        };
        Self {
            keys: set.into_keys().map(prepare).collect(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter().map(|key| &key.key)
    }

    /// The key whose issuer would write exactly these bytes as the header of a token of this type: the
    /// whole header is known then, and need not be parsed.
    pub(super) fn known_header(&self, header: &[u8], typ: &str) -> Option<&VerifyingKey> {
        let tail = header
            .strip_prefix(b"{\"typ\":\"")?
            .strip_prefix(typ.as_bytes())?
            .strip_prefix(b"\"")?;
        let known = self.keys.iter().take(MAX_KNOWN_HEADERS);
        let mut fitting = known.filter(|key| key.header_tail.as_bytes() == tail);
        let first = fitting.next()?;
        // Keys without a `kid` can share a header; then each has to be tried.
        fitting.next().is_none().then_some(&first.key)
    }

    /// The keys a header may mean: those with its `kid`, or those without any when it has none or an
    /// unknown one; all of the header's algorithm.
    pub(crate) fn candidates(
        &self,
        header: &Header<'_>,
    ) -> Result<impl Iterator<Item = &VerifyingKey>, VerifyError> {
        let algorithm: Algorithm = header
            .alg
            .parse()
            .map_err(|_| VerifyError::UnsupportedAlgorithm)?;
        let kid = header.kid.as_deref();
        let named = kid.filter(|kid| self.keys.iter().any(|key| key.key.kid() == Some(*kid)));
        let fits = move |key: &&VerifyingKey| match (named, kid) {
            (Some(_), _) => key.kid() == named,
            (None, Some(_)) => key.kid().is_none(),
            (None, None) => true,
        };
        let keys = || self.keys.iter().map(|key| &key.key).filter(fits);
        if keys().next().is_none() {
            return Err(VerifyError::UnknownKey);
        }
        let agreeing = move |key: &&VerifyingKey| key.algorithm().agrees_with(algorithm);
        if !keys().any(|key| agreeing(&key)) {
            return Err(VerifyError::WrongAlgorithm);
        }
        Ok(keys().filter(agreeing))
    }
}
