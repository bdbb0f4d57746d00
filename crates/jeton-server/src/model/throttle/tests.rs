use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits {
    free: 10,
    lockout_after: Some(100),
};
const STRANGER: Claimant = Claimant {
    account: AccountKey::from_bytes([1; 32]),
    device: None,
};
const OWNER: Claimant = Claimant {
    account: AccountKey::from_bytes([1; 32]),
    device: Some(DeviceNonce::from_bytes([2; 16])),
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn tally(failures: u32) -> Tally {
    Tally {
        failures,
        last_failed_at: at(0),
        refused: 0,
    }
}

/// How an attempt is answered, as whoever makes it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Admitted,
    Wait(Duration),
    Locked,
}

impl From<Admission> for Answer {
    fn from(admission: Admission) -> Self {
        match admission {
            Admission::Admitted(_) => Self::Admitted,
            Admission::Wait(left) => Self::Wait(left),
            Admission::Locked => Self::Locked,
        }
    }
}

fn answer(who: &Claimant, before: Option<Tally>, seconds: i64) -> (Tally, Answer) {
    let (tally, admission) = LIMITS.attempt(who, before, at(seconds));
    (tally, admission.into())
}

fn admitted_at(who: &Claimant, tally: Tally, seconds: i64) -> bool {
    answer(who, Some(tally), seconds).1 == Answer::Admitted
}

fn counted(who: &Claimant, before: Option<Tally>, seconds: i64) -> Counted {
    match LIMITS.attempt(who, before, at(seconds)).1 {
        Admission::Admitted(counted) => counted,
        refusal => panic!("{refusal:?}"),
    }
}

#[test]
fn after_ten_failures_the_eleventh_waits_and_the_wait_doubles_up_to_a_quarter_of_an_hour() {
    for failures in 0..10 {
        assert!(admitted_at(&STRANGER, tally(failures), 0), "{failures}");
    }
    let waits = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
    for (failures, wait) in (10..).zip(waits) {
        for who in [&STRANGER, &OWNER] {
            assert!(!admitted_at(who, tally(failures), wait - 1), "{failures}");
            assert!(admitted_at(who, tally(failures), wait), "{failures}");
        }
    }
    assert_eq!(LIMITS.wait_after(u32::MAX), LONGEST_WAIT);
    let none_free = Limits { free: 0, ..LIMITS };
    assert_eq!(
        [0, 1, 2].map(|failures| none_free.wait_after(failures).as_secs()),
        [0, 1, 2]
    );
}

#[test]
fn an_attempt_counts_as_a_failure_and_one_during_a_wait_does_not() {
    assert_eq!(answer(&STRANGER, None, 0), (tally(1), Answer::Admitted));

    let (early, refusal) = answer(&STRANGER, Some(tally(12)), 1);
    assert_eq!(refusal, Answer::Wait(Duration::from_secs(3)));
    let one_refused = Tally {
        refused: 1,
        ..tally(12)
    };
    assert_eq!(early, one_refused);
    let (_, refusal) = answer(&STRANGER, Some(early), 3);
    assert_eq!(refusal, Answer::Wait(Duration::from_secs(1)));

    let late = counted(&STRANGER, Some(early), 4);
    assert_eq!(late.refused(), 1);
    assert_eq!(
        (late.tally.failures, late.tally.last_failed_at, late.tally.refused),
        (13, at(4), 0)
    );
}

#[test]
fn a_hundred_failures_lock_everybody_but_a_known_device_out() {
    assert!(admitted_at(&STRANGER, tally(99), 900));
    let (locked, refusal) = answer(&STRANGER, Some(tally(100)), 1_000_000_000);
    assert_eq!((locked.refused, refusal), (1, Answer::Locked));
    assert!(admitted_at(&OWNER, tally(100), 900));

    let never = Limits {
        lockout_after: None,
        ..LIMITS
    };
    let (_, admission) = never.attempt(&STRANGER, Some(tally(1_000_000)), at(900));
    assert!(matches!(admission, Admission::Admitted(_)));
}

#[test]
fn failures_fade_by_the_hour_and_are_forgotten_after_a_day_unless_they_lock() {
    let hour = 3600;
    for (seconds, left) in [
        (hour - 1, 51),
        (hour, 50),
        (5 * hour, 46),
        (24 * hour - 1, 28),
        (24 * hour, 1),
    ] {
        assert_eq!(
            answer(&STRANGER, Some(tally(50)), seconds).0.failures,
            left,
            "{seconds}"
        );
    }
    assert_eq!(answer(&STRANGER, Some(tally(3)), 20 * hour).0.failures, 1);
    assert_eq!(LIMITS.forget_at(&STRANGER, &tally(99)), Some(at(24 * hour)));
    assert_eq!(LIMITS.forget_at(&STRANGER, &tally(100)), None);
    assert_eq!(LIMITS.forget_at(&OWNER, &tally(100)), Some(at(24 * hour)));
    assert_eq!(answer(&STRANGER, Some(tally(100)), 1000 * hour).0.failures, 100);
}

#[test]
fn a_clock_set_back_makes_no_wait_longer_than_it_was() {
    let (_, refusal) = answer(&STRANGER, Some(tally(12)), -1_000_000);
    assert_eq!(refusal, Answer::Wait(Duration::from_secs(4)));
}

#[test]
fn a_failure_of_the_future_counts_from_now_on() {
    let before = Tally {
        last_failed_at: at(400 * 86_400),
        ..tally(12)
    };
    let (refused, refusal) = answer(&STRANGER, Some(before), 0);
    assert_eq!(refusal, Answer::Wait(Duration::from_secs(4)));
    assert_eq!(refused.last_failed_at, at(0));
    assert_eq!(answer(&STRANGER, Some(refused), 4).1, Answer::Admitted);
}

#[test]
fn a_success_forgets_a_known_devices_failures_and_leaves_strangers_theirs() {
    let of_owner = counted(&OWNER, Some(tally(20)), 900);
    assert_eq!(of_owner.succeeded(of_owner.tally), None);
    let of_stranger = counted(&STRANGER, Some(tally(20)), 900);
    assert_eq!(of_stranger.succeeded(of_stranger.tally), Some(tally(20)));
    let first = counted(&STRANGER, None, 0);
    assert_eq!(first.succeeded(first.tally), None);
}

#[test]
fn what_is_taken_back_leaves_what_others_did_meanwhile() {
    let first = counted(&STRANGER, Some(tally(5)), 10);
    let second = counted(&STRANGER, Some(first.tally), 20);
    let left = Tally {
        last_failed_at: at(20),
        ..tally(6)
    };
    assert_eq!(first.succeeded(second.tally), Some(left));
    assert_eq!(
        first.succeeded(Tally {
            refused: 3,
            ..second.tally
        }),
        Some(Tally { refused: 3, ..left })
    );
}

#[test]
fn an_attempt_nobody_judged_leaves_those_turned_away_before_it_to_be_told() {
    let before = Tally {
        refused: 4,
        ..tally(11)
    };
    let attempt = counted(&STRANGER, Some(before), 2);
    assert_eq!(attempt.withdrawn(attempt.tally), Some(before));
    assert_eq!(attempt.succeeded(attempt.tally), Some(tally(11)));
}

/// Something done under a name, so many seconds after what was done before.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// The observer tries a password that is wrong.
    Watch(i64),
    /// Somebody signs in, from a device nobody knows.
    SignIn(i64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let pause = prop_oneof![Just(0), 0..5_i64, 0..1000_i64, 0..100_000_i64];
    let deed = (pause, any::<bool>()).prop_map(|(pause, watch)| {
        if watch {
            Deed::Watch(pause)
        } else {
            Deed::SignIn(pause)
        }
    });
    prop::collection::vec(deed, 0..200)
}

/// The answers an observer sees; with nobody behind the name, nobody ever signs in.
fn seen(deeds: &[Deed], somebody: bool) -> Vec<Answer> {
    let limits = Limits {
        free: 4,
        lockout_after: Some(14),
    };
    let (mut tally, mut now, mut seen) = (None, 0, Vec::new());
    for deed in deeds {
        match *deed {
            Deed::Watch(pause) => {
                now += pause;
                let (after, admission) = limits.attempt(&STRANGER, tally, at(now));
                tally = Some(after);
                seen.push(admission.into());
            }
            Deed::SignIn(pause) => {
                now += pause;
                if somebody {
                    let (after, admission) = limits.attempt(&STRANGER, tally, at(now));
                    tally = match admission {
                        Admission::Admitted(counted) => counted.succeeded(after),
                        Admission::Wait(_) | Admission::Locked => Some(after),
                    };
                }
            }
        }
    }
    seen
}

proptest! {
    #[test]
    fn a_name_somebody_signs_in_to_looks_like_one_that_nobody_has(deeds in deeds()) {
        prop_assert_eq!(seen(&deeds, true), seen(&deeds, false));
    }

    #[test]
    fn however_many_try_at_once_no_more_get_through_than_are_free(free in 1..20_u32, failed in 0..30_u32, tries in 0..60_u32) {
        let limits = Limits { free, lockout_after: None };
        let mut tally = (failed > 0).then(|| tally(failed));
        let mut admitted = 0;
        for _ in 0..tries {
            let (after, admission) = limits.attempt(&STRANGER, tally, at(0));
            tally = Some(after);
            admitted += u32::from(matches!(admission, Admission::Admitted(_)));
        }
        prop_assert_eq!(admitted, tries.min(free.saturating_sub(failed)));
    }
}
