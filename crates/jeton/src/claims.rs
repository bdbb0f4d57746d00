//! What a token says.
//!
//! A token's claims are one JSON object. The registered ones (RFC 7519 §4.1: `iss`, `sub`, `aud`, `exp`,
//! `nbf`, `iat`, `jti`) belong to this library: they are set through the issuer, checked by the verifier and
//! read from [`Verified`](crate::Verified). All others are the user's type.

mod lookup;
mod read;
mod registered;
mod scan;
mod write;

pub(crate) use self::lookup::{Lookup, lookup};
pub(crate) use self::read::read;
pub use self::registered::Registered;
pub(crate) use self::registered::{Audience, is_registered, registered_name};
pub(crate) use self::write::write_members;

/// A type of token: what its claims are, beside the registered ones, and what its header's `typ` says.
///
/// The `typ` is what keeps one kind of token from passing as another (RFC 8725 §3.11): an access token is
/// `at+jwt`, a plain one `JWT`.
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
pub trait Claims {
    /// The media type in the header, without `application/`.
    const TYP: &'static str;

    /// A check of one's own, made after all others; the reason it gives goes into
    /// [`VerifyError::Refused`](crate::VerifyError::Refused).
    ///
    /// ```
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Order { amount: u32, limit: u32 }
    ///
    /// impl jeton::Claims for Order {
    ///     const TYP: &'static str = "order+jwt";
    ///
    ///     fn check(&self, _token: &jeton::Registered<'_>) -> Result<(), &'static str> {
    ///         if self.amount <= self.limit { Ok(()) } else { Err("the amount is over its limit") }
    ///     }
    /// }
    /// ```
    fn check(&self, token: &Registered<'_>) -> Result<(), &'static str> {
        let _ = token;
        Ok(())
    }
}
