//! Any bytes as PEM and as DER, for every algorithm.
#![no_main]

use jeton::{Algorithm, SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let algorithm = Algorithm::ALL[usize::from(choice) % Algorithm::ALL.len()];
    if let Ok(key) =
        SigningKey::from_pem(algorithm, bytes).or_else(|_| SigningKey::from_der(algorithm, bytes))
    {
        let again = SigningKey::from_pem(algorithm, &*key.to_pem().unwrap()).unwrap();
        assert_eq!(again.verifying_key().to_jwk(), key.verifying_key().to_jwk());
    }
    let public =
        VerifyingKey::from_pem(algorithm, bytes).or_else(|_| VerifyingKey::from_der(algorithm, bytes));
    if let Ok(key) = public {
        let again = VerifyingKey::from_pem(algorithm, key.to_pem().unwrap()).unwrap();
        assert_eq!(again.to_jwk(), key.to_jwk());
    }
    let _ = SigningKey::hs256(bytes);
});
