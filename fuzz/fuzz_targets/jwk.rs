//! Any text as a JWK, public or private; what comes in goes out and comes in again.
#![no_main]

use jeton::{Algorithm, SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(key) = SigningKey::from_jwk(text) {
        let again = SigningKey::from_jwk(&key.to_private_jwk().unwrap()).unwrap();
        assert_eq!(again.verifying_key().to_jwk(), key.verifying_key().to_jwk());
        assert_eq!(again.kid(), key.kid());
    }
    if let Ok(key) = VerifyingKey::from_jwk(text) {
        let _ = key.thumbprint();
        let _ = key.to_pem();
    }
    for algorithm in Algorithm::ALL {
        let _ = SigningKey::from_jwk_as(*algorithm, text);
        let _ = VerifyingKey::from_jwk_as(*algorithm, text);
    }
});
