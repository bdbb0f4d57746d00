//! What other libraries accept, row by row of the table of measured differences.

use std::time::{Duration, Instant};

use jeton::testkit::Forge;
use jeton::{Algorithm, Claims, KeyError, Malformed, SigningKey, Verifier, VerifyError};
use serde::Deserialize;

use super::{CLAIMS, HEADER, Plain, Whole, claims_with, strict, verify};
use crate::common::{key, now};

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
    for typ in ["at+jwt", "dpop+foo", "", "jwt ", "text/jwt", "abcdefghijklJWT"] {
        assert_eq!(
            verify(&key, &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), CLAIMS),
            wrong,
            "{typ}"
        );
    }
    let missing = Err(VerifyError::MissingType { expected: "JWT" });
    assert_eq!(verify(&key, r#"{"alg":"HS256"}"#, CLAIMS), missing);
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
