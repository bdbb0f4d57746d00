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

/// Why nobody is signed in for applications here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderOff {
    /// What is signed with a shared secret nobody else can verify.
    #[error(
        "Tokens are signed with JWT_SECRET here, and there is no OpenID provider beside it: without JWT_SECRET there is"
    )]
    SharedSecret,
    #[error(
        "There are no pages here (--pages off), and nobody can be asked: with them there is an OpenID provider"
    )]
    NoPages,
}

impl Service {
    /// Whether people can be signed in for clients.
    ///
    /// # Errors
    ///
    /// [`ProviderOff`] under a shared secret.
    pub const fn provides(&self) -> Result<(), ProviderOff> {
        if self.keys.has_secret() {
            Err(ProviderOff::SharedSecret)
        } else {
            Ok(())
        }
    }
}
