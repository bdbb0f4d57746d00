//! Tokens that were verified.

use std::borrow::Cow;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::claims::{Audience, Registered};
use crate::encoding::{decode, decode_onto, system_time};
use crate::json::{self, Object};
use crate::{Algorithm, Malformed, VerifyError, VerifyingKey};

/// A token whose signature, type, times, issuer and audience have been checked.
///
/// Only [`Verifier::verify_at`](crate::Verifier::verify_at) makes one, so its holder has the proof.
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// let token: Verified<Access> = issuer.verifier("api").verify_at(&text, issuer.clock().now())?;
/// assert_eq!((token.issuer(), token.subject()), (Some("https://id.example"), Some("user-1")));
/// assert!(token.audience().eq(["api"]));
/// assert_eq!(token.claims().roles, ["editor"]);
/// assert!(token.expires_at() > issuer.clock().now());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Verified<C> {
    claims: C,
    /// The claims' JSON, and behind it the texts that do not stand there literally.
    text: Text,
    /// The place in the text where the JSON ends.
    json: u32,
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

/// `Debug` does not show the text: it is most of a token.
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

    /// Every claim of the token by its name, the registered ones and those no field was declared for included. They
    /// are parsed anew for it; what is read often belongs into the claims type.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey, Verified, Verifier};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let issuer = Issuer::<Access>::new(key.clone(), "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    /// # let text = issuer.issue_at("user-1", "api", Access { roles: vec![] }, now)?;
    /// # let verifier = Verifier::builder(key.verifying_key()).any_issuer().audience("api").build();
    /// let token: Verified<Access> = verifier.verify_at(&text, now)?;
    /// let names: Vec<_> = token.all_claims().into_iter().map(|(name, _value)| name).collect();
    /// assert_eq!(names, ["aud", "exp", "iat", "iss", "roles", "sub"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn all_claims(&self) -> Object {
        all_claims(self.text.0.get(..self.json as usize).unwrap_or_default())
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

/// A token's registered claims once they no longer borrow from its text: places in it.
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
    /// Keeps the registered claims; `None` when `exp` is absent, which the verifier has refused by then.
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
        let json = span(0, text.len()).end;
        text.push_str(&self.tail);
        let kid = kid.map(|kid| {
            text.push_str(kid);
            span(text.len() - kid.len(), kid.len())
        });
        Verified {
            claims,
            text: Text(text),
            json,
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

/// The memory that [`Verifier::verify_in`](crate::Verifier::verify_in) decodes a token to. It grows to the longest it
/// has held, and is overwritten by the next.
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// let verifier = issuer.verifier("api");
/// let mut scratch = jeton::Scratch::default();
/// for text in [&text, &text] {
///     let token = verifier.verify_in::<Access>(text, issuer.clock().now(), &mut scratch)?;
///     assert_eq!(token.claims().roles, ["editor"]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// let (verifier, mut scratch) = (issuer.verifier("api"), jeton::Scratch::default());
/// let token = verifier.verify_in::<Access>(&text, issuer.clock().now(), &mut scratch)?;
/// assert_eq!(token.registered().subject(), Some("user-1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct VerifiedRef<'s, C> {
    claims: C,
    registered: Registered<'s>,
    json: Json<'s>,
    key: &'s VerifyingKey,
}

/// `Debug` does not show the JSON, as in [`Text`].
#[derive(Clone, Copy)]
struct Json<'s>(&'s str);

impl std::fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

impl<'s, C> VerifiedRef<'s, C> {
    pub(crate) fn new(claims: C, registered: Registered<'s>, json: &'s str, key: &'s VerifyingKey) -> Self {
        Self {
            claims,
            registered,
            json: Json(json),
            key,
        }
    }

    /// The claims beside the registered ones.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// Every claim of the token by its name, parsed anew; as [`Verified::all_claims`].
    #[must_use]
    pub fn all_claims(&self) -> Object {
        all_claims(self.json.0)
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

/// The claims in a text that was read as some before, and found sound.
fn all_claims(json: &str) -> Object {
    json::from_str(json).unwrap_or_default()
}

pub(crate) fn decode_text(part: &str) -> Result<String, VerifyError> {
    let bytes = decode(part).ok_or(Malformed::Base64)?;
    Ok(String::from_utf8(bytes).map_err(|_| Malformed::Utf8)?)
}
