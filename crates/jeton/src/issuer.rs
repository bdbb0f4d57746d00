//! Making tokens.

use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::claims::write_members;
use crate::encoding::{encode_onto, encoded_len, numeric_date};
use crate::{Claims, IssueError, SigningKey};

/// Signs tokens of one type `C` with one key, in one issuer's name.
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
    claims: PhantomData<fn(C)>,
}

impl<C> Clone for Issuer<C> {
    fn clone(&self) -> Self {
        let Self {
            key,
            lifetime,
            header,
            opening,
            claims,
        } = self;
        Self {
            key: key.clone(),
            lifetime: *lifetime,
            header: header.clone(),
            opening: opening.clone(),
            claims: *claims,
        }
    }
}

impl<C: Claims + Serialize> Issuer<C> {
    /// An issuer that signs with `key`, writes `issuer` as `iss` and lets tokens live for `lifetime`, in
    /// whole seconds.
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
            claims: PhantomData,
        }
    }

    /// Signs a token for one subject and one audience, valid from `now` for this issuer's lifetime.
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
    pub fn draft<'a>(&'a self, claims: &'a C) -> Draft<'a, C> {
        Draft {
            issuer: self,
            claims,
            subject: None,
            audience: Audience::Absent,
            id: None,
            not_before: None,
            end: End::After(self.lifetime),
        }
    }
}

/// The header an issuer writes. Verifiers know its bytes by heart, so the order is part of the contract.
pub(crate) fn header_json(typ: &str, key: &SigningKey) -> String {
    let mut json = b"{\"typ\":".to_vec();
    write_text(&mut json, typ);
    json.extend_from_slice(header_tail(key.algorithm().name(), key.kid()).as_bytes());
    String::from_utf8(json).unwrap_or_default()
}

/// What follows `{"typ":"…"` in the header of every token of one key.
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

/// A token about to be issued.
#[derive(Debug)]
#[must_use = "a draft becomes a token by `issue_at`"]
pub struct Draft<'a, C> {
    issuer: &'a Issuer<C>,
    claims: &'a C,
    subject: Option<&'a str>,
    audience: Audience<'a>,
    id: Option<&'a str>,
    not_before: Option<SystemTime>,
    end: End,
}

#[derive(Debug)]
enum Audience<'a> {
    Absent,
    One(&'a str),
    Many(Vec<&'a str>),
}

#[derive(Debug)]
enum End {
    After(Duration),
    At(SystemTime),
}

impl<'a, C: Serialize> Draft<'a, C> {
    /// `sub`: whom the token is about.
    pub fn subject(mut self, subject: &'a str) -> Self {
        self.subject = Some(subject);
        self
    }

    /// `aud`: whom the token is for. Called again it adds one, and the claim is written as an array.
    pub fn audience(mut self, audience: &'a str) -> Self {
        self.audience = match self.audience {
            Audience::Absent => Audience::One(audience),
            Audience::One(first) => Audience::Many(vec![first, audience]),
            Audience::Many(mut many) => {
                many.push(audience);
                Audience::Many(many)
            }
        };
        self
    }

    /// `jti`: the token's own id.
    pub fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// `nbf`: the token is refused before this time, rounded down to the second.
    pub fn not_before(mut self, time: SystemTime) -> Self {
        self.not_before = Some(time);
        self
    }

    /// How long the token lives, in whole seconds, instead of the issuer's lifetime.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.end = End::After(lifetime);
        self
    }

    /// `exp` itself, rounded down to the second, instead of a lifetime.
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.end = End::At(time);
        self
    }

    /// Signs the token; `iat` is `now`, rounded down to the second. For the HMAC algorithms and Ed25519 the
    /// same draft at the same time gives the same bytes.
    pub fn issue_at(&self, now: SystemTime) -> Result<String, IssueError> {
        let claims = self.claims_json(now)?;
        let key = &self.issuer.key;
        let header = &*self.issuer.header;
        let room = header.len() + encoded_len(claims.len()) + 1 + key.signature_room();
        let mut token = String::with_capacity(room);
        token.push_str(header);
        encode_onto(&mut token, &claims);
        key.finish(&mut token).map_err(|_| IssueError::Crypto)?;
        Ok(token)
    }

    /// `iss sub aud exp iat nbf jti`, then the user's claims.
    fn claims_json(&self, now: SystemTime) -> Result<Vec<u8>, IssueError> {
        let issued = numeric_date(now).ok_or(IssueError::TimeOutOfRange)?;
        let expires = match self.end {
            End::At(time) => numeric_date(time),
            End::After(lifetime) => issued.checked_add(lifetime.as_secs()),
        };
        let mut json = Vec::with_capacity(512);
        json.extend_from_slice(&self.issuer.opening);
        write_optional(&mut json, ",\"sub\":", self.subject);
        match &self.audience {
            Audience::Absent => {}
            Audience::One(one) => write_optional(&mut json, ",\"aud\":", Some(one)),
            Audience::Many(many) => write_array(&mut json, ",\"aud\":", many),
        }
        write_date(&mut json, ",\"exp\":", expires.ok_or(IssueError::TimeOutOfRange)?);
        write_date(&mut json, ",\"iat\":", issued);
        if let Some(time) = self.not_before {
            write_date(
                &mut json,
                ",\"nbf\":",
                numeric_date(time).ok_or(IssueError::TimeOutOfRange)?,
            );
        }
        write_optional(&mut json, ",\"jti\":", self.id);
        write_members(&mut json, self.claims)?;
        json.push(b'}');
        Ok(json)
    }
}

fn write_optional(json: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(text) = value {
        json.extend_from_slice(name.as_bytes());
        write_text(json, text);
    }
}

fn write_array(json: &mut Vec<u8>, name: &str, values: &[&str]) {
    json.extend_from_slice(name.as_bytes());
    for (place, text) in values.iter().enumerate() {
        json.push(if place == 0 { b'[' } else { b',' });
        write_text(json, text);
    }
    json.push(b']');
}

fn write_date(json: &mut Vec<u8>, name: &str, seconds: u64) {
    json.extend_from_slice(name.as_bytes());
    // From the last digit to the first; 20 are as many as a u64 has.
    let (mut digits, mut start, mut rest) = ([0; 20], 20, seconds);
    while rest > 0 || start == 20 {
        start -= 1;
        digits[start] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    json.extend_from_slice(&digits[start..]);
}

/// A JSON string. Writing text to memory cannot fail.
fn write_text(json: &mut Vec<u8>, text: &str) {
    let written = serde_json::to_writer(json, text);
    debug_assert!(written.is_ok());
}
