//! Shared secrets for HS256, HS384 and HS512.

use aws_lc_rs::{constant_time, digest, hmac, rand};
use zeroize::Zeroizing;

use super::BadSignature;
use crate::{Algorithm, KeyError};

pub(super) struct Secret {
    key: hmac::Key,
    bytes: Zeroizing<Vec<u8>>,
}

impl Secret {
    pub(super) fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let (hash, minimum) = parameters(algorithm)?;
        if let Some(format) = key_file(bytes) {
            return Err(KeyError::SecretLooksLikeKey(format));
        }
        if bytes.len() < minimum {
            return Err(KeyError::SecretTooShort {
                algorithm,
                minimum,
                actual: bytes.len(),
            });
        }
        if is_weak(bytes) {
            return Err(KeyError::WeakSecret);
        }
        Ok(Self {
            key: hmac::Key::new(hash, bytes),
            bytes: Zeroizing::new(bytes.to_vec()),
        })
    }

    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let (hash, length) = parameters(algorithm)?;
        let mut bytes = Zeroizing::new(vec![0; length]);
        rand::fill(&mut bytes).map_err(|_| KeyError::Crypto)?;
        Ok(Self {
            key: hmac::Key::new(hash, &bytes),
            bytes,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, message)
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, message: &[u8], tag: &[u8]) -> Result<(), BadSignature> {
        let mut buffer = [0; digest::MAX_OUTPUT_LEN];
        hmac::sign_to_buffer(&self.key, message, &mut buffer)
            .and_then(|expected| constant_time::verify_slices_are_equal(expected, tag))
            .map_err(|_| BadSignature)
    }
}

/// The hash and the shortest secret: as long as the hash, RFC 7518 §3.2.
fn parameters(algorithm: Algorithm) -> Result<(hmac::Algorithm, usize), KeyError> {
    match algorithm {
        Algorithm::Hs256 => Ok((hmac::HMAC_SHA256, 32)),
        Algorithm::Hs384 => Ok((hmac::HMAC_SHA384, 48)),
        Algorithm::Hs512 => Ok((hmac::HMAC_SHA512, 64)),
        _ => Err(KeyError::Rejected {
            algorithm,
            reason: "it takes a key pair, not a shared secret",
        }),
    }
}

/// Fewer than eight different bytes, or one block over and over. Random secrets of 32 bytes never are; words
/// typed to fill the length mostly are.
fn is_weak(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let repeats = (1..=bytes.len() / 2).any(|period| bytes[period..] == bytes[..bytes.len() - period]);
    different < 8 || repeats
}

/// Names the key format that `bytes` are text or DER of.
fn key_file(bytes: &[u8]) -> Option<&'static str> {
    // A byte order mark hides nothing.
    let text = bytes.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    let contains = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
    if contains(b"-----BEGIN ") {
        return Some("PEM");
    }
    if text.starts_with(b"{") && contains(b"\"kty\"") {
        return Some("JWK");
    }
    if [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-"]
        .iter()
        .any(|name| text.starts_with(name))
    {
        return Some("SSH");
    }
    is_der_sequence(bytes).then_some("DER")
}

/// One SEQUENCE that fills the bytes exactly; a random secret is one in less than one case of 2^20.
fn is_der_sequence(bytes: &[u8]) -> bool {
    let Some((&0x30, rest)) = bytes.split_first() else {
        return false;
    };
    let (length, content) = match rest {
        [short @ ..=0x7f, content @ ..] => (usize::from(*short), content),
        [0x81, one, content @ ..] => (usize::from(*one), content),
        [0x82, high, low, content @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), content),
        _ => return false,
    };
    // Keys start with an INTEGER (PKCS#1, PKCS#8, SEC1) or another SEQUENCE (SPKI, certificates).
    length == content.len() && matches!(content.first(), Some(0x02 | 0x30))
}
