//! `$argon2id$v=19$m=19456,t=2,p=1$salt$digest`, with `argon2` before it in Django.

use base64ct::{Base64Unpadded, Encoding};

use super::{
    super::{
        error::HashError,
        scheme::{Argon2, ELSEWHERE, Origin, Scheme},
        stored::StoredHash,
    },
    fields,
};

/// The shortest salt: RFC 9106 allows shorter ones, the libraries none.
const MIN_SALT_BYTES: usize = 8;

pub(super) fn parse(text: &str) -> Result<StoredHash, HashError> {
    let damaged = fields::damaged("Argon2");
    let mut parts = text.rsplitn(3, '$');
    let (Some(digest), Some(salt), Some(head)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(damaged("a field is missing"));
    };
    Ok(StoredHash {
        scheme: scheme(head).ok_or_else(|| damaged("its version or its cost cannot be read"))?,
        salt: fields::base64(salt)
            .and_then(fields::salt)
            .filter(|salt| salt.len() >= MIN_SALT_BYTES)
            .ok_or_else(|| damaged("its salt is not base64 or too short"))?,
        digest: fields::any_length(fields::base64(digest))
            .ok_or_else(|| damaged("its digest is not base64 or not of a digest's length"))?,
    })
}

/// Reads the fields before the salt. Version 16 is the one that was not written down at first.
pub(in super::super) fn scheme(text: &str) -> Option<Scheme> {
    let (origin, text) = match text.strip_prefix(ELSEWHERE) {
        Some(rest) => (Origin::Elsewhere, rest),
        None => (Origin::Here, text),
    };
    let parts: Vec<&str> = text.strip_prefix('$')?.split('$').collect();
    let (variant, version, costs) = match parts[..] {
        [variant, "v=19", costs] => (variant, 19, costs),
        [variant, "v=16", costs] | [variant, costs] => (variant, 16, costs),
        _ => return None,
    };
    let [memory_kib, iterations, lanes] = fields::parameters(costs, ["m", "t", "p"])?;
    let possible = iterations > 0 && lanes > 0 && u64::from(memory_kib) >= 8 * u64::from(lanes);
    possible.then_some(Scheme::Argon2(Argon2 {
        origin,
        variant: variant.parse().ok()?,
        version,
        memory_kib,
        iterations,
        lanes,
    }))
}

/// Whether a text would be read as made here.
pub(in super::super) fn looks_like_ours(text: &str) -> bool {
    text.starts_with("$argon2")
}

/// The text of a hash.
pub(in super::super) fn write(argon2: &Argon2, salt: &[u8], digest: &[u8]) -> String {
    let (salt, digest) = (
        Base64Unpadded::encode_string(salt),
        Base64Unpadded::encode_string(digest),
    );
    format!("{}${salt}${digest}", Scheme::Argon2(*argon2))
}
