use super::*;
use crate::model::client::registration::IdTokenAlg;

const RSA: Purpose = Purpose::IdToken(IdTokenAlg::Rs256);
const ES256: Purpose = Purpose::IdToken(IdTokenAlg::Es256);

fn first(kid: &str, purpose: Purpose, now: Timestamp) -> KeyAct {
    KeyAct::First(SealedKey {
        purpose,
        signs_from: now.plus(PACE.wait),
        ..key(kid, now)
    })
}

fn rotation(kid: &str, now: Timestamp, pace: Option<Pace>) -> KeyAct {
    KeyAct::Rotate(NewKey {
        key: SealedKey {
            purpose: RSA,
            ..key(kid, now)
        },
        pace,
        imported: false,
        by: Actor::CommandLine,
    })
}

#[test]
fn every_purpose_has_a_name_of_its_own_and_reads_back() {
    for purpose in Purpose::SIGNING {
        assert_eq!(Purpose::from_name(purpose.as_str()), Some(purpose));
        assert_eq!(Purpose::signing(purpose.as_str()), Some(purpose));
    }
    assert_eq!(Purpose::from_name("root"), Some(Purpose::Root));
    assert_eq!(Purpose::signing("root"), None);
    let names = Purpose::SIGNING.map(Purpose::as_str).join(", ");
    assert_eq!(names, Purpose::SIGNING_NAMES.replace(" and ", ", "));
    for alg in IdTokenAlg::ALL {
        assert!(Purpose::SIGNING.contains(&Purpose::IdToken(alg)));
    }
}

#[test]
fn the_first_key_waits_and_a_second_is_not_made() {
    let mut keys = Keys::first();
    keys.act(&first("i0", RSA, at(1000))).unwrap();
    assert!(keys.act(&first("i1", RSA, at(1001))).unwrap().is_empty());
    assert!(has_id_key(&keys.0, IdTokenAlg::Rs256, at(1001)));
    assert_eq!(keys.phase("i0", at(1339)), Phase::Pending);
    assert_eq!(signs_next(&keys.0, RSA, at(1339)), Some(at(1340)));
    assert_eq!(keys.phase("i0", at(1340)), Phase::Signing);
    assert_eq!(signs_next(&keys.0, RSA, at(1340)), None);
    assert!(keys.act(&first("i1", RSA, at(1340))).unwrap().is_empty());
    assert_eq!(keys.signer(at(1340)).kid, "k0", "that of access tokens signs on");
}

#[test]
fn one_that_was_given_up_counts_for_nothing() {
    let mut keys = Keys::first();
    keys.act(&first("i0", RSA, at(1000))).unwrap();
    keys.retire("i0", at(1100)).unwrap();
    assert!(!has_id_key(&keys.0, IdTokenAlg::Rs256, at(1100)));
    assert_eq!(signs_next(&keys.0, RSA, at(1100)), None);
    keys.act(&first("i1", RSA, at(1200))).unwrap();
    assert_eq!(signs_next(&keys.0, RSA, at(1200)), Some(at(1540)));
}

#[test]
fn a_key_that_nobody_needs_is_not_rotated_and_one_that_waits_only_when_it_is_lost() {
    let mut keys = Keys::first();
    for pace in [Some(PACE), None] {
        let refused = keys.act(&rotation("i1", at(10), pace)).unwrap_err();
        assert_eq!(refused, Refusal::NotNeeded(RSA));
    }
    keys.act(&first("i0", RSA, at(1000))).unwrap();
    let refused = keys.act(&rotation("i1", at(1100), Some(PACE))).unwrap_err();
    assert!(matches!(refused, Refusal::Pending { .. }), "{refused}");
    let changes = keys.act(&rotation("i1", at(1100), None)).unwrap();
    assert_eq!(actions(&changes), [Action::KeyRotated, Action::KeyRetired]);
    assert_eq!(keys.phase("i0", at(1100)), Phase::Retired);
    assert_eq!(keys.phase("i1", at(1100)), Phase::Signing);
}

#[test]
fn es256_has_the_key_of_access_tokens_while_that_and_its_successor_are_of_es256() {
    let mut keys = Keys::first();
    let has = |keys: &Keys, now| has_id_key(&keys.0, IdTokenAlg::Es256, at(now));
    assert!(has(&keys, 10));
    assert!(!has_id_key(&keys.0, IdTokenAlg::Rs256, at(10)));
    keys.rotate("k1", at(1000), Some(PACE)).unwrap();
    assert!(has(&keys, 1100));
    let other = KeyAct::Rotate(NewKey {
        key: SealedKey {
            algorithm: "RS256".to_owned(),
            ..key("k2", at(2000))
        },
        pace: Some(PACE),
        imported: false,
        by: Actor::CommandLine,
    });
    keys.act(&other).unwrap();
    for when in [2000, 2340, 9000] {
        assert!(!has(&keys, when), "at {when}");
    }
    keys.act(&first("own", ES256, at(2000))).unwrap();
    assert!(has(&keys, 2000));
    assert!(!has_id_key(&[], IdTokenAlg::Es256, at(0)), "without any key");
}
