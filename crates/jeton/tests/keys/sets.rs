//! Sets of keys, read and published.

use jeton::{Algorithm, KeyError, KeySet};
use serde_json::{Value, json};

use super::asymmetric;
use crate::common::key;

#[test]
fn one_bad_key_spoils_no_set() {
    let good = key(Algorithm::Es256).with_kid("good").verifying_key();
    let jwk = serde_json::to_value(good.to_jwk().unwrap()).unwrap();
    let set = json!({"keys":[
        {"kty":"unheard-of","kid":"a"}, 5, {"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"b"}, jwk,
        {"kty":"RSA","use":"enc","kid":"good"},
    ], "more": true});
    let keys = KeySet::from_jwks(&set.to_string()).unwrap();
    assert_eq!(
        keys.iter().map(|key| key.kid()).collect::<Vec<_>>(),
        [Some("good")]
    );
    let skipped: Vec<_> = keys
        .skipped()
        .iter()
        .map(|one| (one.index, one.kid.as_deref()))
        .collect();
    assert_eq!(
        skipped,
        [(0, Some("a")), (1, None), (2, Some("b")), (4, Some("good"))]
    );
    assert_eq!(keys.skipped()[0].reason, KeyError::UnsupportedType);

    // Another type under the same name is an alternative, a broken one too; RFC 7517 §4.5.
    let other = key(Algorithm::Ed25519)
        .with_kid("good")
        .verifying_key()
        .to_jwk()
        .unwrap();
    let alike = json!({"keys":[jwk, other, {"kty":"RSA","alg":"RS256","n":"AQAB","e":"Aw","kid":"good"}]});
    assert_eq!(KeySet::from_jwks(&alike.to_string()).unwrap().len(), 2);
    let unsound =
        json!({"keys":[jwk, {"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"good"}]}).to_string();
    assert_eq!(KeySet::from_jwks(&unsound).unwrap_err(), KeyError::DuplicateKid);
    let twice = json!({"keys":[jwk, jwk]}).to_string();
    assert_eq!(KeySet::from_jwks(&twice).unwrap_err(), KeyError::DuplicateKid);
    let oct: Value = serde_json::from_str(&key(Algorithm::Hs256).to_private_jwk().unwrap()).unwrap();
    let mixed = json!({"keys":[jwk, oct]}).to_string();
    assert_eq!(KeySet::from_jwks(&mixed).unwrap_err(), KeyError::MixedSet);
    for broken in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(
            matches!(KeySet::from_jwks(broken), Err(KeyError::Malformed(_))),
            "{broken}"
        );
    }
    let many = |members: usize| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; members].join(","));
    assert_eq!(KeySet::from_jwks(&many(1_000)).unwrap().skipped().len(), 1_000);
    assert!(matches!(
        KeySet::from_jwks(&many(1_001)),
        Err(KeyError::Malformed(_))
    ));
    let nested = format!(r#"{{"keys":[{}]}}"#, "[".repeat(100_000));
    assert!(matches!(KeySet::from_jwks(&nested), Err(KeyError::Malformed(_))));
}

#[test]
fn keys_without_alg_take_the_one_given() {
    let mut jwk = serde_json::to_value(key(Algorithm::Rs256).verifying_key().to_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let set = json!({"keys":[&jwk]}).to_string();
    // Alone it would make an empty set, which refuses every token and says nothing.
    let refused = KeySet::from_jwks(&set).unwrap_err();
    assert_eq!(refused, KeyError::NoAlgorithm);
    assert!(refused.to_string().contains("from_jwks_as"), "{refused}");
    let other = key(Algorithm::Es256).verifying_key().to_jwk().unwrap();
    let beside = json!({"keys":[jwk, other]}).to_string();
    assert_eq!(
        KeySet::from_jwks(&beside).unwrap().skipped()[0].reason,
        KeyError::NoAlgorithm
    );
    let keys = KeySet::from_jwks_as(Algorithm::Rs512, &set).unwrap();
    assert_eq!(keys.iter().next().unwrap().algorithm(), Algorithm::Rs512);
}

#[test]
fn only_public_keys_are_published() {
    let shared = key(Algorithm::Hs256);
    assert_eq!(
        shared.verifying_key().to_jwk(),
        Err(KeyError::Symmetric(Algorithm::Hs256))
    );
    let set = KeySet::from(shared.verifying_key()).to_jwks();
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"{"keys":[]}"#);
    let private = ["d", "p", "q", "dp", "dq", "qi", "k", "priv"];
    for algorithm in asymmetric() {
        let set = serde_json::to_value(KeySet::from(key(algorithm).verifying_key()).to_jwks()).unwrap();
        let members = set["keys"][0].as_object().unwrap();
        assert!(
            private.iter().all(|name| !members.contains_key(*name)),
            "{algorithm}"
        );
    }
}
