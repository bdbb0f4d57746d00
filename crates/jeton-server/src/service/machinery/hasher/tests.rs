use super::{imported::ImportedHash, *};
use crate::{
    model::password::{ContextWords, MIN_CHARS, NewPassword},
    service::machinery::random::{Random, SystemRandom},
};
use std::{
    pin::pin,
    task::{Context, Waker},
};

/// Made by Werkzeug of `café au lait`, decomposed and with a no-break space.
const DECOMPOSED: &str =
    "pbkdf2:sha256:1000$bzhUnlwpjOChXZMT$a31a4fbe6e98324738f423460c060a33efe9f3309afb5a55946ccbeba5958acc";
/// Made by Werkzeug of `café au lait` as it is prepared here.
const PREPARED: &str =
    "pbkdf2:sha256:1000$Dp8tCGkfW6DQCs4O$0388092136bd48e3b0aa35f802060985efdb92585b4762fbadbe5635c08ba4f0";
const TYPED: &str = "cafe\u{301} au\u{a0}lait";

fn cost() -> Cost {
    Cost {
        memory_kib: 64,
        iterations: 1,
        threads: 2,
        queue: 64,
        deadline: Duration::from_secs(20),
    }
}

fn hasher() -> Hasher {
    Hasher::new(cost(), &[7; 32]).unwrap()
}

fn password(text: &str) -> Password {
    Password::presented(text.to_owned())
}

fn imported(text: &str) -> PasswordHash {
    ImportedHash::parse(text).unwrap().hash().clone()
}

fn salt() -> Salt {
    let random: &dyn Random = &SystemRandom;
    random.bytes().unwrap()
}

async fn make(hasher: &Hasher, text: &str) -> PasswordHash {
    let new = NewPassword::choose(password(text), MIN_CHARS).unwrap();
    let nobodys = ContextWords {
        username: "",
        email: None,
        issuer: "",
    };
    hasher
        .make(new.fit_for(&nobodys).unwrap(), None, salt())
        .await
        .unwrap()
}

impl Hasher {
    /// The outcome of a check, and how many hashes it took.
    async fn counted(&self, text: &str, name: &str, hash: Option<&PasswordHash>) -> (Checked, u64) {
        let before = self.computed();
        let checked = self.check(password(text), name, hash, None).await.unwrap();
        (checked, self.computed() - before)
    }
}

#[tokio::test]
async fn the_right_password_matches_and_no_other() {
    let hasher = hasher();
    let hash = make(&hasher, "pass1425").await;
    assert!(
        hash.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
        "{}",
        hash.expose()
    );
    for (text, checked) in [
        ("pass1425", Checked::Right),
        ("pass1426", Checked::Wrong),
        ("", Checked::Wrong),
        ("nul\0", Checked::Wrong),
    ] {
        assert_eq!(
            hasher.counted(text, "john", Some(&hash)).await,
            (checked, 1),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn a_hash_made_here_knows_the_prepared_form_alone() {
    let hasher = hasher();
    let hash = make(&hasher, TYPED).await;
    for text in [TYPED, "caf\u{e9} au lait"] {
        assert_eq!(
            hasher.counted(text, "john", Some(&hash)).await,
            (Checked::Right, 1)
        );
    }
}

#[tokio::test]
async fn an_imported_hash_is_checked_as_typed_and_then_as_prepared() {
    let hasher = hasher();
    let (typed, prepared) = (imported(DECOMPOSED), imported(PREPARED));
    let right = Checked::RightButOutdated;
    assert_eq!(hasher.counted(TYPED, "john", Some(&typed)).await, (right, 1));
    assert_eq!(hasher.counted(TYPED, "john", Some(&prepared)).await, (right, 2));
    assert_eq!(
        hasher.counted("caf\u{e9} au lait", "john", Some(&typed)).await,
        (Checked::Wrong, 1)
    );
}

#[tokio::test]
async fn an_imported_argon2_hash_of_our_very_cost_is_still_not_ours() {
    let hasher = hasher();
    let ours = make(&hasher, "pass1425").await;
    let hash = imported(ours.expose());
    let (checked, computed) = hasher.counted("pass1425", "john", Some(&hash)).await;
    assert_eq!((checked, computed), (Checked::RightButOutdated, 1));
    // Two forms of the password are two attempts.
    assert_eq!(
        hasher.counted(TYPED, "john", Some(&hash)).await,
        (Checked::Wrong, 2)
    );
    assert_eq!(
        hasher.counted(TYPED, "john", Some(&ours)).await,
        (Checked::Wrong, 1)
    );
}

#[tokio::test]
async fn a_name_nobody_has_costs_as_much_as_a_wrong_password() {
    let hasher = hasher();
    let ours = make(&hasher, "pass1425").await;
    let theirs = imported(DECOMPOSED);
    for text in [
        "wrong",
        "",
        "nul\0",
        "ta\tb",
        "e\u{301} decomposed",
        "no-break\u{a0}space",
    ] {
        // Until told, all hashes are ours; afterwards all are Werkzeug's.
        for (hash, schemes) in [(&ours, vec![]), (&theirs, vec![(stored(&theirs), 3)])] {
            hasher.know_schemes(schemes);
            let wrong = hasher.counted(text, "john", Some(hash)).await;
            let nobody = hasher.counted(text, "nobody", None).await;
            assert_eq!(wrong, nobody, "{text:?}");
            assert_eq!(wrong.0, Checked::Wrong);
        }
    }
}

fn stored(hash: &PasswordHash) -> Scheme {
    StoredHash::parse(hash).unwrap().scheme()
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_matches_nothing_and_costs_the_same() {
    let hasher = hasher();
    let hash = PasswordHash::new("scrambled".to_owned());
    assert_eq!(
        hasher.counted("pass1425", "john", Some(&hash)).await,
        (Checked::Wrong, 1)
    );
}

#[tokio::test]
async fn a_hash_of_another_cost_is_still_checked_and_outdated() {
    let other = Cost {
        memory_kib: 32,
        iterations: 2,
        ..cost()
    };
    let hash = make(&Hasher::new(other, &[7; 32]).unwrap(), "pass1425").await;
    assert_eq!(
        hasher().counted("pass1425", "john", Some(&hash)).await.0,
        Checked::RightButOutdated
    );
}

#[tokio::test]
async fn an_outdated_hash_is_made_anew_of_the_prepared_form() {
    let hasher = hasher();
    let anew = hasher.make_anew(password(TYPED), salt()).await.unwrap().unwrap();
    assert_eq!(
        hasher.counted(TYPED, "john", Some(&anew)).await,
        (Checked::Right, 1)
    );
}

#[tokio::test]
async fn a_password_that_cannot_be_prepared_keeps_its_imported_hash() {
    let hasher = hasher();
    let tab = "pbkdf2:sha256:1000$zqLXE6zx16jr0m00$72e57d9fcedb7a13e7234e65fbc0bf8d8dca2d5d2eff526ea4fb69211749581a";
    let checked = hasher.counted("tab\there", "john", Some(&imported(tab))).await;
    assert_eq!(checked, (Checked::RightButOutdated, 1));
    let anew = hasher.make_anew(password("tab\there"), salt()).await.unwrap();
    assert!(anew.is_none());
}

#[tokio::test]
async fn nobody_signs_in_with_an_empty_password_whatever_was_imported() {
    let empty = "pbkdf2:sha256:1000$oahe7GYZdeymdtAn$379ed169a5438b78602a0e5ba8ab84d676fe03110e46bdf9b1fcd11ac1506244";
    let checked = hasher().counted("", "john", Some(&imported(empty))).await;
    assert_eq!(checked, (Checked::Wrong, 1));
}

#[tokio::test]
async fn who_waits_too_long_is_turned_away() {
    let impatient = Cost {
        deadline: Duration::ZERO,
        ..cost()
    };
    let hasher = Hasher::new(impatient, &[7; 32]).unwrap();
    assert!(
        hasher
            .check(password("pass1425"), "john", None, None)
            .await
            .is_err()
    );
    assert_eq!(hasher.waiting(), 0);
}

#[tokio::test]
async fn a_full_queue_turns_the_next_away() {
    let narrow = Cost {
        queue: 1,
        threads: 0,
        ..cost()
    };
    let hasher = Hasher::new(narrow, &[7; 32]).unwrap();
    assert!(!hasher.is_busy());
    let mut first = pin!(hasher.check(password("x"), "john", None, None));
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    assert!(hasher.check(password("x"), "john", None, None).await.is_err());
    assert_eq!(hasher.waiting(), 1);
    assert!(hasher.is_busy());
}
