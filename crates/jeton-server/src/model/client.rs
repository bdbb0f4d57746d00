//! Clients: programs and applications that ask for tokens (RFC 6749 §1.1). They were called service accounts once, and
//! the database, labels and an older route still do.

use std::{ops::Deref, str::FromStr, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::{
    acceptance::expiry_before, id::ClientId, scope::Scope, secret_text::SecretText, time::Timestamp,
    user::UserVersion,
};

pub mod change;
pub mod redirect_uri;
pub mod registration;
pub mod rules;

use registration::Registration;

/// A program or an application that may get tokens: for itself, or for a user who let it.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: ClientId,
    pub name: ClientName,
    /// What it may ask for. `openid` and its kin are among them where it signs people in.
    pub scopes: Vec<Scope>,
    /// As a user's: raising it revokes every token issued so far.
    pub version: UserVersion,
    pub disabled: bool,
    pub created_at: Timestamp,
    /// When every token issued to the client so far has ceased to be accepted, as in a session's row.
    pub accepted_until: Timestamp,
    pub registration: Registration,
}

impl Client {
    /// When an access token signed at `now` expires: after its lifetime, but early enough to be refused from
    /// `accepted_until` on.
    #[must_use]
    pub fn access_expiry(&self, now: Timestamp, lifetime: Duration) -> Timestamp {
        now.plus(lifetime).min(expiry_before(self.accepted_until))
    }
}

/// A client that has presented its secret; good while the client's version is this one.
#[derive(Clone, Copy, Debug)]
pub struct ProvenClient {
    pub id: ClientId,
    pub version: UserVersion,
}

/// The name of a client: 1 to 64 printable characters, none of them blank at the ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientName(String);

impl ClientName {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text names no client.
#[derive(Debug, thiserror::Error)]
#[error("a client's name is 1 to 64 printable characters, not blank at its ends")]
pub struct ClientNameError;

impl FromStr for ClientName {
    type Err = ClientNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.chars().count());
        if fits && text.trim() == text && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientNameError)
        }
    }
}

/// The prefix of every client secret, by which people and scanners recognise one.
pub const PREFIX: &str = "jeton_sk_";

/// The length of the checksum at a secret's end, by which a scanner tells one from a text that looks alike.
const CHECKSUM: usize = 6;

/// A client secret as its program gets it: `jeton_sk_`, 256 random bits in base64url, and a checksum. Scanners find
/// it by `jeton_sk_[A-Za-z0-9_-]{49}`. Never stored, never logged.
#[derive(Debug)]
pub struct ClientSecret(SecretText);

impl ClientSecret {
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        let random = Zeroizing::new(random);
        let body = Zeroizing::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(&random[..]));
        Self(SecretText::presented(format!(
            "{PREFIX}{}{}",
            *body,
            checksum(&body)
        )))
    }

    /// Takes a text presented as a secret. Any text will do: a wrong one is just wrong.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(SecretText::presented(text))
    }
}

impl Deref for ClientSecret {
    type Target = SecretText;

    fn deref(&self) -> &SecretText {
        &self.0
    }
}

/// The first characters of the base64url of SHA-256.
fn checksum(body: &str) -> String {
    let hash = digest(&SHA256, body.as_bytes());
    let text = base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash);
    text.chars().take(CHECKSUM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_can_be_recognised_and_checked_and_says_nothing_in_debug() {
        let secret = ClientSecret::new([7; 32]);
        let rest = secret.expose().strip_prefix(PREFIX).unwrap();
        assert_eq!(rest.len(), 49);
        assert!(
            rest.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        let (body, sum) = rest.split_at(43);
        assert_eq!(checksum(body), sum);
        assert_eq!(
            format!("{secret:?} {:?}", secret.digest()),
            "ClientSecret(..) SecretDigest(..)"
        );
    }

    #[test]
    fn only_the_secret_itself_fits_its_digest() {
        let secret = ClientSecret::new([7; 32]);
        let again = ClientSecret::presented(secret.expose().to_owned());
        assert!(secret.digest().is(&again.digest()));
        assert!(!secret.digest().is(&ClientSecret::new([8; 32]).digest()));
    }

    #[test]
    fn names_are_short_and_printable() {
        for good in ["billing", "Billing API (eu)", &"ä".repeat(64)] {
            assert!(good.parse::<ClientName>().is_ok(), "{good}");
        }
        for bad in ["", " ", "a ", " a", "a\n", &"x".repeat(65)] {
            assert!(bad.parse::<ClientName>().is_err(), "{bad:?}");
        }
    }
}
