//! Claims: the content of a token.
//!
//! A token's claims are one JSON object. The registered ones (RFC 7519 §4.1: `iss`, `sub`, `aud`, `exp`,
//! `nbf`, `iat`, `jti`) belong to this library: they are set through the issuer, checked by the verifier and
//! read from [`Verified`](crate::Verified). All others are the user's type.

mod lookup;
mod read;
mod registered;
mod write;

use std::borrow::Cow;

pub(crate) use self::lookup::{Lookup, lookup};
pub(crate) use self::read::read;
pub use self::registered::Registered;
pub(crate) use self::registered::{Audience, is_registered, registered_name};
pub(crate) use self::write::write_members;

/// A type of token: what its claims are, beside the registered ones, and what its header's `typ` says.
///
/// The `typ` is what keeps one kind of token from passing as another (RFC 8725 §3.11): an access token is
/// `at+jwt`, a plain one `JWT`. Tokens of others that name none are taken with
/// [`Profile::Jwt`](crate::Profile::Jwt).
///
/// The registered claims are no fields of the type. `sub`, `exp` and the others are read from the token, by
/// [`Verified::subject`](crate::Verified::subject) and its like; a type that declares one is refused
/// ([`VerifyError::RegisteredField`](crate::VerifyError::RegisteredField)).
///
/// ```
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Access {
///     roles: Vec<String>,
/// }
///
/// impl jeton::Claims for Access {
///     const TYP: &'static str = "at+jwt";
/// }
/// ```
///
/// Claims of no fixed shape are a map, `#[serde(transparent)]` around [`json::Object`](crate::json::Object).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which kind of token its claims are of",
    label = "this type has to implement `jeton::Claims`",
    note = "write `impl jeton::Claims for {Self} {{ const TYP: &'static str = \"at+jwt\"; }}`, with the `typ` of its tokens"
)]
pub trait Claims {
    /// The media type in the header, without `application/`.
    const TYP: &'static str;

    /// A check of the application's own, made after all others; the reason it gives goes into
    /// [`VerifyError::Refused`](crate::VerifyError::Refused).
    ///
    /// ```
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Order { amount: u32, limit: u32 }
    ///
    /// impl jeton::Claims for Order {
    ///     const TYP: &'static str = "order+jwt";
    ///
    ///     fn check(&self, _token: &jeton::Registered<'_>) -> Result<(), std::borrow::Cow<'static, str>> {
    ///         if self.amount <= self.limit {
    ///             Ok(())
    ///         } else {
    ///             Err(format!("the amount is over its limit of {}", self.limit).into())
    ///         }
    ///     }
    /// }
    /// ```
    fn check(&self, token: &Registered<'_>) -> Result<(), Cow<'static, str>> {
        let _ = token;
        Ok(())
    }
}
