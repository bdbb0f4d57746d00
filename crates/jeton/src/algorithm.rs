use std::fmt;
use std::str::FromStr;

/// A signature algorithm of JWS, by its registered name (RFC 7518 §3.1).
///
/// There is no `none`. A key carries exactly one of these, so a token's header can agree or disagree but
/// never choose.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `HS256`: HMAC with SHA-256, a shared secret of at least 32 bytes.
    Hs256,
    /// `HS384`: HMAC with SHA-384, a shared secret of at least 48 bytes.
    Hs384,
    /// `HS512`: HMAC with SHA-512, a shared secret of at least 64 bytes.
    Hs512,
    /// `ES256`: ECDSA on P-256 with SHA-256.
    Es256,
    /// `ES384`: ECDSA on P-384 with SHA-384.
    Es384,
    /// `ES512`: ECDSA on P-521 with SHA-512.
    Es512,
    /// `ES256K`: ECDSA on secp256k1 with SHA-256 (RFC 8812).
    Es256K,
}

impl Algorithm {
    /// Every algorithm of this library.
    pub const ALL: &'static [Self] = &[
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256K,
    ];

    /// The name that stands in a token's `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Es256K => "ES256K",
        }
    }

    /// Whether signer and verifier share one secret.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is none of [`Algorithm::ALL`]; names are case-sensitive.
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
        for name in ["none", "None", "", "HS256 ", "HS2567"] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }
}
