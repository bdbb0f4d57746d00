use serde_json::from_slice;

use super::*;
use crate::service::machinery::{
    claims::{AnyAccess, Refresh, ServiceAccess},
    keys::Keys,
    playground::Playground,
};

const ISSUER: &str = "https://id.example.org";
const LIFETIME: Duration = Duration::from_mins(15);
const CLIENT: &str = "019b0000-0000-7000-8000-00000000000c";

fn now() -> SystemTime {
    Timestamp::from_seconds(1_800_000_000).into()
}

fn keys_of(algorithm: Algorithm, kid: &str) -> Keys {
    Keys {
        current: SigningKey::generate(algorithm).unwrap().with_kid(kid),
        others: Vec::new(),
    }
}

/// The keys of a service whose access tokens are of ES256, and those of other ID tokens as they are given.
fn keys(id_tokens: Vec<IdTokenKeys>) -> KeysByPurpose {
    KeysByPurpose {
        access: keys_of(Algorithm::Es256, "access"),
        refresh: keys_of(Algorithm::Hs256, "refresh"),
        playground: keys_of(Algorithm::Hs256, "playground"),
        id_tokens,
    }
}

fn that_sign(alg: IdTokenAlg) -> IdTokenKeys {
    IdTokenKeys {
        alg,
        current: Some(
            SigningKey::generate(algorithm_of(alg))
                .unwrap()
                .with_kid(alg.as_str()),
        ),
        others: Vec::new(),
        next: None,
    }
}

fn all_keys() -> KeysByPurpose {
    keys(vec![that_sign(IdTokenAlg::Rs256), that_sign(IdTokenAlg::EdDsa)])
}

fn id_tokens(keys: &KeysByPurpose) -> IdTokens {
    IdTokens::new(keys, ISSUER, LIFETIME).unwrap()
}

fn subject() -> UserId {
    "019b0000-0000-7000-8000-00000000000a".parse().unwrap()
}

fn session() -> SessionId {
    "019b0000-0000-7000-8000-00000000000b".parse().unwrap()
}

fn claims() -> IdTokenClaims<'static> {
    IdTokenClaims {
        subject: subject(),
        client_id: CLIENT,
        session: session(),
        auth_time: Some(Timestamp::from_seconds(1_799_999_000)),
        nonce: Some("n-0S6_WzA2Mj"),
        acr: Some("urn:jeton:1"),
        amr: &["pwd"],
        // The example of OpenID Connect Core, appendix A.4.
        access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
        about_user: Map::new(),
    }
}

fn object(members: Value) -> Map<String, Value> {
    match members {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

/// The header and the payload of a token, verified with these keys.
fn read(keys: &KeySet, token: &str) -> (Map<String, Value>, Value) {
    let verified = jws::Verifier::new(keys.clone()).verify(token).unwrap();
    (
        verified.signatures()[0].protected().clone(),
        from_slice(verified.payload()).unwrap(),
    )
}

fn published(keys: &KeysByPurpose) -> KeySet {
    let own = keys.id_tokens.iter().flat_map(IdTokenKeys::iter);
    KeySet::new(keys.access.iter().chain(own).map(SigningKey::verifying_key)).unwrap()
}

#[test]
fn an_id_token_says_who_signed_in_how_and_for_whom() {
    let keys = all_keys();
    for (alg, kid, at_hash) in [
        (IdTokenAlg::Es256, "access", "77QmUPtjPfzWtF2AnpK9RQ"),
        (IdTokenAlg::Rs256, "RS256", "77QmUPtjPfzWtF2AnpK9RQ"),
        (
            IdTokenAlg::EdDsa,
            "EdDSA",
            "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM",
        ),
    ] {
        let signer = id_tokens(&keys).signer(alg).unwrap();
        let token = signer.id_token(&claims(), now()).unwrap();
        let (header, payload) = read(&published(&keys), &token);
        let expected = json!({ "alg": alg.as_str(), "typ": "JWT", "kid": kid });
        assert_eq!(Value::Object(header), expected);
        assert_eq!(
            payload,
            json!({
                "iss": ISSUER, "sub": subject(), "aud": CLIENT, "iat": 1_800_000_000, "exp": 1_800_000_900,
                "sid": session(), "auth_time": 1_799_999_000, "nonce": "n-0S6_WzA2Mj", "acr": "urn:jeton:1",
                "amr": ["pwd"], "at_hash": at_hash,
            })
        );
    }
}

#[test]
fn what_is_not_known_is_left_out() {
    let claims = IdTokenClaims {
        auth_time: None,
        nonce: None,
        acr: None,
        amr: &[],
        access_token: None,
        about_user: object(json!({ "email": "romel@example.org" })),
        ..claims()
    };
    let keys = all_keys();
    let signer = id_tokens(&keys).signer(IdTokenAlg::Es256).unwrap();
    let (_, payload) = read(&published(&keys), &signer.id_token(&claims, now()).unwrap());
    assert_eq!(
        payload,
        json!({
            "iss": ISSUER, "sub": subject(), "aud": CLIENT, "iat": 1_800_000_000, "exp": 1_800_000_900,
            "sid": session(), "email": "romel@example.org",
        })
    );
}

#[test]
fn no_claim_about_the_user_takes_the_place_of_the_tokens_own() {
    let forged = object(json!({
        "iss": "https://evil.example", "sub": "another", "aud": "another", "exp": 9_999_999_999_i64, "nbf": 1, "iat": 1,
        "jti": "1", "sid": "another", "auth_time": 1, "nonce": "another", "acr": "high", "amr": ["hwk"],
        "at_hash": "another",
    }));
    let keys = all_keys();
    let signer = id_tokens(&keys).signer(IdTokenAlg::Es256).unwrap();
    let told = |claims| read(&published(&keys), &signer.id_token(&claims, now()).unwrap()).1;
    let about_user = forged.clone();
    assert_eq!(
        told(IdTokenClaims {
            about_user,
            ..claims()
        }),
        told(claims())
    );
    // Nor of one that this token does not have.
    let without = |about_user| IdTokenClaims {
        nonce: None,
        acr: None,
        amr: &[],
        about_user,
        ..claims()
    };
    assert_eq!(told(without(forged)), told(without(Map::new())));
}

/// Each text that is signed for clients, with the key that signs access tokens too.
fn texts(keys: &KeysByPurpose) -> Vec<String> {
    let signer = id_tokens(keys).signer(IdTokenAlg::Es256).unwrap();
    // As much like an access token as claims can make it.
    let claims_of_access = object(json!({
        "sub": subject(), "sid": session(), "client_id": "jeton", "uv": 1, "username": "romel", "roles": ["admin"],
        "scope": "openid", "exp": 1_800_000_900, "nbf": 1_800_000_000, "jti": "1", "gen": 1,
    }));
    let id_token = IdTokenClaims {
        about_user: claims_of_access.clone(),
        client_id: ISSUER,
        ..claims()
    };
    let statement = |statement| {
        signer
            .statement(statement, ISSUER, claims_of_access.clone(), now())
            .unwrap()
    };
    vec![
        signer.id_token(&id_token, now()).unwrap(),
        statement(Statement::Userinfo),
        statement(Statement::LogoutToken),
        statement(Statement::Introspection),
    ]
}

#[test]
fn none_of_it_is_an_access_token_a_refresh_token_or_a_sample() {
    let keys = all_keys();
    let verifier = Verifier::builder(published(&keys))
        .issuer(ISSUER)
        .audience(ISSUER)
        .build();
    let playground = Playground::new(&keys.playground).unwrap();
    for text in texts(&keys) {
        let wrong = |error| assert!(matches!(error, VerifyError::WrongType { .. }), "{error}");
        wrong(verifier.verify_at::<AnyAccess>(&text, now()).unwrap_err());
        wrong(verifier.verify_at::<ServiceAccess>(&text, now()).unwrap_err());
        wrong(verifier.verify_at::<Refresh>(&text, now()).unwrap_err());
        assert!(playground.verify(&text).is_none());
    }
}

#[test]
fn an_id_token_that_comes_back_is_read_whatever_its_times_are() {
    let keys = all_keys();
    let id_tokens = id_tokens(&keys);
    for alg in IdTokenAlg::ALL {
        let token = id_tokens.signer(alg).unwrap().id_token(&claims(), now()).unwrap();
        let years_later = now() + Duration::from_hours(24 * 3650);
        for when in [now() - LIFETIME, now(), years_later] {
            let hint = id_tokens.read_hint(&token, when).unwrap();
            assert_eq!(hint.subject(), Some(&*subject().to_string()));
            assert_eq!(hint.audience().collect::<Vec<_>>(), [CLIENT]);
            assert_eq!(
                (hint.claims().sid, hint.claims().auth_time),
                (session(), Some(1_799_999_000))
            );
        }
    }
}

#[test]
fn nothing_else_is_taken_for_an_id_token() {
    let keys = all_keys();
    let own = id_tokens(&keys);
    for other in &texts(&keys)[2..] {
        assert!(own.read_hint(other, now()).is_err());
    }
    // A signed answer of the userinfo endpoint has the `typ`, and no end.
    let about = object(json!({ "sub": subject(), "sid": session() }));
    let signer = own.signer(IdTokenAlg::Es256).unwrap();
    let userinfo = signer
        .statement(Statement::Userinfo, CLIENT, about, now())
        .unwrap();
    let refused = own.read_hint(&userinfo, now()).unwrap_err();
    assert_eq!(refused, VerifyError::MissingClaim("exp".into()));

    let foreign_key = id_tokens(&all_keys()).signer(IdTokenAlg::Es256).unwrap();
    let foreign_issuer = IdTokens::new(&keys, "https://other.example", LIFETIME).unwrap();
    let foreign_issuer = foreign_issuer.signer(IdTokenAlg::Es256).unwrap();
    for foreign in [foreign_key, foreign_issuer] {
        let token = foreign.id_token(&claims(), now()).unwrap();
        assert!(own.read_hint(&token, now()).is_err());
    }
}

#[test]
fn a_new_key_is_waited_for_and_none_is_told_from_one_that_waits() {
    let until = Timestamp::from_seconds(1_800_000_340);
    let pending = IdTokenKeys {
        next: Some(until),
        others: vec![SigningKey::generate(Algorithm::EdDsa).unwrap().with_kid("new")],
        current: None,
        alg: IdTokenAlg::EdDsa,
    };
    let tokens = id_tokens(&keys(vec![pending]));
    let why = |alg| tokens.signer(alg).unwrap_err();
    let (rsa, ed) = (IdTokenAlg::Rs256, IdTokenAlg::EdDsa);
    assert_eq!(why(ed), NotSigning::NotYet { alg: ed, until });
    assert_eq!(why(rsa), NotSigning::NoKey { alg: rsa });
    assert!(
        tokens.signer(IdTokenAlg::Es256).is_ok(),
        "the key of access tokens signs"
    );
}

#[test]
fn where_access_tokens_are_of_another_algorithm_es256_has_a_key_of_its_own() {
    let mut keys = keys(vec![that_sign(IdTokenAlg::Es256)]);
    let of_access = id_tokens(&keys).signer(IdTokenAlg::Es256).unwrap();
    assert_eq!(of_access.key.kid(), Some("access"));
    keys.access = keys_of(Algorithm::Rs256, "access");
    let own = id_tokens(&keys).signer(IdTokenAlg::Es256).unwrap();
    assert_eq!(own.key.kid(), Some("ES256"));
    let refused = id_tokens(&keys).signer(IdTokenAlg::Rs256).unwrap_err();
    assert_eq!(
        refused,
        NotSigning::NoKey {
            alg: IdTokenAlg::Rs256
        },
        "access tokens' is not theirs"
    );
}

#[test]
fn debug_tells_no_token_and_no_claim() {
    let shown = format!("{:?} {:?}", claims(), id_tokens(&all_keys()));
    for secret in ["jHkWEdUXMU1B", "n-0S6_WzA2Mj"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
