use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// A signature algorithm of JWS, by its registered name (RFC 7518 §3.1).
///
/// There is no `none`. A key carries exactly one of these, so a token's header can agree or disagree but
/// never choose. In settings and in JSON it stands by its name.
///
/// ```
/// use jeton::{Algorithm, json};
///
/// #[derive(serde::Deserialize)]
/// struct Settings { algorithm: Algorithm }
///
/// let settings: Settings = json::from_str(r#"{"algorithm":"ES256"}"#)?;
/// assert_eq!(settings.algorithm, Algorithm::Es256);
/// assert_eq!("RS256".parse(), Ok(Algorithm::Rs256));
/// assert_eq!(Algorithm::EdDsa.to_string(), "EdDSA");
/// # Ok::<(), jeton::JsonError>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `HS256`: HMAC with SHA-256, a shared secret of at least 32 bytes.
    Hs256,
    /// `HS384`: HMAC with SHA-384, a shared secret of at least 48 bytes.
    Hs384,
    /// `HS512`: HMAC with SHA-512, a shared secret of at least 64 bytes.
    Hs512,
    /// `RS256`: RSA PKCS#1 v1.5 with SHA-256, 2048 to 8192 bits.
    Rs256,
    /// `RS384`: RSA PKCS#1 v1.5 with SHA-384, 2048 to 8192 bits.
    Rs384,
    /// `RS512`: RSA PKCS#1 v1.5 with SHA-512, 2048 to 8192 bits.
    Rs512,
    /// `PS256`: RSA PSS with SHA-256, 2048 to 8192 bits.
    Ps256,
    /// `PS384`: RSA PSS with SHA-384, 2048 to 8192 bits.
    Ps384,
    /// `PS512`: RSA PSS with SHA-512, 2048 to 8192 bits.
    Ps512,
    /// `ES256`: ECDSA on P-256 with SHA-256.
    Es256,
    /// `ES384`: ECDSA on P-384 with SHA-384.
    Es384,
    /// `ES512`: ECDSA on P-521 with SHA-512.
    Es512,
    /// `ES256K`: ECDSA on secp256k1 with SHA-256 (RFC 8812).
    Es256K,
    /// `EdDSA` on Ed25519 (RFC 8037).
    EdDsa,
    /// `Ed25519`: what [`EdDsa`](Self::EdDsa) is, under its fully specified name (RFC 9864).
    Ed25519,
    /// `ML-DSA-44` (RFC 9964): signatures of 2,420 bytes.
    MlDsa44,
    /// `ML-DSA-65` (RFC 9964): signatures of 3,309 bytes.
    MlDsa65,
    /// `ML-DSA-87` (RFC 9964): signatures of 4,627 bytes.
    MlDsa87,
}

impl Algorithm {
    /// Every algorithm of this library.
    ///
    /// ```
    /// let shared: Vec<_> = jeton::Algorithm::ALL.iter().filter(|one| one.is_symmetric()).map(|one| one.name()).collect();
    /// assert_eq!(shared, ["HS256", "HS384", "HS512"]);
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256K,
        Self::EdDsa,
        Self::Ed25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// The name that stands in a token's `alg`.
    ///
    /// ```
    /// assert_eq!(jeton::Algorithm::MlDsa44.name(), "ML-DSA-44");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Es256K => "ES256K",
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// Whether signer and verifier share one secret.
    ///
    /// ```
    /// assert!(jeton::Algorithm::Hs256.is_symmetric() && !jeton::Algorithm::Es256.is_symmetric());
    /// ```
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self.family(), Family::Hmac)
    }

    /// Whether two names mean the same signature: equal, or `EdDSA` and `Ed25519`.
    ///
    /// ```
    /// use jeton::Algorithm;
    ///
    /// assert!(Algorithm::EdDsa.agrees_with(Algorithm::Ed25519));
    /// assert!(!Algorithm::Rs256.agrees_with(Algorithm::Ps256));
    /// ```
    #[must_use]
    pub const fn agrees_with(self, other: Self) -> bool {
        self as u8 == other as u8
            || (matches!(self.family(), Family::Ed25519) && matches!(other.family(), Family::Ed25519))
    }

    pub(crate) const fn is_pss(self) -> bool {
        matches!(self, Self::Ps256 | Self::Ps384 | Self::Ps512)
    }

    pub(crate) const fn family(self) -> Family {
        match self {
            Self::Hs256 | Self::Hs384 | Self::Hs512 => Family::Hmac,
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => Family::Rsa,
            Self::Es256 | Self::Es384 | Self::Es512 | Self::Es256K => Family::Ec,
            Self::EdDsa | Self::Ed25519 => Family::Ed25519,
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => Family::MlDsa,
        }
    }
}

/// Algorithms whose keys look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Hmac,
    Rsa,
    Ec,
    Ed25519,
    MlDsa,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name is none of [`Algorithm::ALL`]; names are case-sensitive.
///
/// ```
/// use jeton::{Algorithm, UnknownAlgorithm};
///
/// assert_eq!("none".parse::<Algorithm>(), Err(UnknownAlgorithm));
/// assert_eq!("es256".parse::<Algorithm>(), Err(UnknownAlgorithm));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown algorithm: names are case-sensitive, such as HS256 or ES256, and `none` is not one")]
pub struct UnknownAlgorithm;

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .iter()
            .copied()
            .find(|algorithm| algorithm.name() == name)
            .ok_or(UnknownAlgorithm)
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ByName)
    }
}

struct ByName;

impl Visitor<'_> for ByName {
    type Value = Algorithm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an algorithm, such as ES256")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Algorithm, E> {
        name.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways_and_only_exactly() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(*algorithm));
            assert_eq!(
                algorithm.name().to_lowercase().parse::<Algorithm>(),
                Err(UnknownAlgorithm)
            );
        }
        for name in ["none", "None", "", "HS256 ", "HS2567", "Ed448"] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }

    #[test]
    fn only_the_two_names_of_ed25519_agree() {
        for one in Algorithm::ALL {
            for other in Algorithm::ALL {
                let both_ed = one.family() == Family::Ed25519 && other.family() == Family::Ed25519;
                assert_eq!(one.agrees_with(*other), one == other || both_ed);
            }
        }
    }
}
