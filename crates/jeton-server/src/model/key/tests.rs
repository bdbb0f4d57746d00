use proptest::prelude::*;

use super::*;
use crate::model::audit::{Action, Actor};

mod id_tokens;

const PACE: Pace = Pace {
    wait: Duration::from_secs(340),
    settle: Duration::from_secs(70),
};
const LIFETIME: Duration = Duration::from_mins(15);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn key(kid: &str, created_at: Timestamp) -> SealedKey {
    SealedKey {
        kid: kid.to_owned(),
        purpose: Purpose::Access,
        algorithm: "ES256".to_owned(),
        sealed: vec![1],
        created_at,
        signs_from: AT_ONCE,
        accepted_until: None,
        lifetime: LIFETIME,
    }
}

/// The keys of a database that has nothing else, and what was done to them.
struct Keys(Vec<SealedKey>);

impl Keys {
    fn first() -> Self {
        Self(vec![key("k0", at(0))])
    }

    fn act(&mut self, act: &KeyAct) -> Result<Changes, Refusal> {
        let changes = act.decide(&self.0)?;
        for key in changes.added.iter().chain(&changes.changed) {
            self.0.retain(|other| other.kid != key.kid);
            self.0.push(key.clone());
        }
        self.0.retain(|key| !changes.deleted.contains(&key.kid));
        Ok(changes)
    }

    fn rotate(&mut self, kid: &str, now: Timestamp, pace: Option<Pace>) -> Result<Changes, Refusal> {
        self.act(&KeyAct::Rotate(NewKey {
            key: key(kid, now),
            pace,
            imported: false,
            by: Actor::CommandLine,
        }))
    }

    fn retire(&mut self, kid: &str, now: Timestamp) -> Result<Changes, Refusal> {
        let (kid, by) = (kid.to_owned(), Actor::CommandLine);
        self.act(&KeyAct::Retire { kid, by, now })
    }

    fn get(&self, kid: &str) -> &SealedKey {
        self.0.iter().find(|key| key.kid == kid).unwrap()
    }

    fn phase(&self, kid: &str, now: Timestamp) -> Phase {
        self.get(kid).phase(&self.0, now)
    }

    fn signer(&self, now: Timestamp) -> &SealedKey {
        signer(&self.0, Purpose::Access, now).unwrap()
    }
}

fn actions(changes: &Changes) -> Vec<Action> {
    changes.events.iter().map(|event| event.action).collect()
}

#[test]
fn a_planned_key_is_published_then_signs_and_the_one_before_is_accepted_for_as_long_as_its_tokens_live() {
    let mut keys = Keys::first();
    let changes = keys.rotate("k1", at(1000), Some(PACE)).unwrap();
    assert_eq!(actions(&changes), [Action::KeyRotated]);
    for (when, old, new) in [
        (1000, Phase::Signing, Phase::Pending),
        (1339, Phase::Signing, Phase::Pending),
        (1340, Phase::Accepted, Phase::Signing),
        (1340 + 900 + 69, Phase::Accepted, Phase::Signing),
        (1340 + 900 + 70, Phase::Retired, Phase::Signing),
    ] {
        let phases = (keys.phase("k0", at(when)), keys.phase("k1", at(when)));
        assert_eq!(phases, (old, new), "at {when}");
    }
}

#[test]
fn one_rotation_follows_the_other() {
    let mut keys = Keys::first();
    keys.rotate("k1", at(1000), Some(PACE)).unwrap();
    let pending = Refusal::Pending {
        kid: "k1".to_owned(),
        signs_from: at(1340),
    };
    assert_eq!(keys.rotate("k2", at(1339), Some(PACE)).unwrap_err(), pending);
    keys.rotate("k2", at(1340), Some(PACE)).unwrap();
    assert_eq!(keys.signer(at(1340)).kid, "k1");
    assert_eq!(keys.signer(at(1680)).kid, "k2");
    let taken = Refusal::NameTaken("k0".to_owned());
    assert_eq!(keys.rotate("k0", at(5000), Some(PACE)).unwrap_err(), taken);
    assert_eq!(
        Keys(Vec::new()).rotate("k1", at(0), None).unwrap_err(),
        Refusal::NoKeys
    );
}

#[test]
fn in_an_emergency_the_new_key_signs_at_once_and_nothing_before_is_accepted() {
    let mut keys = Keys::first();
    keys.rotate("k1", at(1000), Some(PACE)).unwrap();
    keys.rotate("k2", at(2000), Some(PACE)).unwrap();
    let changes = keys.rotate("k3", at(2010), None).unwrap();
    assert_eq!(
        actions(&changes),
        [
            Action::KeyRotated,
            Action::KeyRetired,
            Action::KeyRetired,
            Action::KeyRetired
        ]
    );
    // Also for a node whose clock is behind.
    for now in [at(1970), at(2010), at(9999)] {
        assert_eq!(keys.signer(now).kid, "k3");
        for lost in ["k0", "k1", "k2"] {
            assert_eq!(keys.phase(lost, now), Phase::Retired, "{lost}");
        }
    }
}

#[test]
fn a_key_that_signs_is_not_retired_and_one_that_waits_is_given_up() {
    let mut keys = Keys::first();
    assert_eq!(
        keys.retire("k0", at(10)).unwrap_err(),
        Refusal::Signs("k0".to_owned())
    );
    assert_eq!(
        keys.retire("no", at(10)).unwrap_err(),
        Refusal::Unknown("no".to_owned())
    );
    keys.rotate("k1", at(1000), Some(PACE)).unwrap();
    let late = keys.retire("k1", at(1311)).unwrap_err();
    assert_eq!(late, Refusal::AboutToSign("k1".to_owned()));
    keys.retire("k1", at(1200)).unwrap();
    assert_eq!(keys.get("k0").accepted_until, None);
    assert_eq!(keys.signer(at(1340)).kid, "k0");
    assert!(keys.retire("k1", at(1201)).unwrap().is_empty(), "it is retired");

    keys.rotate("k2", at(2000), Some(PACE)).unwrap();
    keys.retire("k0", at(2400)).unwrap();
    assert_eq!(keys.phase("k0", at(2400)), Phase::Retired);
}

#[test]
fn tokens_that_live_longer_than_was_thought_keep_their_key() {
    let mut keys = Keys::first();
    keys.rotate("k1", at(1000), Some(PACE)).unwrap();
    let (purpose, now) = (Purpose::Access, at(1100));
    let raise = |lifetime| KeyAct::Raise {
        purpose,
        lifetime,
        now,
    };
    assert!(keys.act(&raise(LIFETIME)).unwrap().is_empty());
    keys.act(&raise(2 * LIFETIME)).unwrap();
    assert_eq!(keys.get("k0").accepted_until, Some(at(1340 + 1800 + 70)));
    assert_eq!(
        (keys.get("k1").lifetime, keys.get("k1").accepted_until),
        (2 * LIFETIME, None)
    );
}

#[test]
fn a_lost_key_is_not_accepted_again_where_tokens_live_longer_and_a_clock_is_behind() {
    let mut keys = Keys::first();
    keys.rotate("k1", at(1000), None).unwrap();
    let lost = keys.get("k0").clone();
    for behind in [0, 30, 90, 600] {
        let raise = KeyAct::Raise {
            purpose: Purpose::Access,
            lifetime: 8 * LIFETIME,
            now: at(1000 - behind),
        };
        keys.act(&raise).unwrap();
        assert_eq!(*keys.get("k0"), lost, "{behind} s behind");
    }
}

#[test]
fn what_is_resealed_is_what_was_read() {
    let mut keys = Keys::first();
    let was = keys.get("k0").clone();
    let becomes = SealedKey {
        sealed: vec![2],
        ..was.clone()
    };
    let root = SealedKey {
        purpose: Purpose::Root,
        ..key("root", at(5))
    };
    let reseal = |root| KeyAct::Reseal {
        resealed: Resealed {
            keys: vec![(was.clone(), becomes.clone())],
            root,
        },
        by: Actor::CommandLine,
        now: at(5),
    };
    keys.rotate("k1", at(1), Some(PACE)).unwrap();
    assert_eq!(keys.act(&reseal(None)).unwrap_err(), Refusal::Changed);
    keys.0.retain(|key| key.kid == "k0");
    let changes = keys.act(&reseal(Some(root))).unwrap();
    assert_eq!(actions(&changes), [Action::KeysResealed]);
    assert_eq!(keys.get("k0").sealed, [2]);
    assert_eq!(keys.signer(at(10)).kid, "k0");
    assert_eq!(
        keys.act(&reseal(None)).unwrap_err(),
        Refusal::Changed,
        "it was read before"
    );
}

#[test]
fn what_is_retired_is_erased_and_listed_for_a_while() {
    const MINUTE: i64 = 60;
    const DAY: i64 = 24 * 60 * MINUTE;
    let mut keys = Keys::first();
    keys.rotate("k1", at(0), None).unwrap();
    let mut clear = |now, unused: &[&str]| {
        let unused = unused.iter().map(|kid| (*kid).to_owned()).collect();
        keys.act(&KeyAct::Clear { unused, now: at(now) }).unwrap();
        let k0 = keys.0.iter().find(|key| key.kid == "k0");
        k0.map(|key| key.sealed.is_empty())
    };
    assert_eq!(clear(8 * MINUTE, &[]), Some(false));
    assert_eq!(clear(9 * MINUTE, &[]), Some(true));
    assert_eq!(clear(90 * DAY - 2 * MINUTE, &[]), Some(true));
    assert_eq!(clear(90 * DAY, &[]), None);
    assert_eq!(keys.signer(at(90 * DAY)).kid, "k1");

    for key in &mut keys.0 {
        key.purpose = Purpose::Refresh;
    }
    keys.0[0].accepted_until = Some(at(0));
    let used = KeyAct::Clear {
        unused: Vec::new(),
        now: at(DAY),
    };
    assert!(keys.act(&used).unwrap().is_empty(), "sessions need it");
    let unused = KeyAct::Clear {
        unused: vec!["k1".to_owned()],
        now: at(DAY),
    };
    assert!(!keys.act(&unused).unwrap().is_empty());
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(i64),
    Rotate,
    Emergency,
    Retire(usize),
    Raise(u64),
    Clear,
}

fn planned() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..2000_i64).prop_map(Step::Wait),
        3 => Just(Step::Rotate),
        1 => (1..4000_u64).prop_map(Step::Raise),
        1 => Just(Step::Clear),
    ]
}

fn any() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => planned(),
        1 => Just(Step::Emergency),
        2 => (0..8_usize).prop_map(Step::Retire),
    ]
}

/// Takes the steps, and shows the keys after each and at the ends of what they wait for.
fn walk(steps: &[Step], mut look: impl FnMut(&Keys, Timestamp)) {
    let (mut keys, mut now) = (Keys::first(), at(0));
    for (number, step) in (1..).zip(steps) {
        let kid = format!("k{number}");
        // A refusal changes nothing.
        let _ = match *step {
            Step::Wait(seconds) => {
                for _ in 0..seconds / 50 {
                    now = now.plus(Duration::from_secs(50));
                    look(&keys, now);
                }
                Ok(Changes::default())
            }
            Step::Rotate => keys.rotate(&kid, now, Some(PACE)),
            Step::Emergency => keys.rotate(&kid, now, None),
            Step::Retire(place) => {
                let kid = keys.0[place % keys.0.len()].kid.clone();
                keys.retire(&kid, now)
            }
            Step::Raise(seconds) => keys.act(&KeyAct::Raise {
                purpose: Purpose::Access,
                lifetime: Duration::from_secs(seconds),
                now,
            }),
            Step::Clear => keys.act(&KeyAct::Clear {
                unused: Vec::new(),
                now,
            }),
        };
        look(&keys, now);
    }
}

proptest! {
    #[test]
    fn at_every_time_exactly_one_key_signs_and_none_before_everybody_has_it(steps in prop::collection::vec(any(), 1..40)) {
        walk(&steps, |keys, now| {
            let signing = keys.0.iter().filter(|key| key.phase(&keys.0, now) == Phase::Signing);
            assert_eq!(signing.count(), 1, "{:?}", keys.0);
            let signer = keys.signer(now);
            assert!(signer.signs_from == AT_ONCE || signer.created_at.plus(PACE.wait) <= now, "{signer:?}");
            assert!(!signer.sealed.is_empty());
        });
    }

    /// Nor is a node's that hears of the new key, or sees its time come, as late as it may.
    #[test]
    fn whatever_was_signed_is_accepted_until_it_expires_unless_it_was_lost(steps in prop::collection::vec(planned(), 1..40)) {
        let mut signed: Vec<(String, Timestamp)> = Vec::new();
        walk(&steps, |keys, now| {
            for node in [now, now.minus(PACE.settle)] {
                let signer = keys.signer(node);
                signed.push((signer.kid.clone(), now.plus(signer.lifetime)));
            }
            signed.retain(|(_, expires)| now < *expires);
            for (kid, expires) in &signed {
                let key = keys.0.iter().find(|key| key.kid == *kid);
                let usable = key.is_some_and(|key| !key.is_retired(now) && !key.sealed.is_empty());
                assert!(usable, "{kid} signed something that expires at {expires}, and it is {now}");
            }
        });
    }
}
