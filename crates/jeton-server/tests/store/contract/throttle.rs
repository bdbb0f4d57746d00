//! Failures to sign in.

use jeton_server::model::{
    known_device::DeviceNonce,
    throttle::{AccountKey, Admission, Claimant, Counted, Limits},
};

use crate::prelude::*;

const LIMITS: Limits = Limits {
    free: 10,
    lockout_after: Some(20),
};
const STRANGER: Claimant = Claimant {
    account: AccountKey::from_bytes([1; 32]),
    device: None,
};
const OWNER: Claimant = Claimant {
    account: AccountKey::from_bytes([1; 32]),
    device: Some(DeviceNonce::from_bytes([7; 16])),
};
const OTHER_ACCOUNT: Claimant = Claimant {
    account: AccountKey::from_bytes([2; 32]),
    device: None,
};

async fn attempt(store: &dyn Store, who: &Claimant, now: i64) -> Admission {
    store.admit(who, &LIMITS, at(now)).await.unwrap()
}

/// Fails so often, each time as soon as it may, and returns when the last failure was.
async fn fail(store: &dyn Store, who: &Claimant, times: u32) -> i64 {
    let mut now = 0;
    for _ in 0..times {
        if let Admission::Wait(left) = attempt(store, who, now).await {
            now += i64::try_from(left.as_secs()).unwrap();
            let admission = attempt(store, who, now).await;
            assert!(matches!(admission, Admission::Admitted(_)), "{admission:?}");
        }
    }
    now
}

async fn admitted(store: &dyn Store, who: &Claimant, now: i64) -> Counted {
    match attempt(store, who, now).await {
        Admission::Admitted(counted) => counted,
        refusal => panic!("{refusal:?}"),
    }
}

async fn assert_admitted(store: &dyn Store, who: &Claimant, now: i64, refused: u32) {
    assert_eq!(admitted(store, who, now).await.refused(), refused);
}

fn wait(seconds: u64) -> Admission {
    Admission::Wait(Duration::from_secs(seconds))
}

fn unlocked() -> Event {
    Event::new(Action::UserUnlocked, at(0)).user(user_id(1))
}

pub(crate) async fn fifty_attempts_at_once_are_counted_one_by_one(database: Database) {
    // Two handles to the database, as two processes have them.
    let stores = [database.open().await, database.open().await];
    let attempts: Vec<_> = (0..50)
        .map(|number| {
            let store = Arc::clone(&stores[number % 2]);
            tokio::spawn(async move { attempt(&*store, &STRANGER, 0).await })
        })
        .collect();
    let mut admitted = 0;
    for answer in attempts {
        match answer.await.unwrap() {
            Admission::Admitted(counted) => {
                assert_eq!(counted.refused(), 0);
                admitted += 1;
            }
            refusal => assert_eq!(refusal, wait(1)),
        }
    }
    assert_eq!(admitted, 10, "ten are free, and the eleventh waits");
    assert_admitted(&*stores[0], &STRANGER, 1, 40).await;
}

pub(crate) async fn failures_are_counted_by_account_and_known_device(database: Database) {
    let store = database.open().await;
    fail(&*store, &STRANGER, 10).await;
    assert_eq!(attempt(&*store, &STRANGER, 0).await, wait(1));
    for other in [&OWNER, &OTHER_ACCOUNT] {
        assert_admitted(&*store, other, 0, 0).await;
    }
    store.close().await;
    let store = database.open().await;
    assert_eq!(attempt(&*store, &STRANGER, 0).await, wait(1));
}

pub(crate) async fn a_success_forgives_the_failures_of_its_device_alone(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    for who in [&STRANGER, &OWNER] {
        fail(&*store, who, 10).await;
    }
    let opening = |number, hash: &str, attempt| Opening {
        proof: Proof::Password(PasswordHash::new(hash.into())),
        forgives: Some(attempt),
        ..opening(&account, &session(number, 1, 0))
    };
    let of_owner = admitted(&*store, &OWNER, 1).await;
    let refused = store.open_session(opening(1, "another", of_owner)).await.unwrap();
    assert!(matches!(refused, OpenSession::AccountChanged));
    assert_eq!(attempt(&*store, &OWNER, 1).await, wait(2), "nothing was opened");

    let opened = store.open_session(opening(2, "hash-1", of_owner)).await.unwrap();
    assert!(matches!(opened, OpenSession::Opened(_)));
    assert_eq!(attempt(&*store, &STRANGER, 0).await, wait(1));
    for _ in 0..10 {
        assert_admitted(&*store, &OWNER, 1, 0).await;
    }
    assert_eq!(attempt(&*store, &OWNER, 1).await, wait(1));
}

pub(crate) async fn a_strangers_success_takes_its_own_attempt_back(database: Database) {
    let store = database.open().await;
    let account = create(&*store, 1, "Romel").await;
    let success = async |number, attempt| {
        let opening = Opening {
            forgives: Some(attempt),
            ..opening(&account, &session(number, 1, 0))
        };
        let opened = store.open_session(opening).await.unwrap();
        assert!(matches!(opened, OpenSession::Opened(_)));
    };
    for number in 1..=15 {
        success(number, admitted(&*store, &STRANGER, 0).await).await;
    }
    fail(&*store, &STRANGER, 10).await;
    success(16, admitted(&*store, &STRANGER, 1).await).await;
    assert_eq!(
        attempt(&*store, &STRANGER, 0).await,
        wait(1),
        "as if it had not been"
    );

    let (early, late) = (
        admitted(&*store, &STRANGER, 1).await,
        admitted(&*store, &STRANGER, 3).await,
    );
    success(17, early).await;
    assert_eq!(
        attempt(&*store, &STRANGER, 3).await,
        wait(2),
        "the later one stands"
    );
    success(18, late).await;
    assert_eq!(attempt(&*store, &STRANGER, 3).await, wait(1));
}

pub(crate) async fn an_attempt_that_was_not_made_is_taken_back(database: Database) {
    let store = database.open().await;
    for _ in 0..30 {
        let attempt = admitted(&*store, &STRANGER, 0).await;
        store.withdraw(&attempt).await.unwrap();
    }
    fail(&*store, &STRANGER, 10).await;
    assert_eq!(attempt(&*store, &STRANGER, 0).await, wait(1));
    for _ in 0..2 {
        let attempt = admitted(&*store, &STRANGER, 1).await;
        assert_eq!(attempt.refused(), 1, "still to be told");
        store.withdraw(&attempt).await.unwrap();
    }
    let attempt = admitted(&*store, &OTHER_ACCOUNT, 0).await;
    store.unlock(&OTHER_ACCOUNT.account, &unlocked()).await.unwrap();
    store.withdraw(&attempt).await.unwrap();
    assert_admitted(&*store, &OTHER_ACCOUNT, 0, 0).await;
}

pub(crate) async fn a_lock_is_kept_until_somebody_unlocks_the_account(database: Database) {
    let store = database.open().await;
    let last = fail(&*store, &STRANGER, 20).await;
    fail(&*store, &OWNER, 10).await;
    fail(&*store, &OTHER_ACCOUNT, 10).await;
    let years = last + 10 * 365 * 86_400;
    assert_eq!(attempt(&*store, &STRANGER, years).await, Admission::Locked);

    assert!(store.unlock(&STRANGER.account, &unlocked()).await.unwrap());
    assert_admitted(&*store, &STRANGER, last, 0).await;
    assert_admitted(&*store, &OWNER, 0, 0).await;
    assert_eq!(attempt(&*store, &OTHER_ACCOUNT, 0).await, wait(1));

    let nobody = AccountKey::from_bytes([9; 32]);
    assert!(!store.unlock(&nobody, &unlocked()).await.unwrap());
    let events = store.events_after(0, 100).await.unwrap();
    let recorded = events
        .iter()
        .filter(|event| event.action == Action::UserUnlocked.as_str());
    assert_eq!(recorded.count(), 1, "what changes nothing is not recorded");
}

pub(crate) async fn failures_that_no_longer_matter_are_cleared_away_and_locks_are_not(database: Database) {
    let store = database.open().await;
    let last = fail(&*store, &STRANGER, 20).await;
    for number in 0..600_u32 {
        let mut bytes = [3; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let account = AccountKey::from_bytes(bytes);
        attempt(
            &*store,
            &Claimant {
                account,
                device: None,
            },
            0,
        )
        .await;
    }
    attempt(&*store, &OTHER_ACCOUNT, 10).await;
    let day = 86_400;
    assert_eq!(store.prune(at(day - 1)).await.unwrap(), 0);
    let first = store.prune(at(day)).await.unwrap();
    assert!(first < 600, "in small batches");
    assert_eq!(first + store.prune(at(day)).await.unwrap(), 600);
    assert_eq!(store.prune(at(day + 10)).await.unwrap(), 1);
    assert_eq!(store.prune(at(1000 * day)).await.unwrap(), 0);
    assert_eq!(
        attempt(&*store, &STRANGER, last + 1000 * day).await,
        Admission::Locked
    );
}
