//! Schemes: how a password is hashed and at what cost; everything of a stored hash but its salt and its digest.

use std::{fmt, str::FromStr};

/// A way of hashing and its cost. Its text is kept beside every hash and tells nothing of the password.
///
/// Hashes of one scheme take the same time, which is what a decoy needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// `$argon2id$v=19$m=19456,t=2,p=1`, with `argon2` before it when it was imported.
    Argon2(Argon2),
    /// `scrypt:15:8:1`: the logarithm of N, r and p.
    Scrypt { log_n: u8, r: u32, p: u32 },
    /// `pbkdf2:sha256:600000`
    Pbkdf2 { digest: Digest, iterations: u32 },
    /// `bcrypt:12`, or `bcrypt-sha256-hex:12` with a digest in between.
    Bcrypt { input: BcryptInput, cost: u8 },
    /// `sha-crypt:sha512:656000`
    ShaCrypt { digest: Digest, rounds: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Argon2 {
    pub origin: Origin,
    pub variant: Variant,
    /// 16 or 19.
    pub version: u8,
    pub memory_kib: u32,
    pub iterations: u32,
    pub lanes: u32,
}

/// The maker of a hash, and so the form of the password that was hashed: the two look the same otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// Made here, of the prepared form.
    Here,
    /// Made elsewhere, of the bytes as they were typed.
    Elsewhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variant {
    Id,
    I,
    D,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// The input of bcrypt, which looks at 72 bytes at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BcryptInput {
    /// The password; bytes beyond 72 are ignored.
    Password,
    /// Its SHA-256 in hexadecimal: Django.
    Sha256Hex,
    /// Its SHA-256 in base64: passlib before 1.7.3.
    Sha256Base64,
    /// Its HMAC-SHA256 under the salt, in base64: passlib since.
    HmacSha256Base64,
}

/// The prefix of Argon2 hashes made elsewhere, as in Django: those made here have none.
pub(super) const ELSEWHERE: &str = "argon2";

impl Argon2 {
    /// The parameters of hashes made here: Argon2id, one lane (RFC 9106).
    #[must_use]
    pub const fn ours(memory_kib: u32, iterations: u32) -> Self {
        Self {
            origin: Origin::Here,
            variant: Variant::Id,
            version: 19,
            memory_kib,
            iterations,
            lanes: 1,
        }
    }
}

impl Scheme {
    /// The maker of hashes of this scheme.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match self {
            Self::Argon2(argon2) => argon2.origin,
            _ => Origin::Elsewhere,
        }
    }
}

impl Digest {
    /// The length of the output, in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

const VARIANTS: [(&str, Variant); 3] = [
    ("argon2id", Variant::Id),
    ("argon2i", Variant::I),
    ("argon2d", Variant::D),
];

const DIGESTS: [(&str, Digest); 4] = [
    ("sha1", Digest::Sha1),
    ("sha256", Digest::Sha256),
    ("sha384", Digest::Sha384),
    ("sha512", Digest::Sha512),
];

const INPUTS: [(&str, BcryptInput); 4] = [
    ("bcrypt", BcryptInput::Password),
    ("bcrypt-sha256-hex", BcryptInput::Sha256Hex),
    ("bcrypt-sha256-base64", BcryptInput::Sha256Base64),
    ("bcrypt-hmac-sha256-base64", BcryptInput::HmacSha256Base64),
];

/// The value that a name stands for in one of the tables.
fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|row| row.0 == name).map(|row| row.1)
}

fn name<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|row| row.1 == *value).map_or("", |row| row.0)
}

impl FromStr for Variant {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        named(&VARIANTS, text).ok_or(())
    }
}

impl FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        named(&DIGESTS, text).ok_or(())
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2(argon2) => {
                if argon2.origin == Origin::Elsewhere {
                    f.write_str(ELSEWHERE)?;
                }
                argon2.fmt(f)
            }
            Self::Scrypt { log_n, r, p } => write!(f, "scrypt:{log_n}:{r}:{p}"),
            Self::Pbkdf2 { digest, iterations } => {
                write!(f, "pbkdf2:{}:{iterations}", name(&DIGESTS, digest))
            }
            Self::Bcrypt { input, cost } => write!(f, "{}:{cost}", name(&INPUTS, input)),
            Self::ShaCrypt { digest, rounds } => {
                write!(f, "sha-crypt:{}:{rounds}", name(&DIGESTS, digest))
            }
        }
    }
}

/// The first three fields of the PHC string.
impl fmt::Display for Argon2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "${}$v={}$m={},t={},p={}",
            name(&VARIANTS, &self.variant),
            self.version,
            self.memory_kib,
            self.iterations,
            self.lanes
        )
    }
}

/// The text is none that [`Scheme`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this names no scheme of password hashes")]
pub struct UnknownScheme;

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        if text.contains('$') {
            return super::notation::argon2::scheme(text).ok_or(UnknownScheme);
        }
        from_fields(text).ok_or(UnknownScheme)
    }
}

fn from_fields(text: &str) -> Option<Scheme> {
    let fields: Vec<&str> = text.split(':').collect();
    Some(match fields[..] {
        ["scrypt", log_n, r, p] => Scheme::Scrypt {
            log_n: log_n.parse().ok()?,
            r: r.parse().ok()?,
            p: p.parse().ok()?,
        },
        ["pbkdf2", digest, iterations] => Scheme::Pbkdf2 {
            digest: digest.parse().ok()?,
            iterations: iterations.parse().ok()?,
        },
        ["sha-crypt", digest, rounds] => Scheme::ShaCrypt {
            digest: digest.parse().ok()?,
            rounds: rounds.parse().ok()?,
        },
        [input, cost] => Scheme::Bcrypt {
            input: named(&INPUTS, input)?,
            cost: cost.parse().ok()?,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_read_as_it_was_written() {
        for text in [
            "$argon2id$v=19$m=19456,t=2,p=1",
            "argon2$argon2id$v=19$m=102400,t=2,p=8",
            "argon2$argon2i$v=16$m=512,t=2,p=2",
            "scrypt:15:8:1",
            "pbkdf2:sha256:600000",
            "pbkdf2:sha1:1000",
            "bcrypt:12",
            "bcrypt-sha256-hex:12",
            "bcrypt-hmac-sha256-base64:12",
            "sha-crypt:sha512:656000",
        ] {
            assert_eq!(text.parse::<Scheme>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_no_schemes() {
        for text in [
            "",
            "scrypt",
            "scrypt:15:8",
            "pbkdf2:md5:1",
            "crypt:1",
            "$argon2id$v=19$m=1",
        ] {
            assert!(text.parse::<Scheme>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_what_says_so_was_made_here() {
        let ours = Scheme::Argon2(Argon2::ours(19_456, 2));
        assert_eq!(ours.to_string(), "$argon2id$v=19$m=19456,t=2,p=1");
        assert_eq!(ours.origin(), Origin::Here);
        let imported: Scheme = "argon2$argon2id$v=19$m=19456,t=2,p=1".parse().unwrap();
        assert_eq!(imported.origin(), Origin::Elsewhere);
        assert_ne!(imported, ours);
    }
}
