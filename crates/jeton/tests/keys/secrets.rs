//! Shared secrets, and what is shown of any key.

use jeton::{KeyError, SigningKey};

use super::asymmetric;
use crate::common::{issuer, key};

#[test]
fn secrets_are_long_random_and_no_key_files() {
    assert!(matches!(
        SigningKey::hs256([7; 31]),
        Err(KeyError::SecretTooShort { minimum: 32, .. })
    ));
    let words = [
        "changemechangemechangemechangeme",
        "my-own-secret-key-my-own-secret-key-",
    ];
    for weak in words {
        assert_eq!(
            SigningKey::hs256(weak).unwrap_err(),
            KeyError::WeakSecret,
            "{weak}"
        );
    }
    let pem = "\u{feff}\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    assert_eq!(
        SigningKey::hs256(pem).unwrap_err(),
        KeyError::SecretLooksLikeKey("PEM")
    );
    for jwk in [
        r#" {"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "\u{feff}{\"keys\":[{\"kty\" : \"RSA\"}]}",
    ] {
        assert_eq!(
            SigningKey::hs256(jwk).unwrap_err(),
            KeyError::SecretLooksLikeKey("JWK")
        );
    }
    for algorithm in asymmetric() {
        let key = key(algorithm);
        for der in [
            key.to_pkcs8_der().unwrap().to_vec(),
            key.verifying_key().to_spki_der().unwrap(),
        ] {
            assert_eq!(
                SigningKey::hs256(&der).unwrap_err(),
                KeyError::SecretLooksLikeKey("DER")
            );
        }
    }
    for ssh in [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE",
        "\n ecdsa-sha2-nistp256 AAAAE2VjZHNh",
    ] {
        assert_eq!(
            SigningKey::hs256(ssh).unwrap_err(),
            KeyError::SecretLooksLikeKey("SSH")
        );
    }
}

#[test]
fn nothing_secret_is_shown() {
    let secret = "0123456789abcdef0123456789ABCDEF";
    let key = SigningKey::hs256(secret).unwrap();
    let shown = format!("{key:?} {:?} {:?}", key.verifying_key(), issuer(&key));
    assert!(!shown.contains(secret) && shown.contains("Hs256"), "{shown}");
}
