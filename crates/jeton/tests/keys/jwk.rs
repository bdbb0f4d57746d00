//! JSON Web Keys, and what a sound key is.

use jeton::{Algorithm, KeyError, KeySet, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::common::key;

/// To the byte, as the errors have it.
#[test]
fn a_jwk_and_a_set_have_a_longest_length() {
    let jwk = serde_json::to_string(&key(Algorithm::Es256).verifying_key().to_jwk().unwrap()).unwrap();
    let long = |text: &str, length: usize| text.to_owned() + &" ".repeat(length - text.len());
    let limit = 64 * 1024;
    assert!(VerifyingKey::from_jwk(&long(&jwk, limit)).is_ok());
    let refused = VerifyingKey::from_jwk(&long(&jwk, limit + 1)).unwrap_err();
    assert_eq!(refused, KeyError::TooLarge { limit });

    let set = format!(r#"{{"keys":[{jwk}]}}"#);
    let limit = 1024 * 1024;
    assert_eq!(KeySet::from_jwks(&long(&set, limit)).unwrap().len(), 1);
    let refused = KeySet::from_jwks(&long(&set, limit + 1)).unwrap_err();
    assert_eq!(refused, KeyError::TooLarge { limit });
}

#[test]
fn a_jwk_is_used_as_it_says() {
    let key = key(Algorithm::Es256);
    let jwk: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
    let with = |name: &str, value: Value| {
        let mut changed = jwk.clone();
        changed[name] = value;
        changed.to_string()
    };
    let sign = |json: &str| SigningKey::from_jwk(json).map(|_| ());
    let verify = |json: &str| VerifyingKey::from_jwk(json).map(|_| ());
    assert_eq!(sign(&with("use", json!("enc"))), Err(KeyError::NotForSignatures));
    assert_eq!(sign(&with("key_ops", json!(["sign"]))), Ok(()));
    assert_eq!(
        verify(&with("key_ops", json!(["sign"]))),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(
        verify(&with("key_ops", json!(["verify", "verify"]))),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(
        sign(&with("key_ops", json!(["sign", "deriveKey"]))),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(
        sign(&with("alg", json!("ES257"))),
        Err(KeyError::UnsupportedAlgorithm)
    );
    assert!(matches!(
        sign(&with("alg", json!("ES384"))),
        Err(KeyError::WrongKind { .. })
    ));
    assert!(matches!(
        sign(&with("alg", json!("HS256"))),
        Err(KeyError::WrongKind { .. })
    ));
    assert_eq!(sign(&with("kty", json!("XX"))), Err(KeyError::UnsupportedType));
    for name in ["alg", "use", "kid", "x", "d", "key_ops"] {
        assert!(
            matches!(sign(&with(name, json!(5))), Err(KeyError::Malformed(_))),
            "{name}"
        );
        assert!(
            matches!(sign(&with(name, json!(null))), Err(KeyError::Malformed(_))),
            "{name}"
        );
    }
    assert!(matches!(
        sign(&with("d", json!("AA=="))),
        Err(KeyError::Malformed(_))
    ));
    let twice = jwk.to_string().replacen('{', r#"{"kty":"EC","#, 1);
    assert!(matches!(sign(&twice), Err(KeyError::Malformed(_))));
    let other: Value =
        serde_json::from_str(&crate::common::key(Algorithm::Es256).to_private_jwk().unwrap()).unwrap();
    assert!(matches!(
        sign(&with("d", other["d"].clone())),
        Err(KeyError::Rejected { .. })
    ));
    let asked = SigningKey::from_jwk_as(Algorithm::Es384, &jwk.to_string()).unwrap_err();
    assert_eq!(
        asked,
        KeyError::OtherAlgorithm {
            asked: Algorithm::Es384,
            named: Algorithm::Es256
        }
    );
}

#[test]
fn an_rsa_key_must_say_its_algorithm_and_bring_all_numbers() {
    let key = key(Algorithm::Rs256);
    let mut jwk: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    assert_eq!(
        SigningKey::from_jwk(&jwk.to_string()).unwrap_err(),
        KeyError::NoAlgorithm
    );
    let named = SigningKey::from_jwk_as(Algorithm::Ps384, &jwk.to_string()).unwrap();
    assert_eq!(named.algorithm(), Algorithm::Ps384);
    for name in ["p", "q", "dp", "dq", "qi"] {
        let mut short = jwk.clone();
        short.as_object_mut().unwrap().remove(name);
        let refused = SigningKey::from_jwk_as(Algorithm::Rs256, &short.to_string()).unwrap_err();
        assert!(refused.to_string().contains("n e d p q dp dq qi"), "{refused}");
    }
}

#[test]
fn unsound_public_keys_are_refused() {
    let rsa = |n: &[u8], e: &str| {
        let n = base64_simd::URL_SAFE_NO_PAD.encode_to_string(n);
        VerifyingKey::from_jwk(&json!({"kty":"RSA","alg":"RS256","n":n,"e":e}).to_string()).map(|_| ())
    };
    let mut modulus = vec![0xab; 256];
    modulus[255] = 0xad;
    assert_eq!(rsa(&modulus, "AQAB"), Ok(()));
    assert_eq!(
        rsa(&modulus[..255], "AQAB"),
        Err(KeyError::RsaTooSmall { bits: 2040 })
    );
    for exponent in ["AQ", "Ag", "", "AAEAAQ", "AQABAQABAQ"] {
        assert!(
            matches!(rsa(&modulus, exponent), Err(KeyError::Rejected { .. })),
            "e = {exponent}"
        );
    }
    modulus[255] = 0xae;
    assert!(
        matches!(rsa(&modulus, "AQAB"), Err(KeyError::Rejected { .. })),
        "an even modulus"
    );
    // Moduli of the ROCA generator (CVE-2017-15361) are powers of 65537 modulo every small prime, as this one is.
    let mut roca = vec![1_u8];
    for _ in 0..128 {
        let mut carry = 0_u32;
        let widened = roca.iter().rev().chain(&[0, 0, 0]).map(|digit| {
            carry += u32::from(*digit) * 65_537;
            let low = carry.to_be_bytes()[3];
            carry >>= 8;
            low
        });
        let mut next: Vec<u8> = widened.collect();
        next.reverse();
        roca = next.into_iter().skip_while(|digit| *digit == 0).collect();
    }
    let refused = rsa(&roca, "AQAB").unwrap_err().to_string();
    assert!(refused.contains("ROCA"), "{refused}");

    let small_order = [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA",
        "7P_______________________________________38",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        // The zero and the one again, as p and p + 1.
        "7f_______________________________________38",
        "7v_______________________________________38",
    ];
    for x in small_order {
        let jwk = json!({"kty":"OKP","crv":"Ed25519","x":x}).to_string();
        assert!(
            matches!(VerifyingKey::from_jwk(&jwk), Err(KeyError::Rejected { .. })),
            "{x}"
        );
    }
    let off_curve = json!({"kty":"EC","crv":"P-256",
        "x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"});
    assert!(matches!(
        VerifyingKey::from_jwk(&off_curve.to_string()),
        Err(KeyError::Rejected { .. })
    ));
}
