//! PKCE (RFC 7636), with S256 alone.

use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The hash of a verifier, as a client sends it with its request. It is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(String);

/// The secret that a client shows with the code: 43 to 128 unreserved characters.
pub struct Verifier(Zeroizing<String>);

impl Challenge {
    /// Reads the base64url of a SHA-256 hash.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok()?;
        (bytes.len() == 32 && text.len() == 43).then(|| Self(text.to_owned()))
    }

    /// Whether this is the hash of a verifier.
    #[must_use]
    pub fn fits(&self, verifier: &Verifier) -> bool {
        let hash = digest(&SHA256, verifier.0.as_bytes());
        let text = base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash);
        verify_slices_are_equal(text.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

impl Verifier {
    /// Reads a verifier of the form that RFC 7636 §4.1 asks for.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let fits = (43..=128).contains(&text.len()) && text.bytes().all(unreserved);
        fits.then(|| Self(Zeroizing::new(text.to_owned())))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn the_example_of_the_rfc_fits() {
        let verifier = Verifier::read("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        let challenge = Challenge::read("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.fits(&verifier));
        let another = Verifier::read("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK").unwrap();
        assert!(!challenge.fits(&another));
        assert_eq!(format!("{verifier:?}"), "Verifier(..)");
    }

    #[test]
    fn other_forms_are_none() {
        for bad in [
            "",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
        ] {
            assert!(Challenge::read(bad).is_none(), "{bad}");
        }
        for bad in [
            "",
            &"a".repeat(42),
            &"a".repeat(129),
            &format!("{}+", "a".repeat(43)),
        ] {
            assert!(Verifier::read(bad).is_none(), "{bad}");
        }
    }
}
