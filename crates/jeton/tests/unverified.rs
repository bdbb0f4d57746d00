//! Tokens that nobody verified: what is read of them, how strictly, and that nothing of it passes as verified.

use std::time::Duration;

use jeton::testkit::Forge;
use jeton::{Algorithm, Malformed, Unverified, VerifyError, danger, json, jws};

use crate::common::{Access, ISSUER, access, issuer, key, now, verifier};

#[test]
fn it_tells_enough_to_choose_a_key() {
    let key = key(Algorithm::Es256).with_kid("k");
    let text = issuer(&key).issue_at("user-1", "api", access(), now()).unwrap();
    let token = Unverified::parse(&text).unwrap();
    assert_eq!(token.as_str(), text);
    assert_eq!(
        (token.kid(), token.issuer(), token.typ()),
        (Some("k"), Ok(Some(ISSUER.to_owned())), Some("at+jwt"))
    );
    assert_eq!(token.algorithm(), "ES256");
    assert!(!format!("{token:?}").contains("user-1"));
}

#[test]
fn every_member_of_a_header_is_read_whatever_the_payload_is() {
    let key = key(Algorithm::Hs256);
    let text = jws::Signer::new(key)
        .member("x5t", "abc")
        .member("level", 2)
        .sign(b"no claims")
        .unwrap();
    let token = Unverified::parse(&text).unwrap();
    let header: Vec<_> = token.header().into_iter().collect();
    assert_eq!(
        header,
        [
            ("alg", "HS256".into()),
            ("level", 2.into()),
            ("x5t", "abc".into())
        ]
        .map(|(name, value): (_, serde_json::Value)| (name.to_owned(), value))
    );
    assert_eq!(token.issuer(), Err(Malformed::Claims.into()));
    let twice = Forge::new(r#"{"alg":"HS256","a":1,"a":1}"#, "{}").with_signature(b"");
    assert_eq!(
        Unverified::parse(&twice).unwrap_err(),
        VerifyError::DuplicateMember
    );
}

#[test]
fn danger_reads_every_claim_that_nobody_verified() {
    let key = key(Algorithm::Es256);
    let claims = access();
    let issuer = issuer(&key);
    let token = issuer
        .draft(&claims)
        .subject("user-1")
        .audience("api")
        .audience("shop")
        .id("7")
        .not_before(now())
        .issue_at(now())
        .unwrap();
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{unsigned}.AAAA");
    let read = danger::claims_without_verification::<Access>(&forged).unwrap();
    assert_eq!(read.claims(), &claims);
    assert_eq!(
        (read.issuer(), read.subject(), read.id()),
        (Some(ISSUER), Some("user-1"), Some("7"))
    );
    assert_eq!(read.audience().collect::<Vec<_>>(), ["api", "shop"]);
    assert_eq!(
        (read.issued_at(), read.not_before(), read.expires_at()),
        (Some(now()), Some(now()), Some(now() + Duration::from_mins(15)))
    );
    let names: Vec<_> = read.all_claims().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "nbf", "roles", "sub"]);
    assert!(!format!("{read:?}").contains("user-1"));
    assert_eq!(read.into_claims(), claims);
}

#[test]
fn a_longer_token_is_read_where_that_is_asked_for() {
    let long = format!(r#"{{"sub":"{}"}}"#, "x".repeat(20_000));
    let text = Forge::new(r#"{"alg":"none"}"#, long).with_signature(b"");
    let limit = jeton::DEFAULT_MAX_SIZE;
    let refused = danger::claims_without_verification::<json::Object>(&text).unwrap_err();
    assert_eq!(refused, VerifyError::TooLarge { limit });
    let token = Unverified::parse_within(text.len(), &text).unwrap();
    let read = danger::claims_of::<json::Object>(&token).unwrap();
    assert_eq!(read.subject().map(str::len), Some(20_000));
}

/// The same names, verified.
#[test]
fn every_claim_of_a_verified_token_can_be_walked_over() {
    let key = key(Algorithm::Hs256);
    let text = issuer(&key)
        .issue_at("line\nbreak", "api", access(), now())
        .unwrap();
    let verifier = verifier(&key);
    let token = verifier.verify_at::<Access>(&text, now()).unwrap();
    let all = token.all_claims();
    assert_eq!(all.0["sub"], "line\nbreak");
    assert_eq!(all.0["roles"], serde_json::json!(["editor"]));
    let names: Vec<_> = all.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "roles", "sub"]);
    let mut scratch = jeton::Scratch::default();
    let borrowed = verifier.verify_in::<Access>(&text, now(), &mut scratch).unwrap();
    assert_eq!(borrowed.all_claims(), token.all_claims());
    assert!(!format!("{borrowed:?}{token:?}").contains("line"));
}
