//! Stored hashes, read: the notations of Werkzeug, Django, passlib, bcrypt and the PHC all end up here.

use std::fmt;

use super::scheme::Scheme;

/// A password hash that was read and can be checked against.
#[derive(Clone)]
pub struct StoredHash {
    pub(super) scheme: Scheme,
    pub(super) salt: Vec<u8>,
    pub(super) digest: Vec<u8>,
}

impl StoredHash {
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
