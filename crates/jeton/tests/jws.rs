//! Content of any kind: forms, policies, what is refused.

use jeton::jws::{Policy, Signer, Verifier, sign_general};
use jeton::{Algorithm, IssueError, KeySet, Malformed, SigningKey, VerifyError};
use serde_json::{Value, json};

use crate::common::key;

const CONTENT: &[u8] = b"any \x00\xff bytes";

fn pair() -> (SigningKey, SigningKey, KeySet) {
    let (one, other) = (
        key(Algorithm::Es256).with_kid("c"),
        key(Algorithm::MlDsa44).with_kid("q"),
    );
    let keys = KeySet::new([one.verifying_key(), other.verifying_key()]).unwrap();
    (one, other, keys)
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn every_form_carries_any_bytes() {
    for algorithm in Algorithm::ALL {
        let key = key(*algorithm).with_kid("k");
        let verifier = Verifier::new(key.verifying_key());
        let signer = Signer::new(key).member("cty", "text/plain");
        let contents = [
            verifier.verify(&signer.sign(CONTENT).unwrap()).unwrap(),
            verifier
                .verify_json(&signer.sign_flattened(CONTENT).unwrap())
                .unwrap(),
            verifier
                .verify_detached(&signer.sign_detached(CONTENT).unwrap(), CONTENT)
                .unwrap(),
            verifier
                .verify_json_detached(&signer.sign_flattened_detached(CONTENT).unwrap(), CONTENT)
                .unwrap(),
        ];
        for content in contents {
            assert_eq!(content.payload(), CONTENT);
            let [signature] = content.signatures() else {
                panic!("one signature")
            };
            assert_eq!((signature.kid(), signature.algorithm()), (Some("k"), *algorithm));
            assert_eq!(signature.protected()["cty"], "text/plain");
        }
    }
}

#[test]
fn any_is_content_with_one_signature_and_all_misses_every_other() {
    let (one, other, keys) = pair();
    let both = sign_general(&[Signer::new(one.clone()), Signer::new(other.clone())], CONTENT).unwrap();
    let any = Verifier::new(keys.clone());
    let all = Verifier::new(keys).policy(Policy::All);
    assert_eq!(any.verify_json(&both).unwrap().signatures().len(), 2);
    assert_eq!(all.verify_json(&both).unwrap().signatures().len(), 2);

    let stripped = Signer::new(one.clone()).sign_flattened(CONTENT).unwrap();
    assert!(any.verify_json(&stripped).is_ok());
    assert_eq!(
        all.verify_json(&stripped).unwrap_err(),
        VerifyError::MissingSignature
    );
    let twice = sign_general(&[Signer::new(one.clone()), Signer::new(one.clone())], CONTENT).unwrap();
    assert_eq!(
        all.verify_json(&twice).unwrap_err(),
        VerifyError::MissingSignature
    );

    let mut broken = parse(&both);
    broken["signatures"][1]["signature"] = "AAAA".into();
    assert_eq!(
        any.verify_json(&broken.to_string()).unwrap().signatures().len(),
        1
    );
    assert_eq!(
        all.verify_json(&broken.to_string()).unwrap_err(),
        VerifyError::InvalidSignature
    );

    let stranger = sign_general(
        &[
            Signer::new(key(Algorithm::EdDsa).with_kid("x")),
            Signer::new(other),
        ],
        CONTENT,
    );
    let stranger = stranger.unwrap();
    assert_eq!(
        any.verify_json(&stranger).unwrap().signatures()[0].kid(),
        Some("q")
    );
    assert_eq!(all.verify_json(&stranger).unwrap_err(), VerifyError::UnknownKey);
}

#[test]
fn what_a_signature_does_not_cover_stays_apart() {
    let key = key(Algorithm::Hs256);
    let verifier = Verifier::new(key.verifying_key());
    let signer = Signer::new(key).unprotected("note", "seen by nobody");
    let content = verifier
        .verify_json(&signer.sign_flattened(CONTENT).unwrap())
        .unwrap();
    assert_eq!(content.signatures()[0].unprotected()["note"], "seen by nobody");
    assert!(content.signatures()[0].protected().get("note").is_none());
    assert_eq!(
        signer.sign(CONTENT).unwrap_err(),
        IssueError::HeaderMember("note".to_owned())
    );
}

#[test]
fn members_are_set_once_and_not_against_the_library() {
    let key = key(Algorithm::Hs256);
    for own in ["alg", "kid", "crit", "b64"] {
        let refused = Signer::new(key.clone())
            .member(own, "x")
            .sign(CONTENT)
            .unwrap_err();
        assert_eq!(refused, IssueError::HeaderMember(own.to_owned()));
        let refused = Signer::new(key.clone())
            .unprotected(own, "x")
            .sign_flattened(CONTENT)
            .unwrap_err();
        assert_eq!(refused, IssueError::HeaderMember(own.to_owned()));
    }
    let twice = Signer::new(key)
        .member("a", 1)
        .unprotected("a", 2)
        .sign_flattened(CONTENT)
        .unwrap_err();
    assert_eq!(twice, IssueError::HeaderMember("a".to_owned()));
}

#[test]
fn unencoded_payloads_stand_as_they_are() {
    let key = key(Algorithm::Hs256);
    let verifier = Verifier::new(key.verifying_key());
    let signer = Signer::new(key.clone()).unencoded();
    let text = signer.sign(b"hello world").unwrap();
    assert!(text.contains(".hello world."));
    assert_eq!(verifier.verify(&text).unwrap().payload(), b"hello world");
    for unfit in [&b"a.b"[..], b"line\nbreak", "é".as_bytes(), b"\xff"] {
        assert_eq!(signer.sign(unfit).unwrap_err(), IssueError::UnencodedPayload);
        let detached = signer.sign_detached(unfit).unwrap();
        assert_eq!(
            verifier.verify_detached(&detached, unfit).unwrap().payload(),
            unfit
        );
    }
    let json = signer.sign_flattened("zwei.wörter".as_bytes()).unwrap();
    assert_eq!(parse(&json)["payload"], "zwei.wörter");
    assert_eq!(
        verifier.verify_json(&json).unwrap().payload(),
        "zwei.wörter".as_bytes()
    );
    assert_eq!(
        signer.sign_flattened(b"\xff").unwrap_err(),
        IssueError::UnencodedPayload
    );
    let mixed = sign_general(&[signer, Signer::new(key)], b"x").unwrap_err();
    assert_eq!(mixed, IssueError::UnencodedPayload);
    assert_eq!(sign_general(&[], b"x").unwrap_err(), IssueError::NoSigner);
}

#[test]
fn documents_of_another_shape_are_refused() {
    let key = key(Algorithm::Hs256);
    let verifier = Verifier::new(key.verifying_key());
    let flat = parse(&Signer::new(key.clone()).sign_flattened(CONTENT).unwrap());
    let general = parse(&sign_general(&[Signer::new(key)], CONTENT).unwrap());
    let refused = |json: &Value| verifier.verify_json(&json.to_string()).unwrap_err();
    let with = |json: &Value, name: &str, value: Value| {
        let mut changed = json.clone();
        changed[name] = value;
        changed
    };
    let shape = VerifyError::Malformed(Malformed::Document);
    assert_eq!(
        refused(&with(&general, "signature", flat["signature"].clone())),
        shape,
        "both forms at once"
    );
    assert_eq!(refused(&with(&general, "header", json!({}))), shape);
    assert_eq!(refused(&with(&general, "signatures", json!([]))), shape);
    assert_eq!(refused(&with(&general, "signatures", json!({}))), shape);
    assert_eq!(
        refused(&with(&general, "signatures", json!(vec![flat.clone(); 17]))),
        shape,
        "too many"
    );
    assert_eq!(refused(&with(&flat, "payload", json!(5))), shape);
    assert_eq!(refused(&with(&flat, "header", json!([]))), shape);
    assert_eq!(
        refused(&with(&flat, "header", json!({"alg": "HS256"}))),
        VerifyError::DuplicateMember
    );
    assert_eq!(
        refused(&with(&flat, "header", json!({"crit": ["b64"]}))),
        VerifyError::Critical
    );
    assert_eq!(refused(&json!([flat])), shape);
    let mut none = flat.clone();
    none.as_object_mut().unwrap().remove("payload");
    assert_eq!(refused(&none), VerifyError::Malformed(Malformed::Detached));
    assert_eq!(
        verifier
            .verify_json_detached(&flat.to_string(), CONTENT)
            .unwrap_err(),
        VerifyError::Malformed(Malformed::Attached)
    );
    let doubled = flat.to_string().replacen('{', r#"{"payload":"AA","#, 1);
    assert_eq!(
        verifier.verify_json(&doubled).unwrap_err(),
        VerifyError::DuplicateMember
    );
}

#[test]
fn critical_members_are_understood_or_refused() {
    let key = key(Algorithm::Hs256);
    let verifier = Verifier::new(key.verifying_key());
    let headers = [
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","crit":["b64"]}"#,
        r#"{"alg":"HS256","crit":["b64","b64"],"b64":false}"#,
        r#"{"alg":"HS256","crit":"b64","b64":false}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":"false"}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","b64":true}"#,
    ];
    for header in headers {
        let text = jeton::testkit::Forge::new(header, CONTENT)
            .signed_by(&key)
            .unwrap();
        assert_eq!(
            verifier.verify(&text).unwrap_err(),
            VerifyError::Critical,
            "{header}"
        );
    }
    let encoded = r#"{"alg":"HS256","crit":["b64"],"b64":true}"#;
    let text = jeton::testkit::Forge::new(encoded, CONTENT)
        .signed_by(&key)
        .unwrap();
    assert_eq!(verifier.verify(&text).unwrap().payload(), CONTENT);
}

/// Every form of every signer over no bytes, also the one in which they stand as they are.
#[test]
fn nothing_at_all_is_signed_and_verified_like_any_bytes() {
    for algorithm in Algorithm::ALL {
        let key = key(*algorithm);
        let verifier = Verifier::new(key.verifying_key());
        for signer in [Signer::new(key.clone()), Signer::new(key.clone()).unencoded()] {
            let contents = [
                verifier.verify(&signer.sign(b"").unwrap()),
                verifier.verify_json(&signer.sign_flattened(b"").unwrap()),
                verifier.verify_detached(&signer.sign_detached(b"").unwrap(), b""),
                verifier.verify_json_detached(&signer.sign_flattened_detached(b"").unwrap(), b""),
            ];
            for content in contents {
                assert_eq!(content.unwrap().payload(), b"", "{algorithm}");
            }
        }
    }
}

/// Half of a detached document is no document with an empty payload.
#[test]
fn a_payload_that_travels_apart_is_asked_for() {
    let key = key(Algorithm::Es256);
    let verifier = Verifier::new(key.verifying_key());
    let detached = Signer::new(key).sign_detached(CONTENT).unwrap();
    assert_eq!(
        verifier.verify(&detached).unwrap_err(),
        VerifyError::Malformed(Malformed::Detached)
    );
}

#[test]
fn sizes_are_bounded() {
    let key = key(Algorithm::Hs256);
    let verifier = Verifier::new(key.verifying_key()).max_size(200);
    let signer = Signer::new(key);
    assert!(verifier.verify(&signer.sign(&[1; 50]).unwrap()).is_ok());
    let too_large = VerifyError::TooLarge { limit: 200 };
    assert_eq!(
        verifier.verify(&signer.sign(&[1; 150]).unwrap()).unwrap_err(),
        too_large
    );
    assert_eq!(
        verifier
            .verify_json(&signer.sign_flattened(&[1; 150]).unwrap())
            .unwrap_err(),
        too_large
    );
    let detached = signer.sign_detached(&[1; 201]).unwrap();
    assert_eq!(
        verifier.verify_detached(&detached, &[1; 201]).unwrap_err(),
        too_large
    );
}
