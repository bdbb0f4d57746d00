//! Escapes: reading what no verifier would let you read.
//!
//! Nothing here proves anything: whoever can send text can make every word of it up. Meant for tools that
//! show a token to its owner. Search for `danger` to find every use.

use std::fmt;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use crate::json::{self, Object};
use crate::{Registered, Unverified, VerifyError};

/// Claims that nobody verified. Nothing that asks for a [`Verified`](crate::Verified) takes them.
///
/// ```
/// use jeton::{danger::{self, UnverifiedClaims}, json};
///
/// // An expired token with a signature of zeros: nothing of it is checked.
/// let text = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEiLCJleHAiOjF9.AAAA";
/// let claims: UnverifiedClaims<json::Object> = danger::claims_without_verification(text)?;
/// assert_eq!(claims.subject(), Some("user-1"));
/// assert!(claims.all_claims().into_iter().map(|(name, _)| name).eq(["exp", "sub"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UnverifiedClaims<C> {
    claims: C,
    registered: Registered<'static>,
    json: String,
}

/// Reads the claims of a token that nobody verified. Its form is checked as strictly as ever; signature, type,
/// times, issuer and audience are not.
///
/// ```
/// use jeton::{Algorithm, SigningKey, danger, json, jws};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// let text = jws::Signer::new(key).sign(br#"{"sub":"user-1","plan":"free"}"#)?;
/// let claims = danger::claims_without_verification::<json::Object>(&text)?;
/// assert_eq!((claims.subject(), claims.expires_at()), (Some("user-1"), None));
/// assert_eq!(claims.claims().0["plan"], "free");
/// # Ok(())
/// # }
/// ```
pub fn claims_without_verification<C: DeserializeOwned>(
    token: &str,
) -> Result<UnverifiedClaims<C>, VerifyError> {
    claims_of(&Unverified::parse(token)?)
}

/// Reads the claims of a token that nobody verified and whose header was read before, with a limit of one's own.
///
/// ```
/// use jeton::{Algorithm, SigningKey, Unverified, danger, json, jws};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// let long = format!(r#"{{"jti":"1","note":"{}"}}"#, "x".repeat(20_000));
/// let text = jws::Signer::new(key).sign(long.as_bytes())?;
/// let token = Unverified::parse_within(64 * 1024, &text)?;
/// assert_eq!(danger::claims_of::<json::Object>(&token)?.id(), Some("1"));
/// # Ok(())
/// # }
/// ```
pub fn claims_of<C: DeserializeOwned>(token: &Unverified<'_>) -> Result<UnverifiedClaims<C>, VerifyError> {
    let json = token.claims_json()?;
    let mut registered = Registered::default();
    let (claims, _) = crate::claims::read(&json, &[], &mut registered)?;
    Ok(UnverifiedClaims {
        claims,
        registered: registered.into_owned(),
        json,
    })
}

impl<C> UnverifiedClaims<C> {
    /// The claims beside the registered ones.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// The claims beside the registered ones, taken out.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }

    /// Every claim by its name, the registered ones included; they are parsed anew for it.
    #[must_use]
    pub fn all_claims(&self) -> Object {
        json::from_str(&self.json).unwrap_or_default()
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.registered.issuer()
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.registered.subject()
    }

    /// `aud`, whether it was one string, an array or absent.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.registered.audience()
    }

    /// `jti`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.registered.id()
    }

    /// `exp`.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.registered.expires_at()
    }

    /// `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.registered.issued_at()
    }

    /// `nbf`.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        self.registered.not_before()
    }
}

/// `Debug` does not show the claims: they are most of a token.
impl<C> fmt::Debug for UnverifiedClaims<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedClaims").finish_non_exhaustive()
    }
}
