//! JSON Web Keys (RFC 7517).

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{Deserializer, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::scan::{NotJson, Scanner};
use crate::strict::{self, Failure, Seen, is_reserved};
use crate::{Algorithm, KeyError};

/// The longest JWK that is read, in bytes. An RSA key of 8192 bits with its private half takes 7,000.
const MAX_JWK: usize = 64 * 1024;

/// The longest set that is read, in bytes.
const MAX_SET: usize = 1024 * 1024;

/// The most members a set may have: each costs as much as a key takes to be checked.
const MAX_MEMBERS: usize = 1_000;

/// A public key as JSON (RFC 7517). It never holds a private or symmetric key.
///
/// ```
/// use jeton::{Algorithm, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
/// let jwk = key.verifying_key().to_jwk()?;
/// assert_eq!(jwk.kid(), Some("2026-11"));
/// assert!(serde_json::to_string(&jwk)?.contains(r#""kty":"OKP""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    #[serde(flatten)]
    parameters: Parameters,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

/// The members that make the key, RFC 7518 §6. All values but `crv` are base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kty")]
pub(crate) enum Parameters {
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: String, x: String },
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    /// An ML-DSA key (RFC 9964 §3), whose parameter set is in `alg`.
    #[serde(rename = "AKP")]
    Akp {
        #[serde(rename = "pub")]
        public: String,
    },
}

impl Parameters {
    /// The kind of key, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Ec { .. } => "an elliptic curve key",
            Self::Okp { .. } => "an Edwards or Montgomery curve key",
            Self::Rsa { .. } => "an RSA key",
            Self::Akp { .. } => "an ML-DSA key",
        }
    }
}

impl Jwk {
    pub(crate) fn new(parameters: Parameters, algorithm: Algorithm, kid: Option<&str>) -> Self {
        Self {
            parameters,
            usage: Some("sig"),
            alg: Some(algorithm.name()),
            kid: kid.map(str::to_owned),
        }
    }

    /// The key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The required members in the order and spelling of RFC 7638 §3 (RFC 9964 §6 for AKP). They need no
    /// escapes: names of curves and algorithms, and base64url.
    pub(crate) fn thumbprint_input(&self) -> String {
        match &self.parameters {
            Parameters::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Parameters::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
            Parameters::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Parameters::Akp { public } => {
                format!(
                    r#"{{"alg":"{}","kty":"AKP","pub":"{public}"}}"#,
                    self.alg.unwrap_or_default()
                )
            }
        }
    }
}

/// A set of public keys as JSON (RFC 7517 §5), such as is served at `/.well-known/jwks.json`.
///
/// ```
/// use jeton::{Algorithm, KeySet, SigningKey};
///
/// let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
/// let published = serde_json::to_string(&KeySet::from(key.verifying_key()).to_jwks())?;
/// assert!(published.starts_with(r#"{"keys":[{"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A JWK as it came, nothing checked but its form. It borrows from the text, so no secret is copied.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RawJwk<'a> {
    #[serde(borrow)]
    pub(crate) kty: Cow<'a, str>,
    #[serde(rename = "use", borrow, deserialize_with = "present")]
    usage: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "present")]
    key_ops: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, deserialize_with = "present")]
    alg: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) kid: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) crv: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) x: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) y: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) n: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) e: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) d: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) p: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) q: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) dp: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) dq: Option<&'a str>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) qi: Option<&'a str>,
    #[serde(deserialize_with = "present")]
    pub(crate) oth: Option<IgnoredAny>,
    #[serde(borrow, deserialize_with = "present")]
    pub(crate) k: Option<&'a str>,
    #[serde(rename = "pub", borrow, deserialize_with = "present")]
    pub(crate) public: Option<&'a str>,
    #[serde(rename = "priv", borrow, deserialize_with = "present")]
    pub(crate) private: Option<&'a str>,
}

/// Reads a member that is there, which must have its type: `null` is a value of another.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'a> RawJwk<'a> {
    pub(crate) fn read(json: &'a str) -> Result<Self, KeyError> {
        if json.len() > MAX_JWK {
            return Err(KeyError::TooLarge { limit: MAX_JWK });
        }
        strict::read(PhantomData, json, 0).map_err(|failure| {
            KeyError::Malformed(match failure {
                Failure::Fault(_) => {
                    "the JWK has a member twice or of a reserved name, a number out of range, or nests too deeply"
                }
                Failure::Trailing(_) | Failure::Value(_) => {
                    "the JWK is not a JSON object whose members have their types"
                }
            })
        })
    }

    /// The key's one algorithm: `alg`, else the one asked for, else the only one such a key can have.
    pub(crate) fn algorithm(&self, asked: Option<Algorithm>) -> Result<Algorithm, KeyError> {
        if !matches!(&*self.kty, "EC" | "OKP" | "RSA" | "AKP" | "oct") {
            return Err(KeyError::UnsupportedType);
        }
        let Some(name) = &self.alg else {
            return asked
                .or_else(|| self.only_algorithm())
                .ok_or(KeyError::NoAlgorithm);
        };
        let named: Algorithm = name.parse().map_err(|_| KeyError::UnsupportedAlgorithm)?;
        match asked {
            Some(asked) if !asked.agrees_with(named) => Err(KeyError::OtherAlgorithm { asked, named }),
            _ => Ok(named),
        }
    }

    fn only_algorithm(&self) -> Option<Algorithm> {
        match (&*self.kty, self.crv.as_deref()?) {
            ("EC", "P-256") => Some(Algorithm::Es256),
            ("EC", "P-384") => Some(Algorithm::Es384),
            ("EC", "P-521") => Some(Algorithm::Es512),
            ("EC", "secp256k1") => Some(Algorithm::Es256K),
            ("OKP", "Ed25519") => Some(Algorithm::EdDsa),
            _ => None,
        }
    }

    /// Whether `use` and `key_ops` (RFC 7517 §4.2, §4.3) let the key do this: `sign` or `verify`.
    pub(crate) fn check_use(&self, operation: &str) -> Result<(), KeyError> {
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let Some(operations) = &self.key_ops else {
            return if signs {
                Ok(())
            } else {
                Err(KeyError::NotForSignatures)
            };
        };
        let only_signatures = operations.iter().all(|one| matches!(&**one, "sign" | "verify"));
        let twice = operations
            .iter()
            .enumerate()
            .any(|(place, one)| operations[..place].contains(one));
        let allowed = operations.iter().any(|one| *one == operation);
        if signs && only_signatures && !twice && allowed {
            Ok(())
        } else {
            Err(KeyError::NotForSignatures)
        }
    }

    /// The public half, its members not yet checked.
    pub(crate) fn parameters(&self) -> Result<Parameters, KeyError> {
        const MISSING: KeyError = KeyError::Malformed("the JWK lacks a member its `kty` asks for");
        let owned = |member: Option<&str>| member.map(str::to_owned).ok_or(MISSING);
        match &*self.kty {
            "EC" => Ok(Parameters::Ec {
                crv: owned(self.crv.as_deref())?,
                x: owned(self.x)?,
                y: owned(self.y)?,
            }),
            "OKP" => Ok(Parameters::Okp {
                crv: owned(self.crv.as_deref())?,
                x: owned(self.x)?,
            }),
            "RSA" => Ok(Parameters::Rsa {
                n: owned(self.n)?,
                e: owned(self.e)?,
            }),
            "AKP" => Ok(Parameters::Akp {
                public: owned(self.public)?,
            }),
            "" => Err(MISSING),
            _ => Err(KeyError::UnsupportedType),
        }
    }
}

/// The members of a set, each as its own text: a bad one spoils no other.
pub(crate) fn split_set(json: &str) -> Result<Vec<&str>, KeyError> {
    if json.len() > MAX_SET {
        return Err(KeyError::TooLarge { limit: MAX_SET });
    }
    let keys = keys_of(json).map_err(|NotASet| {
        KeyError::Malformed("the JWK set is not a JSON object with the array `keys`, each member once")
    })?;
    if keys.len() > MAX_MEMBERS {
        return Err(KeyError::Malformed(
            "a JWK set of more than 1,000 members is not taken",
        ));
    }
    Ok(keys)
}

struct NotASet;

impl From<NotJson> for NotASet {
    fn from(_: NotJson) -> Self {
        Self
    }
}

impl From<Failure> for NotASet {
    fn from(_: Failure) -> Self {
        Self
    }
}

/// Cuts `keys` out and into its items; what else the set has is read and left. An item may be any JSON, of any
/// depth, so the set's grammar is checked by a parser that does not call itself.
fn keys_of(json: &str) -> Result<Vec<&str>, NotASet> {
    serde_json::from_str::<IgnoredAny>(json).map_err(|_| NotASet)?;
    let mut set = Scanner::open(json)?;
    let mut seen = Seen::default();
    let mut keys = None;
    while let Some(name) = set.name()? {
        let value = set.raw()?;
        if name == "keys" {
            keys = Some(items(value)?);
        } else {
            strict::read(PhantomData::<IgnoredAny>, value, 1)?;
        }
        if is_reserved(&name) || !seen.insert(name) {
            return Err(NotASet);
        }
    }
    keys.ok_or(NotASet)
}

fn items(array: &str) -> Result<Vec<&str>, NotJson> {
    let mut scanner = Scanner::open_array(array)?;
    let mut items = Vec::new();
    while let Some(item) = scanner.item()? {
        items.push(item);
    }
    Ok(items)
}
