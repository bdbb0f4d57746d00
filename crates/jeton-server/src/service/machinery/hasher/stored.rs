//! Stored hashes, read: the notations of Werkzeug, Django, passlib, bcrypt and the PHC all end up here.

use std::fmt;

use super::{notation, scheme::Scheme};
use crate::model::user::PasswordHash;

/// A password hash that was read and can be checked against.
#[derive(Clone)]
pub struct StoredHash {
    pub(super) scheme: Scheme,
    pub(super) salt: Vec<u8>,
    pub(super) digest: Vec<u8>,
}

/// Why a text cannot be kept as somebody's password hash. Nothing of the text is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    #[error("there is no password hash")]
    Empty,
    #[error("the password is marked as unusable: there is nothing to check one against")]
    Unusable,
    #[error("{0} can be guessed by the million: its owner needs a new password")]
    Weak(&'static str),
    #[error(
        "the password hash is of no known scheme: those of Werkzeug, Django, passlib, bcrypt and the PHC are taken, and no \
         password in plain text"
    )]
    Unknown,
    #[error("the {scheme} hash is damaged: {problem}")]
    Damaged {
        scheme: &'static str,
        problem: &'static str,
    },
    #[error("the {scheme} hash would take too much to check: {bound}")]
    TooCostly { scheme: &'static str, bound: String },
}

impl StoredHash {
    /// Reads a hash that is kept here.
    ///
    /// # Errors
    ///
    /// [`HashError`] says why the text is no hash.
    pub fn parse(hash: &PasswordHash) -> Result<Self, HashError> {
        notation::parse(hash.expose())
    }

    /// A hash that no password matches, and that takes as long as others of its scheme.
    pub(super) fn decoy(scheme: Scheme) -> Self {
        let digest = match scheme {
            Scheme::Argon2(_) => super::OUTPUT_BYTES,
            Scheme::Scrypt { .. } => 64,
            Scheme::Pbkdf2 { digest, .. } | Scheme::ShaCrypt { digest, .. } => digest.bytes(),
            Scheme::Bcrypt { .. } => notation::bcrypt::DIGEST_BYTES,
        };
        Self {
            scheme,
            salt: vec![0; super::SALT_BYTES],
            digest: vec![0; digest],
        }
    }

    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredHash")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

/// A hash from elsewhere, fit to be kept: it can be read, and checking it takes no more than is bearable.
#[derive(Clone, Debug)]
pub struct ImportedHash {
    hash: PasswordHash,
    scheme: Scheme,
}

impl ImportedHash {
    /// Reads a hash that another system made.
    ///
    /// # Errors
    ///
    /// [`HashError`] says why it cannot be kept.
    pub fn parse(text: &str) -> Result<Self, HashError> {
        let mut text = text.to_owned();
        if notation::argon2::looks_like_ours(&text) {
            // Kept in Django's spelling: without it, it would pass for one made here, of the prepared password.
            text.insert_str(0, super::scheme::ELSEWHERE);
        }
        let hash = PasswordHash::new(text);
        let scheme = StoredHash::parse(&hash)?.scheme;
        super::bounds::check(&scheme)?;
        Ok(Self { hash, scheme })
    }

    /// The hash to be stored.
    #[must_use]
    pub const fn hash(&self) -> &PasswordHash {
        &self.hash
    }

    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }
}
