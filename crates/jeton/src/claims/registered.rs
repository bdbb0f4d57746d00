use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

use crate::encoding::system_time;
use crate::strict::NameSeed;

/// The registered claims of RFC 7519 §4.1 as one token carries them.
///
/// Texts are borrowed from the token unless they hold an escape. A verifier's own checks are given it, and
/// [`VerifiedRef::registered`](crate::VerifiedRef::registered) has it.
///
/// ```
/// # fn main() -> Result<(), jeton::KeyError> {
/// # let keys = jeton::SigningKey::generate(jeton::Algorithm::Hs256)?.verifying_key();
/// let verifier = jeton::Verifier::builder(keys)
///     .any_issuer()
///     .audience("api")
///     .check(|token: &jeton::Registered<'_>| match token.audience().count() {
///         1 => Ok(()),
///         others => Err(format!("{others} audiences share this token").into()),
///     })
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Registered<'a> {
    pub(crate) iss: Option<Cow<'a, str>>,
    pub(crate) sub: Option<Cow<'a, str>>,
    pub(crate) aud: Audience<'a>,
    pub(crate) exp: Option<f64>,
    pub(crate) nbf: Option<f64>,
    pub(crate) iat: Option<f64>,
    pub(crate) jti: Option<Cow<'a, str>>,
}

/// `aud`: one string or an array of them.
#[derive(Clone, Default)]
pub(crate) enum Audience<'a> {
    #[default]
    Absent,
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Iss,
    Sub,
    Aud,
    Exp,
    Nbf,
    Iat,
    Jti,
}

impl Name {
    pub(crate) fn of(name: &str) -> Option<Self> {
        // Every registered name has three letters, which lets most other names pass on one comparison.
        let name: &[u8; 3] = name.as_bytes().try_into().ok()?;
        match name {
            b"iss" => Some(Self::Iss),
            b"sub" => Some(Self::Sub),
            b"aud" => Some(Self::Aud),
            b"exp" => Some(Self::Exp),
            b"nbf" => Some(Self::Nbf),
            b"iat" => Some(Self::Iat),
            b"jti" => Some(Self::Jti),
            _ => None,
        }
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Iss => "iss",
            Self::Sub => "sub",
            Self::Aud => "aud",
            Self::Exp => "exp",
            Self::Nbf => "nbf",
            Self::Iat => "iat",
            Self::Jti => "jti",
        }
    }

    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

pub(crate) fn is_registered(name: &str) -> bool {
    Name::of(name).is_some()
}

pub(crate) fn registered_name(name: &str) -> Option<&'static str> {
    Name::of(name).map(Name::text)
}

impl Registered<'_> {
    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// `aud`, whether it was one string, an array or absent.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audiences().iter().map(|one| &**one)
    }

    /// `jti`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.jti.as_deref()
    }

    /// `exp`.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.exp.and_then(system_time)
    }

    /// `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.iat.and_then(system_time)
    }

    /// `nbf`.
    #[must_use]
    pub fn not_before(&self) -> Option<SystemTime> {
        self.nbf.and_then(system_time)
    }
}

impl fmt::Debug for Registered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").finish_non_exhaustive()
    }
}

impl<'de> Registered<'de> {
    pub(crate) fn into_owned(self) -> Registered<'static> {
        let owned = |text: Cow<'de, str>| Cow::Owned(text.into_owned());
        Registered {
            iss: self.iss.map(owned),
            sub: self.sub.map(owned),
            aud: match self.aud {
                Audience::Absent => Audience::Absent,
                Audience::One(one) => Audience::One(owned(one)),
                Audience::Many(many) => Audience::Many(many.into_iter().map(owned).collect()),
            },
            exp: self.exp,
            nbf: self.nbf,
            iat: self.iat,
            jti: self.jti.map(owned),
        }
    }

    pub(crate) fn audiences(&self) -> &[Cow<'de, str>] {
        match &self.aud {
            Audience::Absent => &[],
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Many(many) => many,
        }
    }
}

/// Whole seconds, as most tokens have them; of at most 15 digits, so that it is exact.
#[expect(clippy::cast_precision_loss, reason = "2^53 has 16 digits")]
pub(super) fn date(seconds: u64) -> f64 {
    seconds as f64
}

/// A NumericDate: a finite number of seconds, fractions allowed (RFC 7519 §2).
pub(super) struct DateSeed;

impl<'de> DeserializeSeed<'de> for DateSeed {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<f64, D::Error> {
        deserializer.deserialize_f64(self)
    }
}

impl Visitor<'_> for DateSeed {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds since 1970")
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<f64, E> {
        if system_time(seconds).is_some() {
            Ok(seconds)
        } else {
            Err(E::custom("date"))
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a date is exact to the second for 285 million years"
    )]
    fn visit_u64<E: Error>(self, seconds: u64) -> Result<f64, E> {
        self.visit_f64(seconds as f64)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a date is exact to the second for 285 million years"
    )]
    fn visit_i64<E: Error>(self, seconds: i64) -> Result<f64, E> {
        self.visit_f64(seconds as f64)
    }
}

pub(super) struct AudienceSeed;

impl<'de> DeserializeSeed<'de> for AudienceSeed {
    type Value = Audience<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Audience<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AudienceSeed {
    type Value = Audience<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Audience<'de>, E> {
        Ok(Audience::One(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Audience<'de>, E> {
        Ok(Audience::One(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Audience<'de>, A::Error> {
        let mut many = Vec::new();
        while let Some(one) = access.next_element_seed(NameSeed)? {
            many.push(one);
        }
        Ok(Audience::Many(many))
    }
}
