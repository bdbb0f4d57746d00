//! Issue and verify: what goes in comes out, and nothing else does.

use std::time::{Duration, SystemTime};

use jeton::{Algorithm, Claims, IssueError, Issuer, KeyError, KeySet, SigningKey, Verifier, VerifyError};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Access {
    roles: Vec<String>,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

#[derive(Debug, Serialize, Deserialize)]
struct Refresh;

impl Claims for Refresh {
    const TYP: &'static str = "rt+jwt";
}

const ISSUER: &str = "https://id.example";

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn access() -> Access {
    Access {
        roles: vec!["editor".to_owned()],
    }
}

fn issuer(key: &SigningKey) -> Issuer<Access> {
    Issuer::new(key.clone(), ISSUER, Duration::from_mins(15))
}

fn verifier(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience("api")
        .build()
}

#[test]
fn every_algorithm_round_trips_with_and_without_kid() {
    for algorithm in Algorithm::ALL {
        for key in [
            SigningKey::generate(*algorithm).unwrap(),
            SigningKey::generate(*algorithm)
                .unwrap()
                .with_kid("schlüssel \"1\""),
        ] {
            let token = issuer(&key).issue_at("user-1", "api", access(), now()).unwrap();
            let verified = verifier(&key).verify_at::<Access>(&token, now()).unwrap();
            assert_eq!(verified.claims(), &access());
            assert_eq!(verified.issuer(), Some(ISSUER));
            assert_eq!(verified.subject(), Some("user-1"));
            assert_eq!(verified.audience().collect::<Vec<_>>(), ["api"]);
            assert_eq!(verified.issued_at(), Some(now()));
            assert_eq!(verified.expires_at(), now() + Duration::from_mins(15));
            assert_eq!((verified.id(), verified.not_before()), (None, None));
            assert_eq!(verified.kid(), key.kid());
            assert_eq!(verified.algorithm(), *algorithm);

            let other = SigningKey::generate(*algorithm).unwrap();
            assert_eq!(
                verifier(&other).verify_at::<Access>(&token, now()).unwrap_err(),
                VerifyError::InvalidSignature
            );
        }
    }
}

#[test]
fn a_draft_sets_every_claim_also_those_with_escapes() {
    let key = SigningKey::generate(Algorithm::Hs256).unwrap();
    let claims = access();
    let issuer = issuer(&key);
    let draft = || {
        issuer
            .draft(&claims)
            .subject("line\nbreak")
            .audience("api")
            .audience("second \"one\"")
            .id("№ 1")
            .not_before(now())
            .expires_at(now() + Duration::from_mins(1))
    };
    let token = draft().issue_at(now()).unwrap();
    assert_eq!(
        draft().issue_at(now()).unwrap(),
        token,
        "the same draft gives the same bytes"
    );
    let verified = verifier(&key).verify_at::<Access>(&token, now()).unwrap();
    assert_eq!(verified.subject(), Some("line\nbreak"));
    assert_eq!(verified.audience().collect::<Vec<_>>(), ["api", "second \"one\""]);
    assert_eq!(verified.id(), Some("№ 1"));
    assert_eq!(verified.not_before(), Some(now()));
    assert_eq!(verified.expires_at(), now() + Duration::from_mins(1));
}

#[test]
fn times_are_checked_to_the_second_with_leeway() {
    let key = SigningKey::generate(Algorithm::Hs256).unwrap();
    let token = issuer(&key).issue_at("user-1", "api", access(), now()).unwrap();
    let at = |seconds: i64| {
        let offset = Duration::from_secs(seconds.unsigned_abs());
        let time = if seconds < 0 {
            now() - offset
        } else {
            now() + offset
        };
        verifier(&key).verify_at::<Access>(&token, time).map(|_| ())
    };
    assert_eq!(at(929), Ok(()));
    assert_eq!(
        at(930),
        Err(VerifyError::Expired {
            ago: Duration::from_secs(30)
        })
    );
    assert_eq!(at(-30), Ok(()));
    assert_eq!(at(-31), Err(VerifyError::IssuedInFuture));
}

#[test]
fn one_kind_of_token_is_not_another() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let refresh = Issuer::<Refresh>::new(key.clone(), ISSUER, Duration::from_mins(15));
    let token = refresh.issue_at("user-1", "api", Refresh, now()).unwrap();
    verifier(&key).verify_at::<Refresh>(&token, now()).unwrap();
    let refused = verifier(&key).verify_at::<Access>(&token, now()).unwrap_err();
    assert_eq!(refused, VerifyError::WrongType { expected: "at+jwt" });
}

#[test]
fn claims_never_collide() {
    #[derive(Serialize)]
    struct Own {
        sub: &'static str,
    }
    impl Claims for Own {
        const TYP: &'static str = "JWT";
    }
    let key = SigningKey::generate(Algorithm::Hs256).unwrap();
    let issuer = Issuer::<Own>::new(key, ISSUER, Duration::from_mins(15));
    let refused = issuer
        .issue_at("user-1", "api", Own { sub: "user-2" }, now())
        .unwrap_err();
    assert_eq!(refused, IssueError::DuplicateClaim("sub".to_owned()));
}

#[test]
fn keys_rotate() {
    let old = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("old");
    let new = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("new");
    let token = issuer(&new).issue_at("user-1", "api", access(), now()).unwrap();
    let before = verifier(&old);
    assert_eq!(
        before.verify_at::<Access>(&token, now()).unwrap_err(),
        VerifyError::UnknownKey
    );
    let both = KeySet::new([old.verifying_key(), new.verifying_key()]).unwrap();
    assert_eq!(
        before
            .with_keys(both)
            .verify_at::<Access>(&token, now())
            .unwrap()
            .kid(),
        Some("new")
    );
    let twice = [old.verifying_key(), new.verifying_key().with_kid("old")];
    assert_eq!(KeySet::new(twice).unwrap_err(), KeyError::DuplicateKid);
}

#[test]
fn secrets_are_long_and_no_key_files() {
    assert!(matches!(
        SigningKey::hs256([7; 31]),
        Err(KeyError::SecretTooShort { minimum: 32, .. })
    ));
    let pem = "\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    assert_eq!(
        SigningKey::hs256(pem).unwrap_err(),
        KeyError::SecretLooksLikeKey("PEM")
    );
    let jwk = r#" {"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    assert_eq!(
        SigningKey::hs256(jwk).unwrap_err(),
        KeyError::SecretLooksLikeKey("JWK")
    );
    let der = SigningKey::generate(Algorithm::Es256)
        .unwrap()
        .to_pkcs8_der()
        .unwrap();
    assert_eq!(
        SigningKey::hs256(&*der).unwrap_err(),
        KeyError::SecretLooksLikeKey("DER")
    );
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE";
    assert_eq!(
        SigningKey::hs256(ssh).unwrap_err(),
        KeyError::SecretLooksLikeKey("SSH")
    );
}

#[test]
fn private_keys_leave_and_return() {
    for algorithm in [
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
        Algorithm::Es256K,
    ] {
        let key = SigningKey::generate(algorithm).unwrap();
        let der = key.to_pkcs8_der().unwrap();
        let again = SigningKey::from_pkcs8_der(algorithm, &der).unwrap();
        assert_eq!(key.verifying_key().to_jwk(), again.verifying_key().to_jwk());
        let other = if algorithm == Algorithm::Es256 {
            Algorithm::Es384
        } else {
            Algorithm::Es256
        };
        assert!(matches!(
            SigningKey::from_pkcs8_der(other, &der),
            Err(KeyError::Rejected { .. })
        ));
    }
}

#[test]
fn only_public_keys_are_published() {
    let shared = SigningKey::generate(Algorithm::Hs256).unwrap();
    assert_eq!(
        shared.verifying_key().to_jwk(),
        Err(KeyError::Symmetric(Algorithm::Hs256))
    );
    let set = KeySet::from(shared.verifying_key()).to_jwks();
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"{"keys":[]}"#);
    let pair = SigningKey::generate(Algorithm::Es256).unwrap().with_kid("k");
    let set = serde_json::to_value(KeySet::from(pair.verifying_key()).to_jwks()).unwrap();
    let mut names: Vec<_> = set["keys"][0].as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
}
