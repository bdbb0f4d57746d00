use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::{Issuer, write_text};
use crate::IssueError;
use crate::claims::write_members;
use crate::encoding::{encode_onto, encoded_len, numeric_date, system_time};
use crate::jws::MAX_HEADER;

/// A token about to be issued.
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
/// let draft = issuer
///     .draft(&access)
///     .subject("user-1")
///     .audience("api")
///     .audience("shop")
///     .id("42")
///     .not_before(now)
///     .lifetime(Duration::from_mins(5));
/// let token = draft.issue_at(now)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    pub(super) fn new(issuer: &'a Issuer<C>, claims: &'a C) -> Self {
        Self {
            issuer,
            claims,
            subject: None,
            audience: Audience::Absent,
            id: None,
            not_before: None,
            end: End::After(issuer.lifetime),
        }
    }

    /// `sub`: whom the token is about.
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
    /// let token = issuer.draft(&access).subject("user-1").issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn subject(mut self, subject: &'a str) -> Self {
        self.subject = Some(subject);
        self
    }

    /// `aud`: whom the token is for. Called again it adds one, and the claim is written as an array.
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
    /// let token = issuer.draft(&access).audience("api").audience("shop").issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// let token = issuer.draft(&access).id("42").issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// `nbf`: the token is refused before this time, rounded down to the second.
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
    /// let token = issuer.draft(&access).not_before(now + Duration::from_secs(10)).issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn not_before(mut self, time: SystemTime) -> Self {
        self.not_before = Some(time);
        self
    }

    /// How long the token lives, in whole seconds and one at least, instead of the issuer's lifetime.
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
    /// let token = issuer.draft(&access).lifetime(Duration::from_mins(5)).issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.end = End::After(lifetime);
        self
    }

    /// `exp` itself, rounded down to the second, instead of a lifetime.
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
    /// let token = issuer.draft(&access).expires_at(now + Duration::from_hours(1)).issue_at(now)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.end = End::At(time);
        self
    }

    /// Signs the token; `iat` is `now`, rounded down to the second. For the HMAC algorithms and Ed25519 the
    /// same draft at the same time gives the same bytes.
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
    /// let draft = issuer.draft(&access).subject("user-1");
    /// assert_eq!(draft.issue_at(now)?, draft.issue_at(now)?); // with a key for HS256
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn issue_at(&self, now: SystemTime) -> Result<String, IssueError> {
        let claims = self.claims_json(now)?;
        let key = &self.issuer.key;
        let header = &*self.issuer.header;
        if header.len() > MAX_HEADER + 1 {
            return Err(IssueError::TooLarge { limit: MAX_HEADER });
        }
        let room = header.len() + encoded_len(claims.len()) + 1 + key.signature_room();
        let mut token = String::with_capacity(room);
        token.push_str(header);
        encode_onto(&mut token, &claims);
        key.finish(&mut token).map_err(|_| IssueError::Crypto)?;
        let limit = self.issuer.max_size;
        if token.len() > limit {
            return Err(IssueError::TooLarge { limit });
        }
        Ok(token)
    }

    /// `iss sub aud exp iat nbf jti`, then the user's claims.
    fn claims_json(&self, now: SystemTime) -> Result<Vec<u8>, IssueError> {
        let issued = numeric_date(now).ok_or(IssueError::TimeOutOfRange)?;
        let expires = match self.end {
            End::At(time) => numeric_date(time),
            End::After(lifetime) if lifetime.as_secs() == 0 => return Err(IssueError::NoLifetime),
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
        let expires = expires.filter(|expires| is_a_time(*expires));
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

/// Whether a verifier could read this date as a time.
#[expect(clippy::cast_precision_loss, reason = "a verifier reads it as a float too")]
fn is_a_time(seconds: u64) -> bool {
    system_time(seconds as f64).is_some()
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
