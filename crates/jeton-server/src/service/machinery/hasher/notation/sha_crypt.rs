//! `$5$rounds=535000$salt$digest` (SHA-256) and `$6$rounds=656000$salt$digest` (SHA-512).

use base64ct::{Base64ShaCrypt, Encoding};

use super::{
    super::{
        error::HashError,
        scheme::{Digest, Scheme},
        stored::StoredHash,
    },
    fields,
};

/// The number of rounds where none is named.
const DEFAULT_ROUNDS: u32 = 5000;

/// The fewest rounds that are ever used, whatever is asked for.
const MIN_ROUNDS: u32 = 1000;

/// The most characters of a salt that are ever used.
const MAX_SALT_CHARS: usize = 16;

pub(super) fn parse(digest: &str, parts: &[&str]) -> Result<StoredHash, HashError> {
    let damaged = fields::damaged("SHA-crypt");
    let (rounds, salt, text) = match *parts {
        [rounds, salt, text] => (
            fields::parameters(rounds, ["rounds"]).map(|[only]| only),
            salt,
            text,
        ),
        [salt, text] => (Some(DEFAULT_ROUNDS), salt, text),
        _ => return Err(damaged("a field is missing or too many")),
    };
    let digest: Digest = digest.parse().map_err(|()| HashError::Unknown)?;
    let rounds = rounds
        .filter(|rounds| *rounds >= MIN_ROUNDS)
        .ok_or_else(|| damaged("its rounds cannot be read"))?;
    Ok(StoredHash {
        scheme: Scheme::ShaCrypt { digest, rounds },
        salt: fields::text_salt(salt)
            .filter(|salt| salt.len() <= MAX_SALT_CHARS)
            .ok_or_else(|| damaged("its salt is not of 1 to 16 letters"))?,
        digest: Base64ShaCrypt::decode_vec(text)
            .ok()
            .filter(|written| written.len() == digest.bytes())
            .map(|written| in_order(digest, &written))
            .ok_or_else(|| damaged("its digest is not of a digest's length or letters"))?,
    })
}

/// SHA-crypt writes its digest in groups of three bytes, one from each third of it. From group to group it begins
/// with another third: the next one for SHA-512, the one before for SHA-256. Left-over bytes come last.
fn in_order(digest: Digest, written: &[u8]) -> Vec<u8> {
    let third = written.len() / 3;
    let turn = if digest == Digest::Sha512 { 1 } else { 2 };
    let mut bytes = written.to_vec();
    for group in 0..third {
        for step in 0..3 {
            let from = (turn * group + 2 - step) % 3;
            bytes[group + third * from] = written[3 * group + step];
        }
    }
    bytes
}
