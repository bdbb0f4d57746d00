//! Redirect URIs: where a client may have people sent back to (RFC 6749 §3.1.2, RFC 8252, RFC 9700 §2.1).

use std::{fmt, str::FromStr};

use http::Uri;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest address that may be registered.
const MAX_LENGTH: usize = 2048;

/// Hosts of this machine: their ports are free, since a program takes the one it gets (RFC 8252 §7.3).
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// An address registered, kept as it was written: it is compared character by character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(String);

/// Why a text cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectUriError {
    #[error("it is longer than {MAX_LENGTH} characters")]
    TooLong,
    #[error("it is no address, with scheme and host, in plain ASCII characters")]
    Unreadable,
    #[error("it has a fragment (`#…`), which is never sent")]
    Fragment,
    #[error("it holds a user name or a password")]
    Credentials,
    #[error("http is for this machine alone (127.0.0.1, [::1], localhost): use https")]
    Http,
    #[error(
        "the scheme is none that leads back to an application: use https, or one that is a domain backwards, such as com.example.app:/callback"
    )]
    Scheme,
    #[error("it holds `*`: every address is registered as it is")]
    Pattern,
}

impl RedirectUri {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an address presented is this one.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if self.0 == presented {
            return true;
        }
        match (without_port(&self.0), without_port(presented)) {
            (Some(known), Some(presented)) => known == presented,
            _ => false,
        }
    }

    /// Whether it leads to a program by a scheme of its own (RFC 8252 §7.1).
    #[must_use]
    pub fn is_private_scheme(&self) -> bool {
        !self.0.starts_with("https://") && !self.0.starts_with("http://")
    }
}

/// An http address on this machine, without its port: what stands before and behind it. None for any other address.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host = LOOPBACK.into_iter().find(|host| authority.starts_with(host))?;
    match authority.strip_prefix(host)? {
        "" => Some((host, tail)),
        port => {
            let digits = port.strip_prefix(':')?;
            let number: u16 = digits.parse().ok()?;
            // "+1" and "01" are numbers too, but nobody's port.
            (number.to_string() == digits).then_some((host, tail))
        }
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_LENGTH {
            return Err(RedirectUriError::TooLong);
        }
        if text.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        if text.contains('*') {
            return Err(RedirectUriError::Pattern);
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        {
            return Err(RedirectUriError::Unreadable);
        }
        let (scheme, rest) = text.split_once(':').ok_or(RedirectUriError::Unreadable)?;
        match scheme {
            "https" => is_address(text).map(|_| ()),
            "http" => match is_address(text)? {
                host if LOOPBACK.contains(&host.as_str()) => Ok(()),
                _ => Err(RedirectUriError::Http),
            },
            own if is_private(own) && !rest.is_empty() => Ok(()),
            _ => Err(RedirectUriError::Scheme),
        }?;
        Ok(Self(text.to_owned()))
    }
}

/// The host of an address with one.
fn is_address(text: &str) -> Result<String, RedirectUriError> {
    let uri: Uri = text.parse().map_err(|_| RedirectUriError::Unreadable)?;
    let authority = uri.authority().ok_or(RedirectUriError::Unreadable)?;
    if authority.as_str().contains('@') {
        return Err(RedirectUriError::Credentials);
    }
    if authority.host().is_empty() {
        return Err(RedirectUriError::Unreadable);
    }
    Ok(authority.host().to_owned())
}

/// Whether a scheme is one of a program's own: a domain backwards (RFC 8252 §7.1), which has a dot, as none of those that
/// browsers act on has.
fn is_private(scheme: &str) -> bool {
    let mut bytes = scheme.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && scheme.contains('.')
        && !scheme.ends_with('.')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte))
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_applications_can_be_registered() {
        for good in [
            "https://app.example/callback",
            "https://app.example/callback?tenant=blue",
            "https://app.example",
            "http://localhost:3000/login/generic_oauth",
            "http://127.0.0.1/cb",
            "http://[::1]:8400/cb",
            "com.example.app:/callback",
        ] {
            assert_eq!(
                good.parse::<RedirectUri>().map(|uri| uri.to_string()),
                Ok(good.to_owned())
            );
        }
    }

    #[test]
    fn what_leads_elsewhere_is_refused_and_named() {
        use RedirectUriError::{Credentials, Fragment, Http, Pattern, Scheme, TooLong, Unreadable};
        let long = format!("https://app.example/{}", "x".repeat(MAX_LENGTH));
        for (bad, why) in [
            ("https://app.example/#top", Fragment),
            ("https://*.example/cb", Pattern),
            ("https://app.example@evil.example/cb", Credentials),
            ("http://app.example/cb", Http),
            ("http://localhost.evil.example/cb", Http),
            ("http://127.0.0.2/cb", Http),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("myapp:/cb", Scheme),
            ("JavaScript:alert(1)", Scheme),
            ("https:///cb", Unreadable),
            ("/cb", Unreadable),
            ("https://app.example/a b", Unreadable),
            ("https://app.example/\\evil", Unreadable),
            ("https://äpp.example/cb", Unreadable),
            ("", Unreadable),
            (&long, TooLong),
        ] {
            assert_eq!(bad.parse::<RedirectUri>(), Err(why), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_this_machine_is_free() {
        let uri = |text: &str| text.parse::<RedirectUri>().unwrap();
        let local = uri("http://127.0.0.1/cb");
        for same in [
            "http://127.0.0.1/cb",
            "http://127.0.0.1:1/cb",
            "http://127.0.0.1:65535/cb",
        ] {
            assert!(local.matches(same), "{same}");
        }
        for other in [
            "http://127.0.0.1:0x50/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80/cb/",
            "http://127.0.0.1:80/cb?x=1",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost:80/cb",
            "https://127.0.0.1/cb",
            "http://127.0.0.1/CB",
        ] {
            assert!(!local.matches(other), "{other}");
        }
        let remote = uri("https://app.example/cb");
        assert!(remote.matches("https://app.example/cb"));
        for other in [
            "https://app.example:443/cb",
            "https://APP.example/cb",
            "https://app.example/cb/",
        ] {
            assert!(!remote.matches(other), "{other}");
        }
    }
}
