//! Random secrets that people and programs are shown once, as texts.

use std::fmt;

use zeroize::Zeroizing;

use super::digest::SecretDigest;

/// The text of a secret. Never stored, never logged; erased when it is dropped.
#[derive(Clone)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// A prefix, by which people and scanners recognise the secret, and random bits in base64url.
    #[must_use]
    pub fn new(prefix: &str, random: &[u8]) -> Self {
        let body = Zeroizing::new(base64_simd::URL_SAFE_NO_PAD.encode_to_string(random));
        Self(Zeroizing::new(format!("{prefix}{}", *body)))
    }

    /// Takes a text presented as a secret. Any text will do: a wrong one is just wrong.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The digest that is stored in place of the secret.
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}
