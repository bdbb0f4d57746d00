//! The compact form of a signed token (RFC 7515 §7.1) and its header (§4).

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::strict::{self, Failure, NameSeed};
use crate::{Malformed, VerifyError};

/// The longest encoded header, in characters. Room for a certificate chain, which is ignored.
pub(crate) const MAX_HEADER: usize = 8 * 1024;

/// `header.payload.signature`, none of it decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compact<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
    /// The text that was signed: `header.payload`.
    pub(crate) message: &'t str,
}

impl<'t> Compact<'t> {
    pub(crate) fn split(token: &'t str, limit: usize) -> Result<Self, VerifyError> {
        if token.len() > limit {
            return Err(VerifyError::TooLarge { limit });
        }
        let (header, rest) = split_at_dot(token)?;
        let (payload, signature) = split_at_dot(rest)?;
        if let Ok((_, more)) = split_at_dot(signature) {
            let encrypted = more.split('.').count() == 2;
            return Err(if encrypted {
                Malformed::Encrypted
            } else {
                Malformed::Parts
            }
            .into());
        }
        let message = &token[..token.len() - signature.len() - 1];
        if header.len() > MAX_HEADER {
            return Err(VerifyError::TooLarge { limit: MAX_HEADER });
        }
        Ok(Self {
            header,
            payload,
            signature,
            message,
        })
    }
}

fn split_at_dot(text: &str) -> Result<(&str, &str), Malformed> {
    let dot = memchr::memchr(b'.', text.as_bytes()).ok_or(Malformed::Parts)?;
    Ok((&text[..dot], &text[dot + 1..]))
}

/// The members of a header this library acts on. `jwk`, `jku`, `x5u` and `x5c` are read over: a token never
/// brings its own key.
#[derive(Debug, Default)]
pub(crate) struct Header<'a> {
    pub(crate) alg: Cow<'a, str>,
    pub(crate) typ: Option<Cow<'a, str>>,
    pub(crate) kid: Option<Cow<'a, str>>,
    /// `crit` is there, or `b64`, which must not be in a JWT (RFC 7797 §7).
    pub(crate) critical: bool,
}

impl<'a> Header<'a> {
    pub(crate) fn read(json: &'a str) -> Result<Self, VerifyError> {
        strict::read(HeaderSeed, json, 0).map_err(|failure| match failure {
            Failure::Fault(fault) => fault.into(),
            Failure::Trailing(_) | Failure::Value(_) => Malformed::Header.into(),
        })
    }
}

struct HeaderSeed;

impl<'de> DeserializeSeed<'de> for HeaderSeed {
    type Value = Header<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Header<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for HeaderSeed {
    type Value = Header<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header<'de>, A::Error> {
        let mut header = Header::default();
        let mut alg = None;
        while let Some(name) = map.next_key_seed(NameSeed)? {
            match &*name {
                "alg" => alg = Some(map.next_value_seed(NameSeed)?),
                "typ" => header.typ = Some(map.next_value_seed(NameSeed)?),
                "kid" => header.kid = Some(map.next_value_seed(NameSeed)?),
                "crit" | "b64" => {
                    header.critical = true;
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        header.alg = alg.ok_or_else(|| A::Error::missing_field("alg"))?;
        Ok(header)
    }
}

/// Whether two media types are the same (RFC 7515 §4.1.9): in any case, with or without `application/`.
pub(crate) fn same_type(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

fn bare(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        // A further slash would make another type of it, one that cannot lose its prefix.
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        _ => media_type,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_compare_as_the_rfc_says() {
        assert!(same_type("at+jwt", "AT+JWT"));
        assert!(same_type("Application/at+jwt", "at+jwt"));
        assert!(!same_type("application/at+jwt", "rt+jwt"));
        assert!(!same_type("application/a/b", "a/b"));
        assert!(!same_type("text/at+jwt", "at+jwt"));
    }
}
