//! Kinds of keys as DER names them, and the public keys in it.

use super::der::{BIT_STRING, CONTEXT_0, Elements, INTEGER, OCTET_STRING, OID, SEQUENCE};
use super::public::kind;
use super::{ec, rsa};
use crate::algorithm::Family;
use crate::encoding::encode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// `id-RSASSA-PSS` (RFC 4055 §3.1), inside which stands a plain RSA key.
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// The identifier of ML-DSA without its last byte, which is the parameter set.
const ML_DSA: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03];

const FOR_PSS: &str = "an RSA-PSS key, for PS256, PS384 and PS512 alone";

/// The kind of key that an `AlgorithmIdentifier` (RFC 5280 §4.1.1.2) names, in the words of [`kind`].
fn identified(identifier: &[u8]) -> Option<&'static str> {
    let mut elements = Elements::new(identifier);
    let oid = elements.take(OID)?;
    Some(match oid {
        RSA => kind(Algorithm::Rs256),
        RSA_PSS if elements.is_done() => FOR_PSS,
        RSA_PSS => "an RSA key bound to one hash and salt (RSASSA-PSS-params), which is not taken",
        ED25519 => kind(Algorithm::EdDsa),
        EC => match elements.take(OID)? {
            P256 => kind(Algorithm::Es256),
            P384 => kind(Algorithm::Es384),
            P521 => kind(Algorithm::Es512),
            SECP256K1 => kind(Algorithm::Es256K),
            _ => "a key on another curve",
        },
        _ => match oid.strip_prefix(ML_DSA) {
            Some([17]) => kind(Algorithm::MlDsa44),
            Some([18]) => kind(Algorithm::MlDsa65),
            Some([19]) => kind(Algorithm::MlDsa87),
            _ => "a key of another kind",
        },
    })
}

pub(super) fn check_kind(algorithm: Algorithm, found: &'static str) -> Result<(), KeyError> {
    let needed = kind(algorithm);
    if needed == found || (found == FOR_PSS && algorithm.is_pss()) {
        Ok(())
    } else {
        Err(KeyError::WrongKind {
            algorithm,
            needed,
            found,
        })
    }
}

/// The `RSAPrivateKey` in a PKCS#8 document for PSS, which the cryptographic library reads under its plain name.
pub(super) fn pkcs1_of_pss(der: &[u8]) -> Option<&[u8]> {
    let mut info = Elements::of_sequence(der)?;
    info.take(INTEGER)?;
    let is_for_pss = identified(info.take(SEQUENCE)?) == Some(FOR_PSS);
    info.take(OCTET_STRING).filter(|_| is_for_pss)
}

/// Whether the DER begins as a `PrivateKeyInfo` does: a version, then an `AlgorithmIdentifier`.
pub(super) fn is_pkcs8(der: &[u8]) -> bool {
    Elements::of_sequence(der)
        .is_some_and(|mut elements| elements.take(INTEGER).is_some() && elements.peek() == Some(SEQUENCE))
}

/// Refuses a private key of another kind, in words; whether it is sound is left to the family.
pub(super) fn check_private_kind(algorithm: Algorithm, der: &[u8]) -> Result<(), KeyError> {
    const MALFORMED: KeyError = KeyError::Malformed("the DER is no private key: PKCS#8, PKCS#1 or SEC 1");
    let mut elements = Elements::of_sequence(der).ok_or(MALFORMED)?;
    if elements.take(INTEGER).is_none() {
        return Err(KeyError::NotPrivate);
    }
    let found = match elements.peek() {
        Some(SEQUENCE) => elements.take(SEQUENCE).and_then(identified).ok_or(MALFORMED)?,
        // An RSAPublicKey ends after two integers.
        Some(INTEGER) => {
            elements.take(INTEGER);
            if elements.is_done() {
                return Err(KeyError::NotPrivate);
            }
            kind(Algorithm::Rs256)
        }
        // SEC 1, whose curve need not stand in it.
        Some(OCTET_STRING) if algorithm.family() == Family::Ec => return Ok(()),
        Some(OCTET_STRING) => "an elliptic curve key",
        _ => return Err(MALFORMED),
    };
    check_kind(algorithm, found)
}

/// The public key in DER; `None` when the DER is none of the forms a public key has.
pub(super) fn public_parameters(algorithm: Algorithm, der: &[u8]) -> Option<Result<Parameters, KeyError>> {
    let mut elements = Elements::of_sequence(der)?;
    if elements.peek()? == INTEGER {
        let parameters = rsa::parameters(der)?;
        return Some(check_kind(algorithm, kind(Algorithm::Rs256)).map(|()| parameters));
    }
    let first = elements.take(SEQUENCE)?;
    if elements.peek()? == SEQUENCE {
        return public_parameters(algorithm, spki_of_certificate(first)?);
    }
    let bits = elements.take(BIT_STRING)?;
    let (0, key) = bits.split_first().map(|(unused, key)| (*unused, key))? else {
        return None;
    };
    if !elements.is_done() {
        return None;
    }
    let found = identified(first)?;
    Some(
        check_kind(algorithm, found).and_then(|()| match algorithm.family() {
            Family::Rsa => rsa::parameters(key).ok_or(KeyError::Malformed(
                "the SPKI holds no RSAPublicKey of two positive integers",
            )),
            Family::Ec => ec::parameters(algorithm, key),
            Family::Ed25519 => Ok(Parameters::Okp {
                crv: "Ed25519".to_owned(),
                x: encode(key),
            }),
            Family::MlDsa => Ok(Parameters::Akp { public: encode(key) }),
            Family::Hmac => Err(KeyError::Symmetric(algorithm)),
        }),
    )
}

/// The key in a `TBSCertificate` (RFC 5280 §4.1), itself a whole element.
fn spki_of_certificate(certificate: &[u8]) -> Option<&[u8]> {
    let mut fields = Elements::new(certificate);
    if fields.peek()? == CONTEXT_0 {
        fields.take(CONTEXT_0)?;
    }
    fields.take(INTEGER)?;
    for _algorithm_issuer_validity_subject in 0..4 {
        fields.take(SEQUENCE)?;
    }
    fields.take_whole(SEQUENCE)
}
