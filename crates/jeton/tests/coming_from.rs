//! The calls that `docs/coming-from.md` puts beside those of PyJWT and jsonwebtoken do what theirs do.

use std::time::Duration;

use jeton::{
    Algorithm, Claims, Issuer, KeySet, SigningKey, Unverified, Verifier, VerifyError, VerifyingKey, danger,
    json, jws,
};

use crate::common::{Access, access, key, now};

const SECRET: &str = "0123456789abcdef0123456789ABCDEF";

/// As the page has it.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct Any(json::Object);

impl Claims for Any {
    const TYP: &'static str = "JWT";
}

#[test]
fn encode_and_decode() {
    let lifetime = Duration::from_mins(5);
    let key = SigningKey::hs256(SECRET).unwrap().with_kid("k");
    let issuer = Issuer::<Access>::new(key.clone(), "me", lifetime);
    let text = issuer.issue_at("u", "api", access(), now()).unwrap();
    let verifier = Verifier::builder(key.verifying_key())
        .issuer("me")
        .audience("api")
        .leeway(Duration::from_secs(10))
        .require("roles")
        .subject("u")
        .build();
    let token = verifier.verify_at::<Access>(&text, now()).unwrap();
    assert_eq!(
        (token.subject(), &token.claims().roles),
        (Some("u"), &access().roles)
    );
    assert!(
        token
            .all_claims()
            .into_iter()
            .any(|(name, value)| name == "sub" && value == "u")
    );
    let late = verifier.verify_at::<Access>(&text, now() + lifetime + Duration::from_secs(10));
    assert!(matches!(late, Err(VerifyError::Expired { .. })));

    let any = Issuer::<Any>::new(key.clone(), "me", lifetime);
    let claims = json::from_str::<Any>(r#"{"plan":"free"}"#).unwrap();
    let text = any.issue_at("u", "api", claims, now()).unwrap();
    let token = verifier.with_keys(key.verifying_key().into());
    let refused = token.verify_at::<Any>(&text, now());
    assert_eq!(
        refused.map(|_| ()),
        Err(VerifyError::MissingClaim("roles".to_owned()))
    );
}

#[test]
fn reading_without_verifying() {
    let text = jws::Signer::new(SigningKey::hs256(SECRET).unwrap())
        .member("custom", true)
        .sign(br#"{"sub":"u","exp":1700000000,"iss":"me","plan":"free"}"#)
        .unwrap();
    assert_eq!(Unverified::parse(&text).unwrap().header().0["custom"], true);
    let claims = danger::claims_without_verification::<json::Object>(&text).unwrap();
    assert_eq!((claims.subject(), claims.issuer()), (Some("u"), Some("me")));
    assert!(claims.expires_at().is_some());
    assert_eq!(claims.claims().0["plan"], "free");
    assert_eq!(claims.all_claims().0.len(), 4);
}

/// The text that PyJWT 2.15 makes of these by `jwt.api_jws.encode(b"payload", SECRET, "HS256", is_payload_detached=True)`,
/// but for the order of its header's members.
#[test]
fn a_detached_payload_is_not_encoded() {
    let key = SigningKey::hs256(SECRET).unwrap();
    let text = jws::Signer::new(key.clone())
        .member("typ", "JWT")
        .unencoded()
        .sign_detached(b"payload")
        .unwrap();
    let header = Unverified::parse(&text).unwrap().header();
    let expected = serde_json::json!({"alg": "HS256", "b64": false, "crit": ["b64"], "typ": "JWT"});
    assert_eq!(serde_json::Value::Object(header.0), expected);
    let verifier = jws::Verifier::new(key.verifying_key());
    assert!(verifier.verify_detached(&text, b"payload").is_ok());
    let pyjwt = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il0sInR5cCI6IkpXVCJ9..vfRJT0ETwy_jSAm7jGtyKG07VsUmuNoztBRUUiH2cqg";
    assert!(verifier.verify_detached(pyjwt, b"payload").is_ok());
}

#[test]
fn keys() {
    let rsa = key(Algorithm::Rs256).verifying_key();
    let mut jwk = serde_json::to_value(rsa.to_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let set = serde_json::json!({"keys": [jwk]}).to_string();
    assert!(KeySet::from_jwks(&set).is_err());
    assert_eq!(KeySet::from_jwks_as(Algorithm::Rs256, &set).unwrap().len(), 1);
    let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    assert!(VerifyingKey::from_openssh(Algorithm::EdDsa, line).is_ok());
    let algorithm: Algorithm = json::from_str("\"RS256\"").unwrap();
    assert_eq!(
        (algorithm, json::from_str::<Algorithm>("\"none\"").is_err()),
        (Algorithm::Rs256, true)
    );
    assert_eq!(serde_json::to_string(&algorithm).unwrap(), "\"RS256\"");
}
