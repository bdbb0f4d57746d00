//! The computation of a hash, scheme by scheme.

use std::num::NonZeroU32;

use super::{
    notation::bcrypt as bcrypt_notation,
    scheme::{Argon2, BcryptInput, Digest, Scheme, Variant},
    stored::StoredHash,
};
use crate::model::hex;
use argon2::{Algorithm, Argon2 as Kdf, Block, Params, Version};
use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, hmac, pbkdf2};
use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// The memory of one thread. Touching 19 MiB afresh would cost as much again as hashing in it.
pub(super) struct Workbench {
    blocks: Vec<Block>,
    /// How many blocks are kept between hashes; more than that are given back.
    keep: usize,
}

impl Workbench {
    pub(super) const fn new(keep: usize) -> Self {
        Self {
            blocks: Vec::new(),
            keep,
        }
    }

    /// Whether a password is the one that was hashed.
    pub(super) fn matches(&mut self, stored: &StoredHash, password: &[u8]) -> bool {
        let StoredHash { scheme, salt, digest } = stored;
        let computed = match scheme {
            Scheme::Argon2(argon2) => self.argon2(argon2, password, salt, digest.len()),
            Scheme::Scrypt { log_n, r, p } => scrypt(*log_n, *r, *p, password, salt, digest.len()),
            Scheme::Pbkdf2 {
                digest: prf,
                iterations,
            } => {
                return pbkdf2_matches(*prf, *iterations, password, stored);
            }
            Scheme::Bcrypt { input, cost } => bcrypt(*input, *cost, password, salt),
            Scheme::ShaCrypt { digest, rounds } => sha_crypt(*digest, *rounds, password, salt),
        };
        computed.is_some_and(|computed| verify_slices_are_equal(&computed, digest).is_ok())
    }

    pub(super) fn argon2(
        &mut self,
        argon2: &Argon2,
        password: &[u8],
        salt: &[u8],
        bytes: usize,
    ) -> Option<Vec<u8>> {
        let params = Params::new(argon2.memory_kib, argon2.iterations, argon2.lanes, Some(bytes)).ok()?;
        let algorithm = match argon2.variant {
            Variant::Id => Algorithm::Argon2id,
            Variant::I => Algorithm::Argon2i,
            Variant::D => Algorithm::Argon2d,
        };
        let needed = params.block_count();
        if self.blocks.len() < needed {
            self.blocks.resize(needed, Block::default());
        }
        let version = Version::try_from(u32::from(argon2.version)).ok()?;
        let mut output = vec![0; bytes];
        let done = Kdf::new(algorithm, version, params).hash_password_into_with_memory(
            password,
            salt,
            &mut output,
            &mut self.blocks[..],
        );
        if self.blocks.len() > self.keep {
            self.blocks.truncate(self.keep);
            self.blocks.shrink_to_fit();
        }
        done.ok().map(|()| output)
    }
}

fn scrypt(log_n: u8, r: u32, p: u32, password: &[u8], salt: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let params = scrypt::Params::new(log_n, r, p).ok()?;
    let mut output = vec![0; bytes];
    scrypt::scrypt(password, salt, &params, &mut output).ok()?;
    Some(output)
}

fn pbkdf2_matches(prf: Digest, iterations: u32, password: &[u8], stored: &StoredHash) -> bool {
    let algorithm = match prf {
        Digest::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        Digest::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Digest::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
        Digest::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    NonZeroU32::new(iterations).is_some_and(|iterations| {
        pbkdf2::verify(algorithm, iterations, &stored.salt, password, &stored.digest).is_ok()
    })
}

/// bcrypt looks at the first 72 bytes of the password and the zero byte behind it, and at nothing beyond: so did
/// the libraries whose hashes these are, and a password of theirs that is longer must still open its account.
/// A zero byte inside is a byte like any other, as in Python's `bcrypt`; libraries written in C end there, but
/// those refuse to hash such a password in the first place.
fn bcrypt(input: BcryptInput, cost: u8, password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    const MOST: usize = 72;
    let salt: [u8; bcrypt_notation::SALT_BYTES] = salt.try_into().ok()?;
    let mut key = Zeroizing::new(Vec::with_capacity(password.len().max(MOST) + 1));
    match input {
        BcryptInput::Password => key.extend_from_slice(password),
        BcryptInput::Sha256Hex => key.extend_from_slice(hex::encode(sha256(password).as_ref()).as_bytes()),
        BcryptInput::Sha256Base64 => {
            key.extend_from_slice(Base64::encode_string(sha256(password).as_ref()).as_bytes());
        }
        BcryptInput::HmacSha256Base64 => {
            let salt = bcrypt_notation::encode_salt(&salt);
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes()), password);
            key.extend_from_slice(Base64::encode_string(tag.as_ref()).as_bytes());
        }
    }
    key.push(0);
    key.truncate(MOST);
    let output = bcrypt::bcrypt(cost.into(), salt, &key);
    // The last of its 24 bytes is never written down.
    Some(output[..bcrypt_notation::DIGEST_BYTES].to_vec())
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

fn sha_crypt(digest: Digest, rounds: u32, password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    let params = sha_crypt::Params::new(rounds).ok()?;
    match digest {
        Digest::Sha256 => Some(sha_crypt::sha256_crypt(password, salt, params).to_vec()),
        Digest::Sha512 => Some(sha_crypt::sha512_crypt(password, salt, params).to_vec()),
        Digest::Sha1 | Digest::Sha384 => None,
    }
}
