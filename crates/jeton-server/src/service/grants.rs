//! Grants: users who let clients do something, from the authorization request to the last token. OAuth 2.1 and OpenID
//! Connect, without HTTP.

pub mod authorize;
pub mod codes;
pub mod consent;
pub mod introspection;
pub mod pushed;
pub mod refresh;
pub mod revoke;
pub mod sign_out;
pub mod tokens;
pub mod userinfo;

use super::Service;

/// Signing people in for others needs keys that others can verify with: a shared secret is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this service signs with JWT_SECRET, which others cannot verify with: unset it to sign people in for applications"
)]
pub struct ProviderOff;

impl Service {
    /// Whether people can be signed in for clients.
    ///
    /// # Errors
    ///
    /// [`ProviderOff`] under a shared secret.
    pub const fn provides(&self) -> Result<(), ProviderOff> {
        if self.keys.has_secret() {
            Err(ProviderOff)
        } else {
            Ok(())
        }
    }
}
