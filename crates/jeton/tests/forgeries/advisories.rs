//! What advisories were written about.

use std::time::{Duration, Instant, SystemTime};

use jeton::testkit::Forge;
use jeton::{
    Algorithm, KeyError, KeySet, Malformed, SigningKey, Verified, Verifier, VerifyError, VerifyingKey, jws,
};
use serde_json::Value;

use super::{CLAIMS, HEADER, Plain, Whole, claims_with, strict, verify};
use crate::common::{key, now};

#[test]
fn algorithm_confusion() {
    // The classic: HS256 keyed with the text of the public key.
    let rsa = key(Algorithm::Rs256);
    let pem = rsa.verifying_key().to_pem().unwrap();
    let message = {
        let token = Forge::new(HEADER, CLAIMS).with_signature(&[]);
        token.trim_end_matches('.').to_owned()
    };
    let mac = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, pem.as_bytes()),
        message.as_bytes(),
    );
    let token = Forge::new(HEADER, CLAIMS).with_signature(mac.as_ref());
    assert_eq!(
        strict(&rsa).verify_at::<Plain>(&token, now()).unwrap_err(),
        VerifyError::WrongAlgorithm
    );

    // A `kid` that names a key of another kind.
    let keys = [
        key(Algorithm::Hs256).with_kid("h"),
        key(Algorithm::Es256).with_kid("e"),
    ];
    let set = KeySet::new(keys.iter().map(SigningKey::verifying_key)).unwrap();
    let verifier = Verifier::builder(set).issuer("a").audience("b").build();
    for (alg, kid) in [("HS256", "e"), ("ES256", "h"), ("ES384", "e"), ("HS512", "h")] {
        let token = Forge::new(format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"{kid}"}}"#), CLAIMS);
        for key in &keys {
            let refused = verifier
                .verify_at::<Plain>(&token.signed_by(key).unwrap(), now())
                .unwrap_err();
            assert_eq!(refused, VerifyError::WrongAlgorithm, "{alg} {kid}");
        }
    }
}

#[test]
fn rsa_keys_do_not_change_padding() {
    let rs = key(Algorithm::Rs256);
    let ps = SigningKey::from_der(Algorithm::Ps256, &rs.to_pkcs8_der().unwrap()).unwrap();
    let token = Forge::new(r#"{"alg":"PS256","typ":"JWT"}"#, CLAIMS)
        .signed_by(&ps)
        .unwrap();
    assert_eq!(
        strict(&rs).verify_at::<Plain>(&token, now()).unwrap_err(),
        VerifyError::WrongAlgorithm
    );
    assert!(strict(&ps).verify_at::<Plain>(&token, now()).is_ok());
}

#[test]
fn none_in_any_spelling() {
    let key = key(Algorithm::Hs256);
    for none in ["none", "None", "nOnE", "NONE", "", " none", "none\\u0000"] {
        let header = format!(r#"{{"alg":"{none}","typ":"JWT"}}"#);
        for token in [
            Forge::new(&header, CLAIMS).with_signature(&[]),
            Forge::new(&header, CLAIMS).signed_by(&key).unwrap(),
        ] {
            let refused = strict(&key).verify_at::<Plain>(&token, now()).unwrap_err();
            assert_eq!(refused, VerifyError::UnsupportedAlgorithm, "{none}");
        }
    }
}

#[test]
fn a_token_brings_no_key_of_its_own() {
    let mine = key(Algorithm::Es256);
    let theirs = key(Algorithm::Es256);
    let jwk = serde_json::to_string(&theirs.verifying_key().to_jwk().unwrap()).unwrap();
    for member in [
        format!(r#""jwk":{jwk}"#),
        r#""jku":"https://evil.example/jwks.json""#.to_owned(),
        r#""x5u":"file:///dev/null","x5c":["MIIB"]"#.to_owned(),
    ] {
        let token = Forge::new(format!(r#"{{"alg":"ES256","typ":"JWT",{member}}}"#), CLAIMS);
        let refused = strict(&mine)
            .verify_at::<Plain>(&token.signed_by(&theirs).unwrap(), now())
            .unwrap_err();
        assert_eq!(refused, VerifyError::InvalidSignature);
        assert!(
            strict(&mine)
                .verify_at::<Plain>(&token.signed_by(&mine).unwrap(), now())
                .is_ok()
        );
    }
}

#[test]
fn signatures_of_zeros_and_of_other_shapes() {
    let key = key(Algorithm::Es256);
    let der_like = [&[0x30, 0x44, 0x02, 0x20][..], &[1; 32], &[0x02, 0x20], &[1; 32]].concat();
    for signature in [&[0_u8; 64][..], &[], &[0; 63], &[0; 65], &[0xff; 64], &der_like] {
        let token = Forge::new(r#"{"alg":"ES256","typ":"JWT"}"#, CLAIMS).with_signature(signature);
        assert_eq!(
            strict(&key).verify_at::<Plain>(&token, now()).unwrap_err(),
            VerifyError::InvalidSignature
        );
    }
    let empty = Forge::new(HEADER, CLAIMS).with_signature(&[]);
    let hmac = crate::common::key(Algorithm::Hs256);
    assert_eq!(
        strict(&hmac).verify_at::<Plain>(&empty, now()).unwrap_err(),
        VerifyError::InvalidSignature
    );
}

#[test]
fn an_ed25519_signature_has_one_form() {
    let key = key(Algorithm::Ed25519);
    let token = Forge::new(r#"{"alg":"Ed25519","typ":"JWT"}"#, CLAIMS)
        .signed_by(&key)
        .unwrap();
    assert!(strict(&key).verify_at::<Plain>(&token, now()).is_ok());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(signature).unwrap();
    // S + L: the same point, spelled otherwise (RFC 8032 §5.1.7).
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0_u16;
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + add + carry;
        *byte = (sum & 0xff).try_into().unwrap();
        carry = sum >> 8;
    }
    let other = format!(
        "{message}.{}",
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(&bytes)
    );
    assert_eq!(
        strict(&key).verify_at::<Plain>(&other, now()).unwrap_err(),
        VerifyError::InvalidSignature
    );
}

#[test]
fn issuer_and_audience_are_compared_whole() {
    let key = key(Algorithm::Hs256);
    for (name, values) in [
        ("iss", ["\"\"", "\"aa\"", "\"A\""]),
        ("aud", ["\"\"", "\"bb\"", "[\"a\",\"B\"]"]),
    ] {
        for value in values {
            let refused = verify(&key, HEADER, &claims_with(name, value)).unwrap_err();
            assert!(
                matches!(refused, VerifyError::WrongIssuer | VerifyError::WrongAudience),
                "{name} {value}"
            );
        }
    }
    assert_eq!(verify(&key, HEADER, &claims_with("aud", r#"["x","b"]"#)), Ok(()));
}

#[test]
fn compact_and_json_are_not_taken_for_each_other() {
    let key = key(Algorithm::Hs256);
    let compact = Forge::new(HEADER, CLAIMS).signed_by(&key).unwrap();
    let parts: Vec<_> = compact.split('.').collect();
    let polyglot = format!(
        r#"{{"protected":"{}","payload":"{}","signature":"{}","x":".{compact}."}}"#,
        parts[0], parts[1], parts[2]
    );
    assert!(strict(&key).verify_at::<Plain>(&polyglot, now()).is_err());
    assert!(jws::Verifier::new(key.verifying_key()).verify(&polyglot).is_err());
    assert!(
        jws::Verifier::new(key.verifying_key())
            .verify_json(&compact)
            .is_err()
    );
}

#[test]
fn encrypted_tokens_are_named() {
    let refused = strict(&key(Algorithm::Hs256))
        .verify_at::<Plain>("e30.a.b.c.d", now())
        .unwrap_err();
    assert_eq!(refused, VerifyError::Malformed(Malformed::Encrypted));
}

#[test]
fn size_is_refused_before_anything_else() {
    let key = key(Algorithm::Hs256);
    for token in [
        ".".repeat(1_000_000),
        "A".repeat(8_000_000),
        format!("{}.e30.", "A".repeat(1_000_000)),
    ] {
        let started = Instant::now();
        let refused = strict(&key).verify_at::<Plain>(&token, now()).unwrap_err();
        assert!(matches!(refused, VerifyError::TooLarge { .. }), "{refused}");
        assert!(started.elapsed() < Duration::from_millis(50));
    }
    let wide = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(32 << 20)
        .build();
    let header = format!("{}.e30.AAAA", "A".repeat(1_000_000));
    assert_eq!(
        wide.verify_at::<Plain>(&header, now()).unwrap_err(),
        VerifyError::TooLarge { limit: 8192 }
    );
}

#[test]
fn a_jwk_without_alg_gets_none_from_the_header() {
    let jwk = r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#;
    assert_eq!(VerifyingKey::from_jwk(jwk).unwrap_err(), KeyError::NoAlgorithm);
    let oct = r#"{"kty":"oct","k":""}"#;
    assert_eq!(VerifyingKey::from_jwk(oct).unwrap_err(), KeyError::NoAlgorithm);
    let empty = VerifyingKey::from_jwk_as(Algorithm::Hs256, oct).unwrap_err();
    assert!(matches!(empty, KeyError::SecretTooShort { actual: 0, .. }));
}

#[test]
fn errors_show_no_token_and_no_key() {
    let key = key(Algorithm::Hs256);
    let jwk = key.to_private_jwk().unwrap();
    let jwk: Value = serde_json::from_str(&jwk).unwrap();
    let secret = jwk["k"].as_str().unwrap();
    let claims = CLAIMS
        .replace("user-1", "very-private-subject")
        .replace("\"b\"", "5");
    for token in [
        Forge::new(HEADER, claims).signed_by(&key).unwrap(),
        Forge::new(HEADER, r#"{"very-private-subject":tru"#)
            .signed_by(&key)
            .unwrap(),
    ] {
        let refused = strict(&key).verify_at::<Whole>(&token, now()).unwrap_err();
        let shown = format!(
            "{refused} {refused:?} {}",
            strict(&key).explain::<Whole>(&token, now())
        );
        assert!(!shown.contains("very-private") && !shown.contains(secret) && !shown.contains(&token[..40]));
    }
    let good = Forge::new(HEADER, CLAIMS).signed_by(&key).unwrap();
    let verified: Verified<Plain> = strict(&key).verify_at(&good, now()).unwrap();
    assert!(!format!("{verified:?}").contains("4102444800\"") && !format!("{verified:?}").contains("{\"iss"));
}

#[test]
fn no_time_is_too_far_for_a_clock() {
    let key = key(Algorithm::Hs256);
    let token = Forge::new(HEADER, CLAIMS).signed_by(&key).unwrap();
    for time in [
        SystemTime::UNIX_EPOCH,
        SystemTime::UNIX_EPOCH - Duration::from_hours(9_000_000),
    ] {
        let refused = strict(&key).verify_at::<Plain>(&token, time).unwrap_err();
        assert_eq!(refused, VerifyError::IssuedInFuture);
    }
    for extreme in ["-1e18", "1e18", "-0.0", "0.5", "9007199254740993"] {
        let _ = verify(&key, HEADER, &claims_with("exp", extreme));
        let _ = verify(&key, HEADER, &claims_with("nbf", extreme));
    }
}
