//! `$2b$12$saltdigest`, with `bcrypt$` or `bcrypt_sha256$` before it in Django, and
//! `$bcrypt-sha256$v=2,t=2b,r=12$salt$digest` (passlib).

use base64ct::{Base64Bcrypt, Encoding};

use super::{
    super::{
        error::HashError,
        scheme::{BcryptInput, Scheme},
        stored::StoredHash,
    },
    fields,
};

pub(in super::super) const SALT_BYTES: usize = 16;
pub(in super::super) const DIGEST_BYTES: usize = 23;

const SALT_CHARS: usize = 22;
const DIGEST_CHARS: usize = 31;
const COSTS: std::ops::RangeInclusive<u8> = 4..=31;

pub(super) fn plain(cost: &str, data: &str) -> Result<StoredHash, HashError> {
    joined(BcryptInput::Password, cost, data)
}

pub(super) fn django(cost: &str, data: &str) -> Result<StoredHash, HashError> {
    joined(BcryptInput::Sha256Hex, cost, data)
}

/// Parameters are `v=2,t=2b,r=12` since passlib 1.7.3, and were `2b,12` or `2a,12` before.
pub(super) fn passlib(params: &str, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let parts: Vec<&str> = params.split(',').collect();
    let (input, cost) = match parts[..] {
        ["v=2", "t=2b", cost] => (BcryptInput::HmacSha256Base64, cost.strip_prefix("r=")),
        ["2a" | "2b", cost] => (BcryptInput::Sha256Base64, Some(cost)),
        _ => (BcryptInput::Password, None),
    };
    let cost = cost
        .and_then(fields::number)
        .and_then(|cost| u8::try_from(cost).ok());
    stored(input, cost, salt, digest)
}

/// The salt as passlib hashes it.
pub(in super::super) fn encode_salt(salt: &[u8; SALT_BYTES]) -> String {
    Base64Bcrypt::encode_string(salt)
}

/// Reads two digits of cost, and salt and digest side by side.
fn joined(input: BcryptInput, cost: &str, data: &str) -> Result<StoredHash, HashError> {
    let two_digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
    let cost = two_digits.then(|| cost.parse().ok()).flatten();
    let (salt, digest) = data.split_at_checked(SALT_CHARS).unwrap_or((data, ""));
    stored(input, cost, salt, digest)
}

fn stored(input: BcryptInput, cost: Option<u8>, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let damaged = fields::damaged("bcrypt");
    let cost = cost.filter(|cost| COSTS.contains(cost));
    Ok(StoredHash {
        scheme: Scheme::Bcrypt {
            input,
            cost: cost.ok_or_else(|| damaged("its cost is not between 04 and 31"))?,
        },
        salt: decode(salt, SALT_CHARS)
            .ok_or_else(|| damaged("its salt is not of 22 letters of bcrypt's base64"))?,
        digest: decode(digest, DIGEST_CHARS)
            .ok_or_else(|| damaged("its digest is not of 31 letters of bcrypt's base64"))?,
    })
}

/// Decodes bcrypt's base64. The bits of the last letter beyond the last byte are ignored, as by bcrypt itself: salts
/// written by hand, as PHP's users did, have them.
fn decode(text: &str, chars: usize) -> Option<Vec<u8>> {
    if text.len() != chars || !text.is_ascii() {
        return None;
    }
    // Filled up to whole groups of four letters, so that no such bits are left.
    let filled = format!("{text}{}", &"..."[..(4 - chars % 4) % 4]);
    let mut bytes = Base64Bcrypt::decode_vec(&filled).ok()?;
    bytes.truncate(chars * 6 / 8);
    Some(bytes)
}
