//! Users: who may sign in, and as what.

use std::fmt;

use super::{
    claims::CustomClaims,
    email::EmailAddress,
    id::UserId,
    reset_code::StoredCode,
    role::{ADMIN, Role},
    time::Timestamp,
    username::Username,
};

pub mod changes;

/// A user as everything but the password check sees them.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    pub email: Option<EmailAddress>,
    pub roles: Vec<Role>,
    /// What their access tokens say beside the service's own claims.
    pub claims: CustomClaims,
    pub version: UserVersion,
    pub device_epoch: DeviceEpoch,
    pub disabled: bool,
    pub created_at: Timestamp,
}

impl User {
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role.as_str() == ADMIN)
    }

    /// Whether they may do what administrators do, now.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.is_admin() && !self.disabled
    }
}

/// How often everything issued to a user has been called back at once.
///
/// It only grows. An access token carries the version it was issued under as `uv` and is refused as soon as
/// the user's is higher, so "log out everywhere" needs no list of tokens and no comparison of clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserVersion(pub i64);

/// How often a user's devices were forgotten: what one that signed in before shows is good for one epoch.
///
/// Apart from the version, since most of what raises that says nothing against the devices: were they strangers after
/// "log out everywhere", whoever keeps guessing at the name could lock its owner out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceEpoch(pub i64);

/// A user together with what proves them.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: User,
    /// None until they have set one: nobody signs in to such an account.
    pub password_hash: Option<PasswordHash>,
    /// The scheme and cost of the hash, without salt and digest; empty without a hash.
    pub scheme: String,
    /// What may set a new password in place of the present one.
    pub reset_code: Option<StoredCode>,
}

/// A password hash in its own notation (PHC for those made here). Never printed.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}
