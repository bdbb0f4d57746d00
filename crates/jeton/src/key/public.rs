//! Public keys of every family: checked once, parsed once.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};

use super::{BadSignature, ec, ed25519, rsa};
use crate::algorithm::Family;
use crate::encoding::decode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

pub(super) struct Public {
    parsed: ParsedPublicKey,
    parameters: Parameters,
}

impl Public {
    pub(super) fn new(algorithm: Algorithm, parameters: Parameters) -> Result<Self, KeyError> {
        let parsed = match &parameters {
            Parameters::Ec { crv, x, y } if algorithm.family() == Family::Ec => {
                let point = ec::point(algorithm, crv, &bytes(x)?, &bytes(y)?)?;
                parse(
                    algorithm,
                    ec::verifying(algorithm)?,
                    &point,
                    "the point is not on its curve",
                )?
            }
            Parameters::Okp { crv, x } if algorithm.family() == Family::Ed25519 => {
                let x = bytes(x)?;
                ed25519::check_public(algorithm, crv, &x)?;
                parse(
                    algorithm,
                    &signature::ED25519,
                    &x,
                    "the public key is not a point of Ed25519",
                )?
            }
            Parameters::Rsa { n, e } if algorithm.family() == Family::Rsa => {
                let (n, e) = (bytes(n)?, bytes(e)?);
                rsa::check_public(algorithm, &n, &e)?;
                let reason = "the modulus and exponent make no RSA key";
                PublicKeyComponents { n, e }
                    .to_parsed_public_key(rsa::verifying(algorithm)?)
                    .map_err(|_| KeyError::Rejected { algorithm, reason })?
            }
            Parameters::Akp { public } if algorithm.family() == Family::MlDsa => {
                let reason = "the public key has not the size of this parameter set";
                parse(algorithm, ml_dsa(algorithm)?, &bytes(public)?, reason)?
            }
            other => {
                let (needed, found) = (kind(algorithm), other.kind());
                return Err(KeyError::WrongKind {
                    algorithm,
                    needed,
                    found,
                });
            }
        };
        Ok(Self { parsed, parameters })
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.parsed
            .verify_sig(message, signature)
            .map_err(|_| BadSignature)
    }

    pub(super) fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(super) fn to_spki(&self) -> Result<Vec<u8>, KeyError> {
        let der: PublicKeyX509Der<'_> = self.parsed.as_der().map_err(|_| KeyError::Crypto)?;
        Ok(der.as_ref().to_vec())
    }
}

/// The kind of key for an algorithm, in words.
pub(super) fn kind(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "a key on P-256",
        Algorithm::Es384 => "a key on P-384",
        Algorithm::Es512 => "a key on P-521",
        Algorithm::Es256K => "a key on secp256k1",
        Algorithm::MlDsa44 => "an ML-DSA-44 key",
        Algorithm::MlDsa65 => "an ML-DSA-65 key",
        Algorithm::MlDsa87 => "an ML-DSA-87 key",
        _ => match algorithm.family() {
            Family::Hmac => "a shared secret",
            Family::Rsa => "an RSA key",
            _ => "an Ed25519 key",
        },
    }
}

fn ml_dsa(algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm, KeyError> {
    match algorithm {
        Algorithm::MlDsa44 => Ok(&signature::ML_DSA_44),
        Algorithm::MlDsa65 => Ok(&signature::ML_DSA_65),
        Algorithm::MlDsa87 => Ok(&signature::ML_DSA_87),
        _ => Err(KeyError::Rejected {
            algorithm,
            reason: "it is not an ML-DSA algorithm",
        }),
    }
}

fn parse(
    algorithm: Algorithm,
    verifying: &'static dyn VerificationAlgorithm,
    raw: &[u8],
    reason: &'static str,
) -> Result<ParsedPublicKey, KeyError> {
    // The library would also take a whole SubjectPublicKeyInfo; these are the bare bytes or nothing.
    if algorithm.family() == Family::MlDsa && raw.len() != ml_dsa_length(algorithm) {
        return Err(KeyError::Rejected { algorithm, reason });
    }
    ParsedPublicKey::new(verifying, raw).map_err(|_| KeyError::Rejected { algorithm, reason })
}

/// The length of a public key in bytes: FIPS 204, table 2.
fn ml_dsa_length(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::MlDsa44 => 1312,
        Algorithm::MlDsa65 => 1952,
        _ => 2592,
    }
}

/// A base64url member of a JWK.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, KeyError> {
    decode(text).ok_or(KeyError::Malformed(
        "a member of the JWK is not canonical base64url without padding",
    ))
}
