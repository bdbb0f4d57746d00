use crate::issuer::header_tail;
use crate::jws::Header;
use crate::key::VerifyingKey;
use crate::{Algorithm, KeySet, VerifyError};

/// How many keys are tried for one signature that names none by its `kid`. Each try costs as much as a
/// signature, so a token that could mean more is refused as [`VerifyError::AmbiguousKey`].
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// use jeton::{Algorithm, KeySet, MAX_CANDIDATES, SigningKey, VerifyError};
///
/// let keys = (0..=MAX_CANDIDATES).map(|_| Ok(SigningKey::generate(Algorithm::Es256)?.verifying_key()));
/// let nameless = KeySet::new(keys.collect::<Result<Vec<_>, jeton::KeyError>>()?)?;
/// let text = jeton::jws::Signer::new(SigningKey::generate(Algorithm::Es256)?).member("typ", "at+jwt").sign(b"{}")?;
/// let refused = issuer.verifier("api").with_keys(nameless).verify_at::<Access>(&text, issuer.clock().now());
/// assert!(matches!(refused, Err(VerifyError::AmbiguousKey { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const MAX_CANDIDATES: usize = 16;

/// Signatures up to this many bytes are decoded without an allocation: RSA up to 4096 bits.
pub(super) const MAX_INLINE_SIGNATURE: usize = 512;

/// In larger sets a header is parsed first; comparing it with each key's would cost more.
const MAX_KNOWN_HEADERS: usize = 4;

/// The keys of a verifier, and the headers that mean one of them for certain.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    keys: Vec<VerifyingKey>,
    known: Vec<Known>,
}

/// A header as issuers write it, behind its `typ`, and the place of the only key it can mean.
#[derive(Clone, Debug)]
struct Known {
    header_tail: Box<str>,
    place: usize,
}

impl Keys {
    pub(crate) fn new(set: KeySet) -> Self {
        let mut keys = Self {
            keys: set.into_keys().collect(),
            known: Vec::new(),
        };
        keys.known = keys.known_headers();
        keys
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &VerifyingKey> {
        self.keys.iter()
    }

    /// The key that these bytes mean as the header of a token of this type, where that is known by heart: the
    /// one [`candidates`](Self::candidates) would find, without parsing.
    pub(super) fn known_header(&self, header: &[u8], typ: &str) -> Option<&VerifyingKey> {
        let tail = header
            .strip_prefix(b"{\"typ\":\"")?
            .strip_prefix(typ.as_bytes())?
            .strip_prefix(b"\"")?;
        let known = self
            .known
            .iter()
            .find(|known| known.header_tail.as_bytes() == tail)?;
        self.keys.get(known.place)
    }

    /// The keys a header may mean: those with its `kid`, or those without any when it has none or an
    /// unknown one; all of the header's algorithm, and at most [`MAX_CANDIDATES`].
    pub(crate) fn candidates(
        &self,
        header: &Header<'_>,
    ) -> Result<impl Iterator<Item = &VerifyingKey>, VerifyError> {
        let algorithm: Algorithm = header
            .alg
            .parse()
            .map_err(|_| VerifyError::UnsupportedAlgorithm)?;
        let kid = header.kid.as_deref();
        let named = kid.filter(|kid| self.keys.iter().any(|key| key.kid() == Some(*kid)));
        let mut meant = self.keys.iter().filter(move |key| match (named, kid) {
            (Some(_), _) => key.kid() == named,
            (None, Some(_)) => key.kid().is_none(),
            (None, None) => true,
        });
        let agreeing = meant
            .clone()
            .filter(move |key| key.algorithm().agrees_with(algorithm));
        match agreeing.clone().take(MAX_CANDIDATES + 1).count() {
            0 if meant.next().is_none() => Err(VerifyError::UnknownKey),
            0 => Err(VerifyError::WrongAlgorithm),
            1..=MAX_CANDIDATES => Ok(agreeing),
            _ => Err(VerifyError::AmbiguousKey {
                limit: MAX_CANDIDATES,
            }),
        }
    }

    /// The headers of the first keys, but for those that another key could be meant by too.
    fn known_headers(&self) -> Vec<Known> {
        let first = self.keys.iter().take(MAX_KNOWN_HEADERS).enumerate();
        first
            .filter(|(_, key)| self.is_meant_alone(key))
            .map(|(place, key)| Known {
                header_tail: header_tail(key.algorithm().name(), key.kid()).into(),
                place,
            })
            .collect()
    }

    fn is_meant_alone(&self, key: &VerifyingKey) -> bool {
        let header = Header {
            alg: key.algorithm().name().into(),
            kid: key.kid().map(Into::into),
            ..Header::default()
        };
        self.candidates(&header).is_ok_and(|keys| keys.count() == 1)
    }
}
