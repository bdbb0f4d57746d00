//! Issue and verify: what goes in comes out, and nothing else does.

use std::time::Duration;

use jeton::{Algorithm, Claims, IssueError, Issuer, KeyError, KeySet, VerifyError};
use serde::{Deserialize, Serialize};

use crate::common::{Access, ISSUER, access, is_rsa, issuer, key, now, verifier};

#[derive(Debug, Serialize, Deserialize)]
struct Refresh;

impl Claims for Refresh {
    const TYP: &'static str = "rt+jwt";
}

#[test]
fn every_algorithm_round_trips_with_and_without_kid() {
    for algorithm in Algorithm::ALL {
        for key in [key(*algorithm), key(*algorithm).with_kid("schlüssel \"1\"")] {
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

            if is_rsa(*algorithm) {
                continue;
            }
            let other = crate::common::key(*algorithm);
            assert_eq!(
                verifier(&other).verify_at::<Access>(&token, now()).unwrap_err(),
                VerifyError::InvalidSignature
            );
        }
    }
}

#[test]
fn a_draft_sets_every_claim_also_those_with_escapes() {
    let key = crate::common::key(Algorithm::Hs256);
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
    let key = crate::common::key(Algorithm::Hs256);
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
    let key = crate::common::key(Algorithm::Es256);
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
    let key = crate::common::key(Algorithm::Hs256);
    let issuer = Issuer::<Own>::new(key, ISSUER, Duration::from_mins(15));
    let refused = issuer
        .issue_at("user-1", "api", Own { sub: "user-2" }, now())
        .unwrap_err();
    assert_eq!(refused, IssueError::DuplicateClaim("sub".to_owned()));
}

#[test]
fn keys_rotate() {
    let old = key(Algorithm::Es256).with_kid("old");
    let new = key(Algorithm::Es256).with_kid("new");
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
