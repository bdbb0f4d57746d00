//! Roles: short names that applications give meaning to. `admin` is the one the service itself reads.

use std::{fmt, str::FromStr};

/// A role's name: 1 to 64 characters of `a` to `z`, `0` to `9`, `-`, `_`, `.` and `:`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role(String);

/// The role that opens the administrator's routes.
pub const ADMIN: &str = "admin";

impl Role {
    /// The role of administrators.
    #[must_use]
    pub fn admin() -> Self {
        Self(ADMIN.to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most bytes the roles of an account may take in a token: every request carries them.
pub const MAX_BYTES: usize = 1024;

/// An account has more roles than a token can carry.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the roles take more than {MAX_BYTES} bytes: tokens travel with every request, so have fewer or shorter ones"
)]
pub struct TooManyRoles;

/// Refuses more roles than a token can carry.
///
/// # Errors
///
/// [`TooManyRoles`] when they take more than [`MAX_BYTES`].
pub fn fit(roles: Vec<Role>) -> Result<Vec<Role>, TooManyRoles> {
    // Each with its quotation marks and its comma.
    let bytes: usize = roles.iter().map(|role| role.0.len() + 3).sum();
    if bytes > MAX_BYTES {
        Err(TooManyRoles)
    } else {
        Ok(roles)
    }
}

/// Why a text is not a role's name.
#[derive(Debug, thiserror::Error)]
#[error("a role is 1 to 64 characters of a-z, 0-9, '-', '_', '.' and ':'")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.:".contains(&byte);
        if fits && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RoleError)
        }
    }
}
