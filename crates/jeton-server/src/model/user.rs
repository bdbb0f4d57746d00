//! Users: who may sign in, and with which rights.

use std::fmt;

use super::{
    claims::CustomClaims,
    email::EmailAddress,
    id::UserId,
    locale::Locale,
    reset_code::StoredCode,
    role::{ADMIN, Role},
    time::Timestamp,
    username::Username,
};

pub mod changes;
pub mod own;

/// A user, without anything that proves them.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub username: Username,
    pub email: Option<EmailAddress>,
    pub roles: Vec<Role>,
    /// Members their access tokens carry beside the service's own claims.
    pub claims: CustomClaims,
    pub version: UserVersion,
    pub device_epoch: DeviceEpoch,
    pub disabled: bool,
    pub created_at: Timestamp,
    /// The language its owner chose, where they did.
    pub locale: Option<Locale>,
}

impl User {
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role.as_str() == ADMIN)
    }

    /// Whether they hold an administrator's rights now.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.is_admin() && !self.disabled
    }
}

/// How often everything issued to a user has been revoked at once.
///
/// The version only grows. An access token carries the version it was issued under as `uv` and is refused as soon as
/// the user's is higher, so "log out everywhere" needs no list of tokens and no comparison of clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserVersion(pub i64);

/// How often a user's devices were forgotten: a device token is good for one epoch.
///
/// Apart from the version, since most of what raises that says nothing against the devices: if "log out everywhere"
/// made them strangers, anybody who keeps guessing could lock the owner out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceEpoch(pub i64);

/// A user together with their credentials.
#[derive(Clone, Debug)]
pub struct Account {
    pub user: User,
    /// None until one is set: nobody signs in to such an account.
    pub password_hash: Option<PasswordHash>,
    /// The scheme and cost of the hash, without salt and digest; empty without a hash.
    pub scheme: String,
    /// The code that may set a new password in place of the present one.
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
