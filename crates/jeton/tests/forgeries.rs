//! Every attack of `docs/attacks.md` and every row of the table of what other libraries accept, refused.

use std::time::{Duration, Instant, SystemTime};

use jeton::testkit::{Forge, hostile};
use jeton::{
    Algorithm, Claims, KeyError, KeySet, Malformed, SigningKey, Unverified, Verified, Verifier, VerifyError,
    VerifyingKey, jws,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{key, now};

/// Claims that take anything, as an application that only wants the subject would have them.
#[derive(Debug, Serialize, Deserialize)]
struct Plain {}

impl Claims for Plain {
    const TYP: &'static str = "JWT";
}

/// Claims that take everything in.
#[derive(Debug, Deserialize)]
struct Whole {
    #[serde(flatten)]
    #[expect(dead_code, reason = "only reading it matters")]
    all: std::collections::HashMap<String, Value>,
}

impl Claims for Whole {
    const TYP: &'static str = "JWT";
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const CLAIMS: &str = r#"{"iss":"a","sub":"user-1","aud":"b","exp":4102444800,"iat":1700000000}"#;

fn strict(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .issuer("a")
        .audience("b")
        .build()
}

fn verify(key: &SigningKey, header: &str, claims: &str) -> Result<(), VerifyError> {
    let token = Forge::new(header, claims).signed_by(key).unwrap();
    strict(key).verify_at::<Plain>(&token, now()).map(|_| ())
}

/// Claims like [`CLAIMS`] with one of them other or, if `value` is empty, absent.
fn claims_with(name: &str, value: &str) -> String {
    let mut parts: Vec<String> = [
        ("iss", "\"a\""),
        ("sub", "\"user-1\""),
        ("aud", "\"b\""),
        ("exp", "4102444800"),
    ]
    .iter()
    .filter(|(known, _)| *known != name)
    .map(|(known, value)| format!("\"{known}\":{value}"))
    .collect();
    if !value.is_empty() {
        parts.push(format!("\"{name}\":{value}"));
    }
    format!("{{{}}}", parts.join(","))
}

#[test]
fn the_honest_token_passes() {
    assert_eq!(verify(&key(Algorithm::Hs256), HEADER, CLAIMS), Ok(()));
}

#[test]
fn no_hostile_token_passes_in_any_algorithm() {
    for algorithm in [
        Algorithm::Hs256,
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Ps256,
        Algorithm::MlDsa44,
    ] {
        for key in [key(algorithm), key(algorithm).with_kid("k")] {
            let verifier = strict(&key);
            let all = hostile(&key, "JWT", CLAIMS).unwrap();
            assert!(all.len() > 70);
            for one in all {
                let started = Instant::now();
                assert!(
                    verifier.verify_at::<Plain>(&one.token, now()).is_err(),
                    "{algorithm}: {}",
                    one.name
                );
                assert!(
                    verifier.verify_at::<Whole>(&one.token, now()).is_err(),
                    "{algorithm}: {}",
                    one.name
                );
                let _ = verifier.explain::<Plain>(&one.token, now()).to_string();
                let _ = Unverified::parse(&one.token);
                let megabytes = one.token.len() / 1_000_000 + 1;
                let limit = Duration::from_millis(500) * u32::try_from(megabytes).unwrap();
                assert!(started.elapsed() < limit, "{}: {:?}", one.name, started.elapsed());
            }
        }
    }
}

// The table of measured differences, row by row.

#[test]
fn unknown_crit() {
    let header = r#"{"alg":"HS256","typ":"JWT","crit":["x"],"x":1}"#;
    assert_eq!(
        verify(&key(Algorithm::Hs256), header, CLAIMS),
        Err(VerifyError::Critical)
    );
}

#[test]
fn crit_b64_false_with_attached_payload() {
    let header = r#"{"alg":"HS256","typ":"JWT","b64":false,"crit":["b64"]}"#;
    assert_eq!(
        verify(&key(Algorithm::Hs256), header, CLAIMS),
        Err(VerifyError::Critical)
    );
}

#[test]
fn configured_claims_are_required() {
    let key = key(Algorithm::Hs256);
    for name in ["iss", "aud", "exp"] {
        let refused = verify(&key, HEADER, &claims_with(name, ""));
        assert_eq!(refused, Err(VerifyError::MissingClaim(name.to_owned())));
    }
    assert_eq!(
        verify(&key, HEADER, &claims_with("aud", "[]")),
        Err(VerifyError::MissingClaim("aud".to_owned()))
    );
}

#[test]
fn a_wrong_type_is_an_error_and_never_absent() {
    let key = key(Algorithm::Hs256);
    let rows = [
        ("aud", "123"),
        ("aud", "{}"),
        ("aud", "[\"b\",1]"),
        ("iss", "{}"),
        ("iss", r#"["zz","a"]"#),
        ("exp", "\"4102444800\""),
        ("exp", "1e300"),
        ("exp", "null"),
        ("nbf", "\"x\""),
        ("nbf", "null"),
        ("iat", "true"),
        ("sub", "1"),
        ("jti", "{}"),
    ];
    for (name, value) in rows {
        let refused = verify(&key, HEADER, &claims_with(name, value));
        assert_eq!(refused, Err(VerifyError::InvalidClaim(name)), "{name} = {value}");
    }
}

#[test]
fn times_ahead() {
    let key = key(Algorithm::Hs256);
    assert_eq!(
        verify(&key, HEADER, &claims_with("nbf", "4102444000")),
        Err(VerifyError::NotYetValid)
    );
    assert_eq!(
        verify(&key, HEADER, &claims_with("iat", "4102444000")),
        Err(VerifyError::IssuedInFuture)
    );
}

#[test]
fn duplicates_at_every_depth() {
    let key = key(Algorithm::Hs256);
    let headers = [
        r#"{"alg":"HS256","typ":"JWT","alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"JWT","x":{"a":1,"a":1}}"#,
        r#"{"alg":"HS256","typ":"JWT","x":[{"a":1,"\u0061":1}]}"#,
    ];
    for header in headers {
        assert_eq!(
            verify(&key, header, CLAIMS),
            Err(VerifyError::DuplicateMember),
            "{header}"
        );
    }
    let open = CLAIMS.trim_end_matches('}');
    let claims = [
        r#","exp":1}"#,
        r#","aud":"b"}"#,
        r#","a":1,"a":1}"#,
        r#","a":{"b":[{"c":1,"c":2}]}}"#,
        r#","a":1,"\u0061":1}"#,
        r#","\u0061":1,"a":1}"#,
    ];
    for more in claims {
        let refused = verify(&key, HEADER, &format!("{open}{more}"));
        assert_eq!(refused, Err(VerifyError::DuplicateMember), "{more}");
    }
}

#[test]
fn duplicates_are_found_among_many_members_in_little_time() {
    let key = key(Algorithm::Hs256);
    let members: Vec<_> = (0..1_200).map(|number| format!("\"m{number}\":0")).collect();
    let open = CLAIMS.trim_end_matches('}');
    assert_eq!(
        verify(&key, HEADER, &format!("{open},{}}}", members.join(","))),
        Ok(())
    );
    for again in ["m0", "m11", "m12", "m1199"] {
        let refused = verify(
            &key,
            HEADER,
            &format!("{open},{},\"{again}\":1}}", members.join(",")),
        );
        assert_eq!(refused, Err(VerifyError::DuplicateMember), "{again}");
    }
    let large = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(4 << 20)
        .build();
    let members: Vec<_> = (0..150_000).map(|number| format!("\"{number}\":0")).collect();
    let token = Forge::new(HEADER, format!("{open},{}}}", members.join(",")))
        .signed_by(&key)
        .unwrap();
    let started = Instant::now();
    large.verify_at::<Plain>(&token, now()).unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn byte_order_mark_and_trailing_text() {
    let key = key(Algorithm::Hs256);
    let malformed = |defect| Err(VerifyError::Malformed(defect));
    assert_eq!(
        verify(&key, HEADER, &format!("\u{feff}{CLAIMS}")),
        malformed(Malformed::Claims)
    );
    assert_eq!(
        verify(&key, &format!("\u{feff}{HEADER}"), CLAIMS),
        malformed(Malformed::Header)
    );
    assert_eq!(
        verify(&key, HEADER, &format!("{CLAIMS}x")),
        malformed(Malformed::Claims)
    );
}

#[test]
fn kid_is_a_text() {
    let header = r#"{"alg":"HS256","typ":"JWT","kid":5}"#;
    let refused = verify(&key(Algorithm::Hs256), header, CLAIMS);
    assert_eq!(refused, Err(VerifyError::Malformed(Malformed::Header)));
}

#[test]
fn base64_is_canonical() {
    let key = key(Algorithm::Hs256);
    let token = Forge::new(HEADER, CLAIMS).signed_by(&key).unwrap();
    let verifier = strict(&key);
    let base64 = VerifyError::Malformed(Malformed::Base64);
    let (rest, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let accepted = alphabet.chars().filter(|letter| {
        verifier
            .verify_at::<Plain>(&format!("{rest}{letter}"), now())
            .is_ok()
    });
    assert_eq!(accepted.collect::<String>(), last, "one spelling alone");
    for behind in ["=", "==", "\n", " ", "\0", "A"] {
        let refused = verifier
            .verify_at::<Plain>(&format!("{token}{behind}"), now())
            .unwrap_err();
        assert!(refused == base64 || behind == "A", "{behind:?}: {refused}");
    }
}

#[test]
fn typ_is_asked_for() {
    let key = key(Algorithm::Hs256);
    let wrong = Err(VerifyError::WrongType { expected: "JWT" });
    for typ in ["at+jwt", "dpop+foo", "", "jwt ", "text/jwt"] {
        assert_eq!(
            verify(&key, &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), CLAIMS),
            wrong,
            "{typ}"
        );
    }
    assert_eq!(verify(&key, r#"{"alg":"HS256"}"#, CLAIMS), wrong);
    for typ in ["jwt", "application/JWT"] {
        assert_eq!(
            verify(&key, &format!(r#"{{"typ":"{typ}","alg":"HS256"}}"#), CLAIMS),
            Ok(()),
            "{typ}"
        );
    }
}

#[test]
fn depth_is_bounded_while_parsing() {
    let key = key(Algorithm::Hs256);
    let open = CLAIMS.trim_end_matches('}');
    let nested = |depth: usize| format!("{open},\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(
        verify(&key, HEADER, &nested(usize::from(jeton::MAX_DEPTH) - 1)),
        Ok(())
    );
    let too_deep = Err(VerifyError::Malformed(Malformed::TooDeep));
    assert_eq!(
        verify(&key, HEADER, &nested(usize::from(jeton::MAX_DEPTH))),
        too_deep
    );
    let large = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(1 << 20)
        .build();
    let closed = [
        "[".repeat(100_000) + &"]".repeat(100_000),
        "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000),
    ];
    let unclosed = ["[".repeat(100_000), "{\"a\":".repeat(100_000)];
    let refusals = [(closed, Malformed::TooDeep), (unclosed, Malformed::Claims)];
    for (contents, refusal) in refusals {
        for content in contents {
            let token = Forge::new(HEADER, format!("{open},\"x\":{content}}}"))
                .signed_by(&key)
                .unwrap();
            let refusal = Err(VerifyError::Malformed(refusal));
            assert_eq!(large.verify_at::<Plain>(&token, now()).map(|_| ()), refusal);
            assert_eq!(large.verify_at::<Whole>(&token, now()).map(|_| ()), refusal);
        }
    }
}

#[test]
fn enums_count_as_the_objects_they_are() {
    #[derive(Debug, Deserialize)]
    enum Nest {
        In(#[expect(dead_code, reason = "only reading it matters")] Box<Nest>),
        End,
    }
    #[derive(Debug, Deserialize)]
    struct Holder {
        #[expect(dead_code, reason = "only reading it matters")]
        x: Nest,
    }
    impl Claims for Holder {
        const TYP: &'static str = "JWT";
    }
    let key = key(Algorithm::Hs256);
    let open = CLAIMS.trim_end_matches('}');
    let verify = |depth: usize| {
        let nest = format!("{}\"End\"{}", "{\"In\":".repeat(depth), "}".repeat(depth));
        let token = Forge::new(HEADER, format!("{open},\"x\":{nest}}}"))
            .signed_by(&key)
            .unwrap();
        strict(&key).verify_at::<Holder>(&token, now()).map(|_| ())
    };
    assert_eq!(verify(usize::from(jeton::MAX_DEPTH) - 1), Ok(()));
    let too_deep = Err(VerifyError::Malformed(Malformed::TooDeep));
    assert_eq!(verify(usize::from(jeton::MAX_DEPTH)), too_deep);
}

#[test]
fn empty_short_and_key_file_secrets() {
    for secret in ["", "x", "a secret of only thirty-one byte"[..31].as_ref()] {
        assert!(
            matches!(SigningKey::hs256(secret), Err(KeyError::SecretTooShort { .. })),
            "{secret:?}"
        );
    }
    let pem = key(Algorithm::Rs256).verifying_key().to_pem().unwrap();
    for text in [
        pem.clone(),
        format!(" \r\n{pem}"),
        format!("\u{feff}{pem}"),
        pem.replace('\n', "\r\n"),
    ] {
        assert_eq!(
            SigningKey::hs256(text).unwrap_err(),
            KeyError::SecretLooksLikeKey("PEM")
        );
    }
}

// The advisories.

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
