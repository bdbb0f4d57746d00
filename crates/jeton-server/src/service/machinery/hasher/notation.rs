//! The notations of password hashes, one file for each family.

use super::{error::HashError, stored::StoredHash};
use crate::model::{hex, user::PasswordHash};

pub(super) mod argon2;
pub(super) mod bcrypt;
mod fields;
mod pbkdf2;
mod scrypt;
mod sha_crypt;

impl StoredHash {
    /// Reads a hash that is kept here.
    ///
    /// # Errors
    ///
    /// [`HashError`] says why the text is no hash.
    pub fn parse(hash: &PasswordHash) -> Result<Self, HashError> {
        parse(hash.expose())
    }
}

/// Reads a hash in any notation known.
fn parse(text: &str) -> Result<StoredHash, HashError> {
    if text.is_empty() {
        return Err(HashError::Empty);
    }
    // Django writes `!` before noise, Unix `!` or `*` before anything.
    if text.starts_with(['!', '*']) {
        return Err(HashError::Unusable);
    }
    let fields: Vec<&str> = text.split('$').collect();
    match fields[..] {
        ["" | "argon2", "argon2id" | "argon2i" | "argon2d", ..] => argon2::parse(text),
        ["", "scrypt", params, salt, digest] => scrypt::phc(params, salt, digest),
        ["scrypt", n, salt, r, p, digest] => scrypt::django([n, r, p], salt, digest),
        ["", "2a" | "2b" | "2y", cost, data] | ["bcrypt", "", "2a" | "2b" | "2y", cost, data] => {
            bcrypt::plain(cost, data)
        }
        ["bcrypt_sha256", "", "2a" | "2b" | "2y", cost, data] => bcrypt::django(cost, data),
        ["", "bcrypt-sha256", params, salt, digest] => bcrypt::passlib(params, salt, digest),
        ["", "pbkdf2" | "pbkdf2-sha1", cost, salt, digest] => pbkdf2::modular("sha1", cost, salt, digest),
        ["", "pbkdf2-sha256", cost, salt, digest] => pbkdf2::modular("sha256", cost, salt, digest),
        ["", "pbkdf2-sha512", cost, salt, digest] => pbkdf2::modular("sha512", cost, salt, digest),
        ["pbkdf2_sha256", cost, salt, digest] => pbkdf2::django("sha256", cost, salt, digest),
        ["pbkdf2_sha1", cost, salt, digest] => pbkdf2::django("sha1", cost, salt, digest),
        ["", "5", ..] => sha_crypt::parse("sha256", &fields[2..]),
        ["", "6", ..] => sha_crypt::parse("sha512", &fields[2..]),
        [method, salt, digest] => werkzeug(method, salt, digest),
        _ => Err(unknown(text)),
    }
}

/// `method:parameters$salt$hex`
fn werkzeug(method: &str, salt: &str, digest: &str) -> Result<StoredHash, HashError> {
    let parts: Vec<&str> = method.split(':').collect();
    match parts[..] {
        // Werkzeug 3.1's defaults for parameters that are left out.
        ["scrypt"] => scrypt::werkzeug(["32768", "8", "1"], salt, digest),
        ["scrypt", n, r, p] => scrypt::werkzeug([n, r, p], salt, digest),
        ["pbkdf2"] => pbkdf2::werkzeug("sha256", "1000000", salt, digest),
        ["pbkdf2", prf] => pbkdf2::werkzeug(prf, "1000000", salt, digest),
        ["pbkdf2", prf, iterations] => pbkdf2::werkzeug(prf, iterations, salt, digest),
        _ => Err(unknown(method)),
    }
}

/// The error for a text in no known notation. It names the scheme where that can be told.
fn unknown(text: &str) -> HashError {
    let text = text.strip_prefix('$').unwrap_or(text);
    let head = text.split('$').next().unwrap_or_default();
    let is_digest = [32, 40, 64, 128].contains(&text.len()) && hex::decode(text).is_some();
    match head {
        "1" | "apr1" | "md5-crypt" => HashError::Weak("an MD5-crypt hash"),
        "2" | "2x" => HashError::Weak("a bcrypt hash of the faulty variants 2 and 2x"),
        "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512" => {
            HashError::Weak("a digest of salt and password, computed once,")
        }
        "plain" => HashError::Weak("a password in plain text"),
        _ if is_digest => HashError::Weak("a digest without salt"),
        "argon2" | "argon2id" | "argon2i" | "argon2d" => {
            fields::damaged("Argon2")("a field is missing or too many")
        }
        "scrypt" => fields::damaged("scrypt")("a field is missing or too many"),
        "2a" | "2b" | "2y" | "bcrypt" | "bcrypt_sha256" | "bcrypt-sha256" => {
            fields::damaged("bcrypt")("a field is missing or too many")
        }
        _ if head.starts_with("pbkdf2") => fields::damaged("PBKDF2")("a field is missing or too many"),
        _ if head.starts_with("scrypt:") => fields::damaged("scrypt")("a field is missing or too many"),
        _ => HashError::Unknown,
    }
}
