//! A token before and after it was verified.

use std::borrow::Cow;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::claims::{Audience, Registered};
use crate::encoding::{decode, decode_onto, system_time};
use crate::jws::{Compact, Header};
use crate::{Algorithm, DEFAULT_MAX_SIZE, Malformed, VerifyError, VerifyingKey};

/// A token whose signature, type, times, issuer and audience have been checked.
///
/// Only [`Verifier::verify_at`](crate::Verifier::verify_at) makes one, so whoever holds it holds the proof.
#[derive(Debug)]
pub struct Verified<C> {
    claims: C,
    /// The claims' JSON, and behind it whatever text does not stand there literally.
    text: Text,
    issuer: Option<Range<u32>>,
    subject: Option<Range<u32>>,
    id: Option<Range<u32>>,
    kid: Option<Range<u32>>,
    audience: Spans,
    dates: Dates,
    algorithm: Algorithm,
}

/// Seconds since 1970, as the claims have them. A date that no clock could show was refused with them.
#[derive(Clone, Copy, Debug)]
struct Dates {
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
}

#[derive(Debug)]
enum Spans {
    One(Option<Range<u32>>),
    Many(Vec<Range<u32>>),
}

impl Spans {
    fn as_slice(&self) -> &[Range<u32>] {
        match self {
            Self::One(one) => one.as_slice(),
            Self::Many(many) => many,
        }
    }
}

/// Not shown by `Debug`: it is most of a token.
struct Text(String);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

impl<C> Verified<C> {
    /// The claims beside the registered ones.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// The claims, taken out.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.at(self.issuer.as_ref())
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.at(self.subject.as_ref())
    }

    /// `aud`, whether it was one string, an array or absent.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audience
            .as_slice()
            .iter()
            .filter_map(|span| self.at(Some(span)))
    }

    /// `jti`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.at(self.id.as_ref())
    }

    /// `exp`.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        system_time(self.dates.exp).unwrap_or(UNIX_EPOCH)
    }

    /// `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.dates.iat.and_then(system_time)
    }

    /// `nbf`.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        self.dates.nbf.and_then(system_time)
    }

    /// The `kid` of the key that verified.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.at(self.kid.as_ref())
    }

    /// The algorithm of the key that verified.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The registered claims as they were when the token was verified.
    pub(crate) fn registered(&self) -> Registered<'_> {
        let text = |span: &Option<Range<u32>>| self.at(span.as_ref()).map(Cow::Borrowed);
        Registered {
            iss: text(&self.issuer),
            sub: text(&self.subject),
            aud: match &self.audience {
                Spans::One(one) => text(one).map_or(Audience::Absent, Audience::One),
                Spans::Many(_) => Audience::Many(self.audience().map(Cow::Borrowed).collect()),
            },
            exp: Some(self.dates.exp),
            nbf: self.dates.nbf,
            iat: self.dates.iat,
            jti: text(&self.id),
        }
    }

    fn at(&self, span: Option<&Range<u32>>) -> Option<&str> {
        let span = span?;
        self.text.0.get(span.start as usize..span.end as usize)
    }
}

/// What a token's registered claims are once they no longer borrow from its text: places in it.
pub(crate) struct Kept {
    issuer: Option<Range<u32>>,
    subject: Option<Range<u32>>,
    id: Option<Range<u32>>,
    audience: Spans,
    dates: Dates,
    /// Texts that held escapes, to be appended to the JSON.
    tail: String,
}

impl Kept {
    /// `None` when `exp` is absent, which the verifier has refused by then.
    pub(crate) fn new(json: &str, registered: Registered<'_>) -> Option<Self> {
        let mut keeper = Keeper {
            json,
            tail: String::new(),
        };
        let audience = match registered.aud {
            Audience::Absent => Spans::One(None),
            Audience::One(one) => Spans::One(Some(keeper.keep(one))),
            Audience::Many(many) => Spans::Many(many.into_iter().map(|one| keeper.keep(one)).collect()),
        };
        let dates = Dates {
            exp: registered.exp?,
            nbf: registered.nbf,
            iat: registered.iat,
        };
        Some(Self {
            issuer: registered.iss.map(|text| keeper.keep(text)),
            subject: registered.sub.map(|text| keeper.keep(text)),
            id: registered.jti.map(|text| keeper.keep(text)),
            audience,
            dates,
            tail: keeper.tail,
        })
    }

    pub(crate) fn verified<C>(
        self,
        mut text: String,
        claims: C,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Verified<C> {
        text.push_str(&self.tail);
        let kid = kid.map(|kid| {
            text.push_str(kid);
            span(text.len() - kid.len(), kid.len())
        });
        Verified {
            claims,
            text: Text(text),
            issuer: self.issuer,
            subject: self.subject,
            id: self.id,
            kid,
            audience: self.audience,
            dates: self.dates,
            algorithm,
        }
    }
}

struct Keeper<'j> {
    json: &'j str,
    tail: String,
}

impl Keeper<'_> {
    fn keep(&mut self, text: Cow<'_, str>) -> Range<u32> {
        match text {
            Cow::Borrowed(text) => span(text.as_ptr().addr() - self.json.as_ptr().addr(), text.len()),
            Cow::Owned(text) => {
                self.tail.push_str(&text);
                span(self.json.len() + self.tail.len() - text.len(), text.len())
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the size limit of tokens is itself a u32"
)]
fn span(start: usize, length: usize) -> Range<u32> {
    start as u32..(start + length) as u32
}

/// Where [`Verifier::verify_in`](crate::Verifier::verify_in) decodes a token to. It grows to the longest it
/// has held, and is overwritten by the next.
#[derive(Default)]
pub struct Scratch {
    bytes: Vec<u8>,
}

impl Scratch {
    pub(crate) fn decode(&mut self, payload: &str) -> Result<&str, VerifyError> {
        self.bytes.clear();
        decode_onto(&mut self.bytes, payload).ok_or(Malformed::Base64)?;
        Ok(std::str::from_utf8(&self.bytes).map_err(|_| Malformed::Utf8)?)
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

/// A verified token that borrows its text; otherwise as [`Verified`].
#[derive(Debug)]
pub struct VerifiedRef<'s, C> {
    claims: C,
    registered: Registered<'s>,
    key: &'s VerifyingKey,
}

impl<'s, C> VerifiedRef<'s, C> {
    pub(crate) fn new(claims: C, registered: Registered<'s>, key: &'s VerifyingKey) -> Self {
        Self {
            claims,
            registered,
            key,
        }
    }

    /// The claims beside the registered ones.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// The registered claims: issuer, subject, audience, times and id.
    #[must_use]
    pub fn registered(&self) -> &Registered<'s> {
        &self.registered
    }

    /// The `kid` of the key that verified.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.key.kid()
    }

    /// The algorithm of the key that verified.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
}

/// A token nobody has verified: only what is needed to choose a key or an issuer's key set.
///
/// Everything here is said by whoever sent the token. To read unverified claims, see
/// [`danger`](crate::danger).
#[derive(Clone)]
pub struct Unverified<'a> {
    header: HeaderText,
    issuer: Option<String>,
    token: &'a str,
}

#[derive(Clone)]
struct HeaderText {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
}

impl<'a> Unverified<'a> {
    /// Reads the header and `iss`, as strictly as a verifier does, without looking at the signature.
    pub fn parse(token: &'a str) -> Result<Self, VerifyError> {
        let parts = Compact::split(token, DEFAULT_MAX_SIZE)?;
        let json = decode_text(parts.header)?;
        let header = Header::read(&json)?;
        let header = HeaderText {
            alg: header.alg.into_owned(),
            typ: header.typ.map(Cow::into_owned),
            kid: header.kid.map(Cow::into_owned),
        };
        let json = decode_text(parts.payload)?;
        let mut registered = Registered::default();
        crate::claims::read::<()>(&json, &[], &mut registered)?;
        Ok(Self {
            header,
            issuer: registered.iss.map(Cow::into_owned),
            token,
        })
    }

    /// The token's text, to be handed to the verifier that was chosen by the rest.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.token
    }

    /// `kid` as the header has it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// `iss` as the claims have it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
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
}

impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unverified").finish_non_exhaustive()
    }
}

pub(crate) fn decode_text(part: &str) -> Result<String, VerifyError> {
    let bytes = decode(part).ok_or(Malformed::Base64)?;
    Ok(String::from_utf8(bytes).map_err(|_| Malformed::Utf8)?)
}
