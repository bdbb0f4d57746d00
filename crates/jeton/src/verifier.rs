//! Verifiers, which check tokens.

mod builder;
mod explain;
mod keys;
mod rules;

use std::sync::Arc;
use std::time::SystemTime;

use serde::de::{Deserialize, DeserializeOwned};

pub use self::builder::{
    AudienceDecided, DEFAULT_LEEWAY, Decided, IssuerDecided, Undecided, VerifierBuilder,
};
pub use self::explain::{Check, Explanation, Outcome};
pub(crate) use self::keys::Keys;
pub use self::keys::MAX_CANDIDATES;
use self::keys::MAX_INLINE_SIGNATURE;
pub use self::rules::Profile;
use self::rules::{Facts, Rules};
use crate::claims::read;
use crate::encoding::{decode_into, decode_onto, encoded_len};
use crate::jws::{Compact, Header};
use crate::key::VerifyingKey;
use crate::token::Kept;
use crate::{Claims, KeySet, Malformed, Registered, Scratch, Verified, VerifiedRef, VerifyError};

/// Checks tokens by rules and keys that were decided once. Cheap to clone and to share between threads.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use jeton::{Algorithm, Claims, Issuer, SigningKey, Verified, Verifier};
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key = SigningKey::generate(Algorithm::Es256)?;
/// # let issuer = Issuer::<Access>::new(key.clone(), "https://id.example", Duration::from_mins(15));
/// # let now = SystemTime::now();
/// # let access = Access { roles: vec!["editor".into()] };
/// # let text = issuer.issue_at("user-1", "api", access, now)?;
/// let verifier = Verifier::builder(key.verifying_key())
///     .issuer("https://id.example")
///     .audience("api")
///     .build();
/// let token: Verified<Access> = verifier.verify_at(&text, now)?;
/// assert_eq!(token.subject(), Some("user-1"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    rules: Arc<Rules>,
    keys: Arc<Keys>,
}

impl Verifier {
    /// Begins a verifier. `build` exists once issuer and audience have been decided.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).issuer("https://id.example").audience("api").build();
    /// ```
    pub fn builder(keys: impl Into<KeySet>) -> VerifierBuilder {
        VerifierBuilder::new(keys.into())
    }

    /// Makes a verifier of the same rules with other keys, for when keys are rotated.
    ///
    /// ```
    /// # use jeton::{Claims, Verified, testkit::TestIssuer};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let issuer = TestIssuer::new("https://id.example")?;
    /// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
    ///
    /// let before = issuer.verifier("api");
    /// issuer.rotate()?;
    /// let text = issuer.token("user-1", "api", &Access { roles: vec![] })?;
    /// assert!(before.verify_at::<Access>(&text, issuer.clock().now()).is_err());
    /// let after = before.with_keys(issuer.key_set());
    /// assert!(after.verify_at::<Access>(&text, issuer.clock().now()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_keys(&self, keys: KeySet) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
            keys: Arc::new(Keys::new(keys)),
        }
    }

    /// Checks everything there is to check of a token in compact form and reads its claims.
    ///
    /// In this order: size and form, header, key, signature, `typ`, claims. Nothing of the claims is read
    /// before the signature has been found valid. One buffer is allocated for the token's text; all else
    /// that is allocated the claims own.
    ///
    /// ```
    /// # use jeton::{Claims, Verified, testkit::TestIssuer};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let issuer = TestIssuer::new("https://id.example")?;
    /// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
    ///
    /// let token: Verified<Access> = issuer.verifier("api").verify_at(&text, issuer.clock().now())?;
    /// assert_eq!(token.claims().roles, ["editor"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_at<C: Claims + DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Verified<C>, VerifyError> {
        let parts = Compact::split(token, self.rules.max_size)?;
        let key = self.authenticate(&parts, C::TYP)?;
        let mut buffer = Vec::with_capacity(parts.payload.len() * 3 / 4 + key.kid().map_or(0, str::len));
        decode_onto(&mut buffer, parts.payload).ok_or(Malformed::Base64)?;
        let json = String::from_utf8(buffer).map_err(|_| Malformed::Utf8)?;
        let mut registered = Registered::default();
        let claims = self.claims::<C>(&json, now, &mut registered)?;
        let kept = Kept::new(&json, registered).ok_or_else(|| VerifyError::MissingClaim("exp".to_owned()))?;
        Ok(kept.verified(json, claims, key.algorithm(), key.kid()))
    }

    /// Checks a token as [`verify_at`](Self::verify_at) does, with claims that borrow from the token's text in
    /// `scratch`: no allocation, unless a text holds an escape or `aud` is an array.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, Scratch, SigningKey, Verifier, VerifiedRef};
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct View<'a> { name: &'a str }
    /// impl Claims for View<'_> { const TYP: &'static str = "JWT"; }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let issuer = Issuer::<View<'_>>::new(key.clone(), "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    /// # let token = issuer.issue_at("user-1", "api", View { name: "Ada" }, now)?;
    /// # let verifier = Verifier::builder(key.verifying_key()).any_issuer().audience("api").build();
    /// let mut scratch = Scratch::default(); // one per thread, for any number of tokens
    /// let token: VerifiedRef<'_, View<'_>> = verifier.verify_in(&token, now, &mut scratch)?;
    /// assert_eq!(token.claims().name, "Ada");
    /// # Ok(())
    /// # }
    /// ```
    pub fn verify_in<'s, C: Claims + Deserialize<'s>>(
        &'s self,
        token: &str,
        now: SystemTime,
        scratch: &'s mut Scratch,
    ) -> Result<VerifiedRef<'s, C>, VerifyError> {
        let parts = Compact::split(token, self.rules.max_size)?;
        let key = self.authenticate(&parts, C::TYP)?;
        let json = scratch.decode(parts.payload)?;
        let mut registered = Registered::default();
        let claims = self.claims::<C>(json, now, &mut registered)?;
        Ok(VerifiedRef::new(claims, registered, json, key))
    }

    /// Checks again what may have changed since this verifier verified the token: its times, the times of
    /// [`not_before`](VerifierBuilder::not_before), and the application's own checks.
    ///
    /// For whoever keeps verified tokens: it costs a few comparisons where verifying costs a signature. What
    /// a token's text decides once and for all is not asked again, so this verifier must be the one that
    /// verified it, and still have its keys.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey, Verified, Verifier, VerifyError};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    /// # let issuer = Issuer::<Access>::new(key.clone(), "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    /// # let text = issuer.issue_at("user-1", "api", Access {}, now)?;
    /// # let verifier = Verifier::builder(key.verifying_key()).any_issuer().audience("api").build();
    /// let token: Verified<Access> = verifier.verify_at(&text, now)?;
    /// assert!(verifier.recheck_at(&token, now + Duration::from_mins(14)).is_ok());
    /// let late = verifier.recheck_at(&token, now + Duration::from_mins(16));
    /// assert!(matches!(late, Err(VerifyError::Expired { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn recheck_at<C: Claims>(&self, token: &Verified<C>, now: SystemTime) -> Result<(), VerifyError> {
        let registered = token.registered();
        self.rules.recheck(Facts::of(&registered, now))?;
        token.claims().check(&registered).map_err(VerifyError::Refused)
    }

    /// Reads the claims and makes every check of them.
    fn claims<'de, C: Claims + Deserialize<'de>>(
        &self,
        json: &'de str,
        now: SystemTime,
        registered: &mut Registered<'de>,
    ) -> Result<C, VerifyError> {
        let (claims, present) = read::<C>(json, &self.rules.required, registered)?;
        self.rules.check(Facts::new(json, registered, present, now))?;
        claims.check(registered).map_err(VerifyError::Refused)?;
        Ok(claims)
    }

    /// Finds the key that made the signature, and checks the token's type.
    fn authenticate(&self, parts: &Compact<'_>, typ: &'static str) -> Result<&VerifyingKey, VerifyError> {
        let (mut short, mut long) = ([0; 128], Vec::new());
        let bytes = decode_small(&mut short, &mut long, parts.header)?;
        if let Some(key) = self.keys.known_header(bytes, typ) {
            check_signature([key], parts.message.as_bytes(), parts.signature)?;
            self.rules.check_type(Some(typ), typ)?;
            return Ok(key);
        }
        let json = std::str::from_utf8(bytes).map_err(|_| Malformed::Utf8)?;
        let header = Header::read(json)?;
        if header.critical {
            return Err(VerifyError::Critical);
        }
        let key = check_signature(
            self.keys.candidates(&header)?,
            parts.message.as_bytes(),
            parts.signature,
        )?;
        self.rules.check_type(header.typ.as_deref(), typ)?;
        Ok(key)
    }
}

/// The first of the keys that made this signature.
pub(crate) fn check_signature<'k>(
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
    message: &[u8],
    signature: &str,
) -> Result<&'k VerifyingKey, VerifyError> {
    let (mut short, mut long) = ([0; 64], Vec::new());
    let mut medium;
    let bytes = if signature.len() <= encoded_len(short.len()) {
        decode_small(&mut short, &mut long, signature)?
    } else {
        medium = [0; MAX_INLINE_SIGNATURE];
        decode_small(&mut medium, &mut long, signature)?
    };
    keys.into_iter()
        .find(|key| key.verify(message, bytes).is_ok())
        .ok_or(VerifyError::InvalidSignature)
}

/// Decodes to the stack where it fits.
fn decode_small<'b>(short: &'b mut [u8], long: &'b mut Vec<u8>, text: &str) -> Result<&'b [u8], VerifyError> {
    if text.len() <= encoded_len(short.len()) {
        return Ok(decode_into(short, text).ok_or(Malformed::Base64)?);
    }
    decode_onto(long, text).ok_or(Malformed::Base64)?;
    Ok(long)
}
