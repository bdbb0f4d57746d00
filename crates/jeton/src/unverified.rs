//! Tokens before they are verified.

use std::borrow::Cow;
use std::fmt;

use crate::json::{self, Object};
use crate::jws::{Compact, Header};
use crate::token::decode_text;
use crate::{DEFAULT_MAX_SIZE, Registered, VerifyError};

/// A token nobody has verified: its header, and its issuer, to choose a key or an issuer's key set by.
///
/// Everything here is the sender's word. The claims of a token that nobody verified are read by
/// [`danger::claims_of`](crate::danger::claims_of).
///
/// ```
/// use jeton::{Algorithm, SigningKey, Unverified, jws};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
/// let text = jws::Signer::new(key).member("b", 7).sign(br#"{"iss":"https://id.example"}"#)?;
/// let token = Unverified::parse(&text)?;
/// assert_eq!((token.algorithm(), token.kid(), token.typ()), ("ES256", Some("2026-11"), None));
/// assert_eq!(token.header().0["b"], 7);
/// assert_eq!(token.issuer()?.as_deref(), Some("https://id.example"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Unverified<'a> {
    header: HeaderText,
    token: &'a str,
    payload: &'a str,
}

#[derive(Clone)]
struct HeaderText {
    json: String,
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

impl<'a> Unverified<'a> {
    /// Reads the header, as strictly as a verifier does, of a token of at most [`DEFAULT_MAX_SIZE`] bytes. Neither
    /// the signature nor the payload is looked at.
    ///
    /// ```
    /// use jeton::Unverified;
    ///
    /// let token = Unverified::parse("eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ..")?;
    /// assert_eq!((token.algorithm(), token.kid()), ("HS256", Some("a")));
    /// # Ok::<(), jeton::VerifyError>(())
    /// ```
    pub fn parse(token: &'a str) -> Result<Self, VerifyError> {
        Self::parse_within(DEFAULT_MAX_SIZE, token)
    }

    /// Reads the header of a token of at most `max_size` bytes.
    ///
    /// ```
    /// use jeton::{Unverified, VerifyError};
    ///
    /// let refused = Unverified::parse_within(10, "eyJhbGciOiJub25lIn0..").err();
    /// assert_eq!(refused, Some(VerifyError::TooLarge { limit: 10 }));
    /// ```
    pub fn parse_within(max_size: usize, token: &'a str) -> Result<Self, VerifyError> {
        let parts = Compact::split(token, max_size)?;
        let json = decode_text(parts.header)?;
        let Header { alg, typ, kid, .. } = Header::read(&json)?;
        let (alg, typ, kid) = (
            alg.into_owned(),
            typ.map(Cow::into_owned),
            kid.map(Cow::into_owned),
        );
        let header = HeaderText { json, alg, typ, kid };
        Ok(Self {
            header,
            token,
            payload: parts.payload,
        })
    }

    /// The token's text, to be handed to the verifier that was chosen by the rest.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, Unverified, jws};
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// let text = jws::Signer::new(key).sign(b"{}")?;
    /// assert_eq!(Unverified::parse(&text)?.as_str(), text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.token
    }

    /// `kid` as the header has it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// `typ` as the header has it.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// `alg` as the header has it: any text, also one this library does not know.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.header.alg
    }

    /// Every member of the header by its name; they are parsed anew for it.
    #[must_use]
    pub fn header(&self) -> Object {
        json::from_str(&self.header.json).unwrap_or_default()
    }

    /// `iss` as the claims have it, which are read for it as strictly as by a verifier.
    pub fn issuer(&self) -> Result<Option<String>, VerifyError> {
        let json = self.claims_json()?;
        let mut registered = Registered::default();
        crate::claims::read::<()>(&json, &[], &mut registered)?;
        Ok(registered.iss.map(Cow::into_owned))
    }

    pub(crate) fn claims_json(&self) -> Result<String, VerifyError> {
        decode_text(self.payload)
    }
}

/// `Debug` does not show the token: it may be good, and somebody's.
impl fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").finish_non_exhaustive()
    }
}
