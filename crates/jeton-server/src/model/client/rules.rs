//! The rules of a registration: what goes together, and which addresses and keys a client may name.

use jeton::{KeyError, KeySet};
use serde_json::Value;

use super::{
    redirect_uri::{RedirectUri, RedirectUriError},
    registration::{ClientAuthentication, GrantType, Pkce, Registration},
};
use crate::model::scope::MAX_SCOPES;

/// The most addresses of one kind that a client may register.
pub const MAX_ADDRESSES: usize = 32;

/// The longest set of keys that a client may register, in bytes of JSON.
const MAX_KEYS: usize = 32 * 1024;

/// The longest address of a page about the client.
const MAX_PAGE: usize = 2048;

/// Members of a JWK that only its owner may know (RFC 7518 §6, RFC 9964 §3).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// Why a client cannot be registered so: the member, what is wrong with it, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    #[error(
        "`grant_types` is empty: name at least one, such as `authorization_code` or `client_credentials`"
    )]
    NoGrant,
    #[error("`grant_types` has `refresh_token` alone: refresh tokens come with `authorization_code`, add it")]
    RefreshAlone,
    #[error(
        "`redirect_uris` is empty: a client with `authorization_code` needs at least one address that people are sent back to"
    )]
    NoRedirectUri,
    #[error(
        "`grant_types` lacks `authorization_code`, without which nobody is sent to `redirect_uris`: add it, or leave the addresses out"
    )]
    RedirectsUnused,
    #[error("`{0}` has more than {MAX_ADDRESSES} addresses: register those in use")]
    TooManyAddresses(&'static str),
    #[error(
        "`{0}` has a scheme of a program's own, which any program on a device can claim: use https, or make the client public (`token_endpoint_auth_method` `none`)"
    )]
    PrivateScheme(&'static str),
    #[error(
        "`grant_types` has `client_credentials`, but a public client has nothing to prove itself with: leave it out, or choose another `token_endpoint_auth_method`"
    )]
    PublicProgram,
    #[error("`pkce` cannot be `optional` for a public client: leave it out")]
    PublicWithoutPkce,
    #[error(
        "`jwks` is missing: with `private_key_jwt` give the client's public keys there, or their address in `jwks_uri`"
    )]
    NoKeys,
    #[error("`jwks_uri` stands beside `jwks`: give the keys or their address, not both")]
    KeysTwice,
    #[error("`jwks` {0}")]
    Keys(KeysError),
    #[error("`{0}` cannot be registered: {1}")]
    Address(&'static str, RedirectUriError),
    #[error("`{0}` must lead to a web server: use https, or http on this machine")]
    NoWebAddress(&'static str),
    #[error("`{0}` must be an https address of at most {MAX_PAGE} characters")]
    Page(&'static str),
    #[error("`scopes` has more than {MAX_SCOPES} names: all go into tokens, leave some out")]
    TooManyScopes,
    #[error(
        "`token_endpoint_auth_method` is `{0}`, so the client has no secret: choose `client_secret_basic` first"
    )]
    NoSecret(&'static str),
}

/// Why a set of keys cannot be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    #[error(
        "has a private or symmetric key: give public keys alone, and make new ones since these were sent"
    )]
    Private,
    #[error("is longer than {MAX_KEYS} bytes: give the keys in use")]
    TooLong,
    #[error("has no key: give at least one, as `{{\"keys\":[…]}}`")]
    Empty,
    #[error("cannot be read: {0}")]
    Unreadable(KeyError),
    #[error("has a key that cannot be used, number {0}: {1}")]
    Unusable(usize, KeyError),
}

impl RegistrationError {
    /// The member that is wrong, by its name in requests.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NoGrant | Self::RefreshAlone | Self::RedirectsUnused | Self::PublicProgram => "grant_types",
            Self::NoRedirectUri => "redirect_uris",
            Self::TooManyAddresses(field)
            | Self::PrivateScheme(field)
            | Self::Address(field, _)
            | Self::NoWebAddress(field)
            | Self::Page(field) => field,
            Self::PublicWithoutPkce => "pkce",
            Self::NoKeys | Self::Keys(_) => "jwks",
            Self::KeysTwice => "jwks_uri",
            Self::TooManyScopes => "scopes",
            Self::NoSecret(_) => "token_endpoint_auth_method",
        }
    }
}

impl Registration {
    /// Checks that everything in it can be and goes together.
    ///
    /// # Errors
    ///
    /// The first thing found wrong.
    pub fn check(&self) -> Result<(), RegistrationError> {
        self.check_grants()?;
        self.check_addresses("redirect_uris", &self.redirect_uris)?;
        self.check_addresses("post_logout_redirect_uris", &self.post_logout_redirect_uris)?;
        self.check_authentication()?;
        for (field, address) in [
            ("backchannel_logout_uri", &self.backchannel_logout_uri),
            ("jwks_uri", &self.jwks_uri),
        ] {
            check_web_address(field, address.as_deref())?;
        }
        for (field, page) in [
            ("client_uri", &self.client_uri),
            ("logo_uri", &self.logo_uri),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
        ] {
            check_page(field, page.as_deref())?;
        }
        Ok(())
    }

    fn check_grants(&self) -> Result<(), RegistrationError> {
        let signs_in = self.allows(GrantType::AuthorizationCode);
        if self.grant_types.is_empty() {
            return Err(RegistrationError::NoGrant);
        }
        if self.allows(GrantType::RefreshToken) && !signs_in {
            return Err(RegistrationError::RefreshAlone);
        }
        if signs_in && self.redirect_uris.is_empty() {
            return Err(RegistrationError::NoRedirectUri);
        }
        if !signs_in && !self.redirect_uris.is_empty() {
            return Err(RegistrationError::RedirectsUnused);
        }
        if self.is_public() && self.allows(GrantType::ClientCredentials) {
            return Err(RegistrationError::PublicProgram);
        }
        Ok(())
    }

    fn check_addresses(
        &self,
        field: &'static str,
        addresses: &[RedirectUri],
    ) -> Result<(), RegistrationError> {
        if addresses.len() > MAX_ADDRESSES {
            return Err(RegistrationError::TooManyAddresses(field));
        }
        if !self.is_public() && addresses.iter().any(RedirectUri::is_private_scheme) {
            return Err(RegistrationError::PrivateScheme(field));
        }
        Ok(())
    }

    fn check_authentication(&self) -> Result<(), RegistrationError> {
        if self.is_public() && self.pkce == Pkce::Optional {
            return Err(RegistrationError::PublicWithoutPkce);
        }
        let by_key = self.authentication == ClientAuthentication::PrivateKeyJwt;
        match (&self.jwks, &self.jwks_uri) {
            (Some(_), Some(_)) => Err(RegistrationError::KeysTwice),
            (None, None) if by_key => Err(RegistrationError::NoKeys),
            (Some(keys), None) => check_keys(keys).map_err(RegistrationError::Keys),
            (None, _) => Ok(()),
        }
    }
}

/// An address that the service itself calls.
fn check_web_address(field: &'static str, address: Option<&str>) -> Result<(), RegistrationError> {
    let Some(address) = address else { return Ok(()) };
    let address: RedirectUri = address
        .parse()
        .map_err(|error| RegistrationError::Address(field, error))?;
    if address.is_private_scheme() {
        return Err(RegistrationError::NoWebAddress(field));
    }
    Ok(())
}

/// An address that people are shown.
fn check_page(field: &'static str, page: Option<&str>) -> Result<(), RegistrationError> {
    let Some(page) = page else { return Ok(()) };
    let uri: Result<http::Uri, _> = page.parse();
    let is_https = page.starts_with("https://") && page.len() <= MAX_PAGE;
    let has_host = uri.is_ok_and(|uri| {
        uri.authority()
            .is_some_and(|at| !at.host().is_empty() && !at.as_str().contains('@'))
    });
    if is_https && has_host {
        Ok(())
    } else {
        Err(RegistrationError::Page(field))
    }
}

fn check_keys(jwks: &Value) -> Result<(), KeysError> {
    let text = jwks.to_string();
    if text.len() > MAX_KEYS {
        return Err(KeysError::TooLong);
    }
    let members = jwks.get("keys").and_then(Value::as_array);
    if members
        .into_iter()
        .flatten()
        .any(|key| PRIVATE_MEMBERS.iter().any(|member| key.get(member).is_some()))
    {
        return Err(KeysError::Private);
    }
    let keys = KeySet::from_jwks(&text).map_err(KeysError::Unreadable)?;
    if let Some(skipped) = keys.skipped().first() {
        return Err(KeysError::Unusable(skipped.index + 1, skipped.reason.clone()));
    }
    if keys.is_empty() {
        return Err(KeysError::Empty);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
