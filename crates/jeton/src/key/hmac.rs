//! Shared secrets for HS256, HS384 and HS512.

use aws_lc_rs::{constant_time, digest, hmac};
use zeroize::Zeroizing;

use super::{BadSignature, format, random};
use crate::{Algorithm, KeyError};

pub(super) struct Secret {
    key: hmac::Key,
    bytes: Zeroizing<Vec<u8>>,
}

impl Secret {
    pub(super) fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let (hash, minimum) = parameters(algorithm)?;
        if let Some(format) = format::recognise(bytes) {
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
        let bytes = random(length)?;
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

/// Whether a secret has fewer than eight different bytes, or is one block over and over. Random secrets of 32 bytes
/// never are; words typed to fill the length mostly are.
fn is_weak(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    different < 8 || period(bytes) <= bytes.len() / 2
}

/// The length after which the bytes begin again. In one pass (Knuth, Morris and Pratt): trying every length would take
/// seconds for a secret of some hundred thousand bytes.
fn period(bytes: &[u8]) -> usize {
    // For each place, how much of the beginning ends there.
    let mut borders: Vec<usize> = Vec::with_capacity(bytes.len());
    for (place, byte) in bytes.iter().enumerate() {
        let mut border = borders.last().copied().unwrap_or(0);
        while border > 0 && bytes[border] != *byte {
            border = borders[border - 1];
        }
        borders.push(border + usize::from(place > 0 && bytes[border] == *byte));
    }
    bytes.len() - borders.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::period;

    proptest! {
        #[test]
        fn the_period_is_the_shortest_that_fits(block in prop::collection::vec(0_u8..3, 1..12), length in 1_usize..60) {
            let bytes: Vec<u8> = block.iter().copied().cycle().take(length).collect();
            let fits = |period: &usize| bytes[*period..] == bytes[..bytes.len() - period];
            prop_assert_eq!(Some(period(&bytes)), (1..=bytes.len()).find(fits));
        }
    }
}
