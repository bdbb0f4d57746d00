//! Ed25519 (RFC 8032, RFC 8037).

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, Signature};
use zeroize::Zeroizing;

use super::BadSignature;
use super::public::kind;
use crate::encoding::encode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

pub(super) struct Pair {
    pair: Ed25519KeyPair,
}

/// The `y` of the points whose order divides 8, little-endian. Under such a key one fixed signature is
/// valid for every message, or for every eighth.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    with_ends(1, 0, 0),
    with_ends(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
        0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

const fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// Refuses other curves, other lengths, encodings that are not canonical, and points of small order.
pub(super) fn check_public(algorithm: Algorithm, crv: &str, x: &[u8]) -> Result<(), KeyError> {
    if crv != "Ed25519" {
        let found = match crv {
            "Ed448" => "a key on Ed448",
            "X25519" | "X448" => "a key for key agreement",
            _ => "a key on another curve",
        };
        return Err(KeyError::WrongKind {
            algorithm,
            needed: kind(algorithm),
            found,
        });
    }
    let rejected = |reason| Err(KeyError::Rejected { algorithm, reason });
    let Ok(mut y) = <[u8; 32]>::try_from(x) else {
        return rejected("an Ed25519 public key has 32 bytes");
    };
    y[31] &= 0x7f;
    if SMALL_ORDER.contains(&y) {
        return rejected("the public key is a point of small order, under which forged signatures verify");
    }
    // p is 2^255 - 19: ed ff … ff 7f.
    if y[31] == 0x7f && y[1..31].iter().all(|byte| *byte == 0xff) && y[0] >= 0xed {
        return rejected("the public key is not in its canonical encoding");
    }
    Ok(())
}

impl Pair {
    pub(super) fn generate() -> Result<Self, KeyError> {
        Ed25519KeyPair::generate()
            .map(|pair| Self { pair })
            .map_err(|_| KeyError::Crypto)
    }

    pub(super) fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let reason = "the DER holds no sound Ed25519 private key";
        Ed25519KeyPair::from_pkcs8(der)
            .map(|pair| Self { pair })
            .map_err(|_| KeyError::Rejected { algorithm, reason })
    }

    pub(super) fn from_parts(algorithm: Algorithm, d: &[u8], x: &[u8]) -> Result<Self, KeyError> {
        let reason = "`d` is not the private key of `x`, or not 32 bytes long";
        if d.len() != 32 {
            return Err(KeyError::Rejected { algorithm, reason });
        }
        Ed25519KeyPair::from_seed_and_public_key(d, x)
            .map(|pair| Self { pair })
            .map_err(|_| KeyError::Rejected { algorithm, reason })
    }

    pub(super) fn parameters(&self) -> Parameters {
        Parameters::Okp {
            crv: "Ed25519".to_owned(),
            x: encode(self.pair.public_key().as_ref()),
        }
    }

    /// Writes PKCS#8 version 1, which every tool reads.
    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let document = self.pair.to_pkcs8v1().map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    pub(super) fn to_d(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let seed = self.pair.seed().map_err(|_| KeyError::Crypto)?;
        let d = seed.as_be_bytes().map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(d.as_ref().to_vec()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature, BadSignature> {
        self.pair.try_sign(message).map_err(|_| BadSignature)
    }
}
