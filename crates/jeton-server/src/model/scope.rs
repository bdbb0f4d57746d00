//! Scopes: names of what a client may do (RFC 6749 §3.3).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The scope that opens the revocation feed.
pub const READ_REVOCATIONS: &str = "revocations:read";

/// Signs a user in: the client gets an ID token (OpenID Connect Core §3.1.2.1).
pub const OPENID: &str = "openid";

/// The grant outlives the session it was given in (OpenID Connect Core §11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// A user's name and language (OpenID Connect Core §5.4).
pub const PROFILE: &str = "profile";

/// A user's e-mail address.
pub const EMAIL: &str = "email";

/// A user's roles at the service.
pub const ROLES: &str = "roles";

/// Scopes that OpenID Connect gives a meaning. Of `address` and `phone` a user has nothing here.
const STANDARD: [&str; 7] = [OPENID, PROFILE, EMAIL, "address", "phone", OFFLINE_ACCESS, ROLES];

/// Whether a scope is one that OpenID Connect or this service gives a meaning, and no client's own.
#[must_use]
pub fn is_standard(scope: &Scope) -> bool {
    STANDARD.contains(&scope.as_str())
}

/// A scope's name: 1 to 64 characters of `a` to `z`, `0` to `9`, `-`, `_`, `.`, `:` and `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a text is not a scope's name.
#[derive(Debug, thiserror::Error)]
#[error("a scope is 1 to 64 characters of a-z, 0-9, '-', '_', '.', ':' and '/'")]
pub struct ScopeError;

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.:/".contains(&byte);
        if fits && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ScopeError)
        }
    }
}

/// The most scopes of a client: all go into every token, and tokens into every request.
pub const MAX_SCOPES: usize = 32;

/// A client has more scopes than a token can carry.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("there are more than {MAX_SCOPES} names")]
pub struct TooManyScopes;

/// Each once, in the order given.
///
/// # Errors
///
/// [`TooManyScopes`] when there are more than [`MAX_SCOPES`].
pub fn fit(names: impl IntoIterator<Item = Scope>) -> Result<Vec<Scope>, TooManyScopes> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in names {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.len() > MAX_SCOPES {
        Err(TooManyScopes)
    } else {
        Ok(scopes)
    }
}

/// Scopes as tokens and the database write them: names separated by spaces.
#[must_use]
pub fn joined(scopes: &[Scope]) -> String {
    scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_plain_names() {
        for good in [READ_REVOCATIONS, "a", "api/v1:write", &"x".repeat(64)] {
            assert!(good.parse::<Scope>().is_ok(), "{good}");
        }
        for bad in ["", "A", "a b", "a\"", "ä", &"x".repeat(65)] {
            assert!(bad.parse::<Scope>().is_err(), "{bad}");
        }
    }
}
