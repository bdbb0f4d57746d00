//! Issuers, which sign tokens.

mod draft;

use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use serde::Serialize;

pub use self::draft::Draft;
use crate::encoding::encode_onto;
use crate::{Claims, DEFAULT_MAX_SIZE, IssueError, SigningKey};

/// Signs tokens of one type `C` with one key, in one issuer's name, and none that its verifier would refuse:
/// too long, too deep, with a member twice.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use jeton::{Algorithm, Claims, Issuer, SigningKey};
///
/// #[derive(serde::Serialize)]
/// struct Access { roles: Vec<String> }
/// impl Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
/// let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
/// let access = Access { roles: vec!["editor".into()] };
/// let token = issuer.issue_at("user-1", "api", access, SystemTime::now())?;
/// assert_eq!(token.split('.').count(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Issuer<C> {
    key: SigningKey,
    lifetime: Duration,
    /// The encoded header with the dot behind it; the same for every token.
    header: Box<str>,
    /// `{"iss":"…"`, the start of every token's claims.
    opening: Box<[u8]>,
    max_size: usize,
    claims: PhantomData<fn(C)>,
}

impl<C> Clone for Issuer<C> {
    fn clone(&self) -> Self {
        let Self {
            key,
            lifetime,
            header,
            opening,
            max_size,
            claims,
        } = self;
        Self {
            key: key.clone(),
            lifetime: *lifetime,
            header: header.clone(),
            opening: opening.clone(),
            max_size: *max_size,
            claims: *claims,
        }
    }
}

impl<C: Claims + Serialize> Issuer<C> {
    /// An issuer that signs with `key`, writes `issuer` as `iss` and lets tokens live for `lifetime`, in
    /// whole seconds.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey};
    /// # #[derive(serde::Serialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    ///
    /// let key = SigningKey::generate(Algorithm::Es256)?.with_kid("2026-11");
    /// let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(key: SigningKey, issuer: impl Into<String>, lifetime: Duration) -> Self {
        let mut header = String::new();
        encode_onto(&mut header, header_json(C::TYP, &key).as_bytes());
        header.push('.');
        let mut opening = b"{\"iss\":".to_vec();
        write_text(&mut opening, &issuer.into());
        Self {
            key,
            lifetime,
            header: header.into(),
            opening: opening.into(),
            max_size: DEFAULT_MAX_SIZE,
            claims: PhantomData,
        }
    }

    /// The longest token that is signed, in bytes: [`DEFAULT_MAX_SIZE`] unless set. The verifiers of longer ones
    /// need the same by [`VerifierBuilder::max_size`](crate::VerifierBuilder::max_size).
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey};
    /// # #[derive(serde::Serialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    ///
    /// let long = Access { roles: vec!["a role of many letters".into(); 1_000] };
    /// let token = issuer.max_size(64 * 1024).issue_at("user-1", "api", long, now)?;
    /// assert!(token.len() > jeton::DEFAULT_MAX_SIZE);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn max_size(self, bytes: u32) -> Self {
        Self {
            max_size: bytes as usize,
            ..self
        }
    }

    /// Signs a token for one subject and one audience, valid from `now` for this issuer's lifetime.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey};
    /// # #[derive(serde::Serialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    ///
    /// let token = issuer.issue_at("user-1", "api", Access { roles: vec!["editor".into()] }, now)?;
    /// assert!(token.starts_with("eyJ"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "claims are made for the call; `draft` borrows them"
    )]
    pub fn issue_at(
        &self,
        subject: &str,
        audience: &str,
        claims: C,
        now: SystemTime,
    ) -> Result<String, IssueError> {
        self.draft(&claims)
            .subject(subject)
            .audience(audience)
            .issue_at(now)
    }

    /// A token in the long form: every registered claim by its name, then [`Draft::issue_at`].
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey};
    /// # #[derive(serde::Serialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let issuer = Issuer::<Access>::new(key, "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    /// # let access = Access { roles: vec![] };
    ///
    /// let token = issuer.draft(&access).subject("user-1").audience("api").id("42").issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn draft<'a>(&'a self, claims: &'a C) -> Draft<'a, C> {
        Draft::new(self, claims)
    }
}

/// The header an issuer writes. Verifiers compare its bytes before they parse, so the order of members is part of the
/// contract.
pub(crate) fn header_json(typ: &str, key: &SigningKey) -> String {
    let mut json = b"{\"typ\":".to_vec();
    write_text(&mut json, typ);
    json.extend_from_slice(header_tail(key.algorithm().name(), key.kid()).as_bytes());
    String::from_utf8(json).unwrap_or_default()
}

/// The text that follows `{"typ":"…"` in the header of every token of one key.
pub(crate) fn header_tail(algorithm: &str, kid: Option<&str>) -> String {
    let mut json = b",\"alg\":".to_vec();
    write_text(&mut json, algorithm);
    if let Some(kid) = kid {
        json.extend_from_slice(b",\"kid\":");
        write_text(&mut json, kid);
    }
    json.push(b'}');
    String::from_utf8(json).unwrap_or_default()
}

/// A JSON string. Writing text to memory cannot fail.
fn write_text(json: &mut Vec<u8>, text: &str) {
    let written = serde_json::to_writer(json, text);
    debug_assert!(written.is_ok());
}
