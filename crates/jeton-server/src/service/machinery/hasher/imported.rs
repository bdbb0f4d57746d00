//! Hashes that other systems made.

use super::{bounds, error::HashError, notation, scheme, scheme::Scheme, stored::StoredHash};
use crate::model::user::PasswordHash;

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
            text.insert_str(0, scheme::ELSEWHERE);
        }
        let hash = PasswordHash::new(text);
        let scheme = StoredHash::parse(&hash)?.scheme;
        bounds::check(&scheme)?;
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
