//! The master key, which seals the signing keys in the database and is kept outside of it.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time::verify_slices_are_equal,
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};
use zeroize::Zeroizing;

use super::random::{Random, RandomError};
use crate::model::key::Purpose;

mod states;

pub use states::StateSealer;

/// 32 random bytes, from which every other key of the service outside the database derives (RFC 5869).
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; Self::BYTES]>);

impl MasterKey {
    pub const BYTES: usize = 32;

    #[must_use]
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    #[must_use]
    pub fn expose(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// Whether it is the same key. Constant time.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.expose(), other.expose()).is_ok()
    }

    /// A key derived for one use.
    ///
    /// # Errors
    ///
    /// [`SealError::Derive`] when the primitive fails.
    pub fn subkey(&self, label: &str) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let info = [label.as_bytes()];
        let mut key = Zeroizing::new([0; 32]);
        self.prk()
            .expand(&info, Length32)
            .and_then(|okm| okm.fill(&mut *key))
            .map_err(|_| SealError::Derive)?;
        Ok(key)
    }

    fn prk(&self) -> Prk {
        Salt::new(HKDF_SHA256, b"jeton master key").extract(&self.0[..])
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// The master key, and while a fleet changes it, the one before.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    pub current: MasterKey,
    pub previous: Option<MasterKey>,
}

impl From<MasterKey> for MasterKeys {
    fn from(current: MasterKey) -> Self {
        Self {
            current,
            previous: None,
        }
    }
}

struct Length32;

impl KeyType for Length32 {
    fn len(&self) -> usize {
        32
    }
}

/// Seals keys with AES-256-GCM; the name and purpose of a key are bound to its ciphertext.
pub struct Sealer(LessSafeKey);

impl Sealer {
    /// # Errors
    ///
    /// [`SealError::Derive`] when the primitive fails.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        Ok(Self(cipher(master, "seal")?))
    }

    /// Seals a key: the nonce, the ciphertext and the tag, in this order.
    ///
    /// # Errors
    ///
    /// [`SealError`] when there is no randomness or the primitive fails.
    pub fn seal(
        &self,
        kid: &str,
        purpose: Purpose,
        key: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        seal(&self.0, &context(kid, purpose), key, random)
    }

    /// # Errors
    ///
    /// [`SealError::Open`] when this was not sealed under this master key for this name and purpose.
    pub fn open(&self, kid: &str, purpose: Purpose, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        open(&self.0, &context(kid, purpose), sealed)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

fn cipher(master: &MasterKey, label: &str) -> Result<LessSafeKey, SealError> {
    let key = master.subkey(label)?;
    let key = UnboundKey::new(&AES_256_GCM, &key[..]).map_err(|_| SealError::Derive)?;
    Ok(LessSafeKey::new(key))
}

fn seal(key: &LessSafeKey, context: &[u8], text: &[u8], random: &dyn Random) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE_LEN] = random.bytes()?;
    let mut sealed = Zeroizing::new(text.to_vec());
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(context),
            &mut sealed[..],
        )
        .map_err(|_| SealError::Derive)?;
    Ok([&nonce[..], &sealed[..], tag.as_ref()].concat())
}

fn open(key: &LessSafeKey, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Open)?;
    let mut text = Zeroizing::new(rest.to_vec());
    let length = key
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(context),
            &mut text,
        )
        .map_err(|_| SealError::Open)?
        .len();
    text.truncate(length);
    Ok(text)
}

fn context(kid: &str, purpose: Purpose) -> Vec<u8> {
    format!("{}\0{kid}", purpose.as_str()).into_bytes()
}

/// Why something could not be sealed or opened.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    #[error("it was not sealed with this master key, or the row was changed")]
    Open,
    #[error("the key-derivation or encryption primitive failed")]
    Derive,
    #[error(transparent)]
    Random(#[from] RandomError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::machinery::random::SystemRandom;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&MasterKey::new([byte; 32])).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_under_the_same_master_key_name_and_purpose_alone() {
        let sealed = sealer(1)
            .seal("k1", Purpose::Access, b"secret", &SystemRandom)
            .unwrap();
        assert_eq!(
            &sealer(1).open("k1", Purpose::Access, &sealed).unwrap()[..],
            b"secret"
        );
        assert!(sealer(2).open("k1", Purpose::Access, &sealed).is_err());
        assert!(sealer(1).open("k2", Purpose::Access, &sealed).is_err());
        assert!(sealer(1).open("k1", Purpose::Refresh, &sealed).is_err());
    }

    #[test]
    fn a_changed_or_short_row_does_not_open() {
        let sealed = sealer(1)
            .seal("k1", Purpose::Access, b"secret", &SystemRandom)
            .unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer(1).open("k1", Purpose::Access, &changed).is_err());
            assert!(sealer(1).open("k1", Purpose::Access, &sealed[..at]).is_err());
        }
    }

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let master = MasterKey::new([1; 32]);
        assert_ne!(
            master.subkey("seal").unwrap()[..],
            master.subkey("csrf").unwrap()[..]
        );
    }
}
