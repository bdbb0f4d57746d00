//! ECDSA on the curves of RFC 7518 §3.4 and RFC 8812.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair, ParsedPublicKey,
    Signature,
};
use zeroize::Zeroizing;

use super::BadSignature;
use super::public::kind;
use crate::encoding::encode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

pub(super) struct Pair {
    pair: EcdsaKeyPair,
}

struct Curve {
    name: &'static str,
    /// Bytes of a coordinate.
    size: usize,
    signing: &'static EcdsaSigningAlgorithm,
    verifying: &'static EcdsaVerificationAlgorithm,
}

fn curve(algorithm: Algorithm) -> Result<Curve, KeyError> {
    Ok(match algorithm {
        Algorithm::Es256 => Curve {
            name: "P-256",
            size: 32,
            signing: &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            verifying: &signature::ECDSA_P256_SHA256_FIXED,
        },
        Algorithm::Es384 => Curve {
            name: "P-384",
            size: 48,
            signing: &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            verifying: &signature::ECDSA_P384_SHA384_FIXED,
        },
        Algorithm::Es512 => Curve {
            name: "P-521",
            size: 66,
            signing: &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
            verifying: &signature::ECDSA_P521_SHA512_FIXED,
        },
        Algorithm::Es256K => Curve {
            name: "secp256k1",
            size: 32,
            signing: &signature::ECDSA_P256K1_SHA256_FIXED_SIGNING,
            verifying: &signature::ECDSA_P256K1_SHA256_FIXED,
        },
        _ => {
            return Err(KeyError::Rejected {
                algorithm,
                reason: "it is not an elliptic curve algorithm",
            });
        }
    })
}

pub(super) fn verifying(algorithm: Algorithm) -> Result<&'static EcdsaVerificationAlgorithm, KeyError> {
    curve(algorithm).map(|curve| curve.verifying)
}

/// The algorithm a key on this curve is for.
pub(super) fn algorithm_of(curve: &str) -> Option<Algorithm> {
    match curve {
        "P-256" => Some(Algorithm::Es256),
        "P-384" => Some(Algorithm::Es384),
        "P-521" => Some(Algorithm::Es512),
        "secp256k1" => Some(Algorithm::Es256K),
        _ => None,
    }
}

/// The uncompressed point `04 ‖ x ‖ y` (SEC 1 §2.3.3) of coordinates in their full length.
pub(super) fn point(algorithm: Algorithm, crv: &str, x: &[u8], y: &[u8]) -> Result<Vec<u8>, KeyError> {
    let curve = curve(algorithm)?;
    if crv != curve.name {
        let found = algorithm_of(crv).map_or("a key on another curve", kind);
        return Err(KeyError::WrongKind {
            algorithm,
            needed: kind(algorithm),
            found,
        });
    }
    if x.len() != curve.size || y.len() != curve.size {
        let reason = "a coordinate has not the length of its curve (RFC 7518 section 6.2.1.2)";
        return Err(KeyError::Rejected { algorithm, reason });
    }
    Ok([&[4], x, y].concat())
}

/// The members of a JWK for a point, compressed or not (SEC 1 §2.3.3).
pub(super) fn parameters(algorithm: Algorithm, point: &[u8]) -> Result<Parameters, KeyError> {
    let curve = curve(algorithm)?;
    match point.split_first() {
        Some((4, coordinates)) if coordinates.len() == 2 * curve.size => {
            let (x, y) = coordinates.split_at(curve.size);
            Ok(Parameters::Ec {
                crv: curve.name.to_owned(),
                x: encode(x),
                y: encode(y),
            })
        }
        Some((2 | 3, x)) if x.len() == curve.size => parameters(algorithm, &decompress(algorithm, point)?),
        _ => {
            let reason = "the point has neither the compressed nor the uncompressed form of its curve";
            Err(KeyError::Rejected { algorithm, reason })
        }
    }
}

/// The uncompressed form of a compressed point.
fn decompress(algorithm: Algorithm, point: &[u8]) -> Result<Vec<u8>, KeyError> {
    let curve = curve(algorithm)?;
    let reason = "the compressed point is not on its curve";
    let parsed =
        ParsedPublicKey::new(curve.verifying, point).map_err(|_| KeyError::Rejected { algorithm, reason })?;
    let spki: PublicKeyX509Der<'_> = parsed.as_der().map_err(|_| KeyError::Crypto)?;
    // An SPKI ends with its point.
    let start = spki.as_ref().len().checked_sub(1 + 2 * curve.size);
    let uncompressed = start.and_then(|start| spki.as_ref().get(start..));
    uncompressed
        .filter(|point| point.first() == Some(&4))
        .map(<[u8]>::to_vec)
        .ok_or(KeyError::Crypto)
}

impl Pair {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::generate(curve(algorithm)?.signing).map_err(|_| KeyError::Crypto)?;
        Ok(Self { pair })
    }

    /// Reads a private key from PKCS#8 or SEC 1 (RFC 5915).
    pub(super) fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let reason = "the DER holds no sound private key on its curve";
        EcdsaKeyPair::from_private_key_der(curve(algorithm)?.signing, der)
            .map(|pair| Self { pair })
            .map_err(|_| KeyError::Rejected { algorithm, reason })
    }

    pub(super) fn from_parts(algorithm: Algorithm, d: &[u8], point: &[u8]) -> Result<Self, KeyError> {
        let curve = curve(algorithm)?;
        let reason = "`d` is not the private key of `x` and `y`, or not in its full length";
        if d.len() != curve.size {
            return Err(KeyError::Rejected { algorithm, reason });
        }
        EcdsaKeyPair::from_private_key_and_public_key(curve.signing, d, point)
            .map(|pair| Self { pair })
            .map_err(|_| KeyError::Rejected { algorithm, reason })
    }

    pub(super) fn parameters(&self, algorithm: Algorithm) -> Result<Parameters, KeyError> {
        parameters(algorithm, self.pair.public_key().as_ref())
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let document = self.pair.to_pkcs8v1().map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The private scalar, in the length of its curve.
    pub(super) fn to_d(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let d = self
            .pair
            .private_key()
            .as_be_bytes()
            .map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(d.as_ref().to_vec()))
    }

    /// The signature as `r ‖ s`, RFC 7518 §3.4.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature, BadSignature> {
        self.pair
            .sign(&SystemRandom::new(), message)
            .map_err(|_| BadSignature)
    }
}
