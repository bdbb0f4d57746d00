//! ECDSA on the curves of RFC 7518 §3.4 and RFC 8812.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::EcdsaVerificationAlgorithm;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, ParsedPublicKey, Signature};
use zeroize::Zeroizing;

use super::BadSignature;
use crate::encoding::encode;
use crate::jwk::{Jwk, Parameters};
use crate::{Algorithm, KeyError};

pub(super) struct Pair {
    pair: EcdsaKeyPair,
    public: Public,
}

#[derive(Clone)]
pub(super) struct Public {
    parsed: Arc<ParsedPublicKey>,
    /// The uncompressed point, `04 ‖ x ‖ y` (SEC 1 §2.3.3).
    point: Arc<[u8]>,
    curve: &'static str,
}

struct Curve {
    name: &'static str,
    signing: &'static EcdsaSigningAlgorithm,
    verifying: &'static EcdsaVerificationAlgorithm,
}

fn curve(algorithm: Algorithm) -> Result<Curve, KeyError> {
    let (name, signing, verifying) = match algorithm {
        Algorithm::Es256 => (
            "P-256",
            &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            &signature::ECDSA_P256_SHA256_FIXED,
        ),
        Algorithm::Es384 => (
            "P-384",
            &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            &signature::ECDSA_P384_SHA384_FIXED,
        ),
        Algorithm::Es512 => (
            "P-521",
            &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
            &signature::ECDSA_P521_SHA512_FIXED,
        ),
        Algorithm::Es256K => (
            "secp256k1",
            &signature::ECDSA_P256K1_SHA256_FIXED_SIGNING,
            &signature::ECDSA_P256K1_SHA256_FIXED,
        ),
        _ => {
            return Err(KeyError::Rejected {
                algorithm,
                reason: "it is not an elliptic curve algorithm",
            });
        }
    };
    Ok(Curve {
        name,
        signing,
        verifying,
    })
}

impl Pair {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::generate(curve(algorithm)?.signing).map_err(|_| KeyError::Crypto)?;
        Self::new(algorithm, pair)
    }

    pub(super) fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let reason = "the DER is not an unencrypted PKCS#8 private key on its curve";
        let pair = EcdsaKeyPair::from_pkcs8(curve(algorithm)?.signing, der)
            .map_err(|_| KeyError::Rejected { algorithm, reason })?;
        Self::new(algorithm, pair)
    }

    fn new(algorithm: Algorithm, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let public = Public::new(algorithm, pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let document = self.pair.to_pkcs8v1().map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    pub(super) fn public(&self) -> &Public {
        &self.public
    }

    /// The signature as `r ‖ s`, RFC 7518 §3.4.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature, BadSignature> {
        self.pair
            .sign(&SystemRandom::new(), message)
            .map_err(|_| BadSignature)
    }
}

impl Public {
    pub(super) fn new(algorithm: Algorithm, point: &[u8]) -> Result<Self, KeyError> {
        let curve = curve(algorithm)?;
        let reason = "the public point is not on its curve";
        let parsed = ParsedPublicKey::new(curve.verifying, point)
            .map_err(|_| KeyError::Rejected { algorithm, reason })?;
        Ok(Self {
            parsed: Arc::new(parsed),
            point: point.into(),
            curve: curve.name,
        })
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.parsed
            .verify_sig(message, signature)
            .map_err(|_| BadSignature)
    }

    pub(super) fn to_jwk(&self) -> Jwk {
        let coordinates = self.point.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        Jwk::new(Parameters::Ec {
            crv: self.curve.into(),
            x: encode(x),
            y: encode(y),
        })
    }
}
