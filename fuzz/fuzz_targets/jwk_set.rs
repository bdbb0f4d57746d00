//! Any text as a JWK set: whatever it holds, the good keys in it stay.
#![no_main]

use jeton::{Algorithm, KeySet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = KeySet::from_jwks_as(Algorithm::Rs256, text);
    if let Ok(keys) = KeySet::from_jwks(text) {
        let published = serde_json::to_string(&keys.to_jwks()).unwrap();
        let again = KeySet::from_jwks(&published).unwrap();
        assert_eq!(again.skipped(), []);
        assert_eq!(again.to_jwks(), keys.to_jwks());
    }
});
