//! Small histories: what contradicts itself is found, what merely overlaps is not.

use std::{sync::Arc, time::Duration};

use super::{Violation, judge};
use crate::races::history::{Access, Act, Outcome, Pair, Place, Scope, What};

const DONE: Outcome = Outcome::Done;

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn refused(code: &str) -> Outcome {
    Outcome::Refused {
        status: 401,
        code: code.to_owned(),
    }
}

/// An act of user 0 at node 0, between two moments.
fn act(began: f64, ended: f64, what: What, outcome: Outcome) -> Act {
    Act {
        number: 0,
        client: 0,
        place: Place::Node(0),
        user: 0,
        with: None,
        began: seconds(began),
        ended: seconds(ended),
        what,
        outcome,
    }
}

fn register(began: f64, ended: f64, password: &str) -> Act {
    let password = password.into();
    act(began, ended, What::Register { password }, DONE)
}

fn pair(session: &str, token: &str, refresh: &str, began: f64, ended: f64) -> Pair {
    let access = Access {
        text: token.to_owned(),
        id: token.to_owned(),
        session: session.to_owned(),
        user: 0,
        roles: Vec::new(),
        issued_at: began,
        expires_at: began + 900.0,
        began: seconds(began),
        ended: seconds(ended),
    };
    Pair {
        access: Arc::new(access),
        refresh: refresh.into(),
    }
}

fn login(began: f64, ended: f64, password: &str, opened: Option<Pair>) -> Act {
    let outcome = if opened.is_some() {
        DONE
    } else {
        refused("invalid_credentials")
    };
    let password = password.into();
    act(began, ended, What::Login { password, opened }, outcome)
}

fn check(began: f64, ended: f64, pair: &Pair, outcome: Outcome) -> Act {
    Act {
        with: Some(Arc::clone(&pair.access)),
        ..act(began, ended, What::Check { route: "/protected" }, outcome)
    }
}

fn log_out(began: f64, ended: f64, session: &str) -> Act {
    let what = What::LogOut {
        session: session.to_owned(),
        scope: Scope::Session,
    };
    act(began, ended, what, DONE)
}

fn change(began: f64, ended: f64, current: &str, new: &str, outcome: Outcome) -> Act {
    let what = What::ChangePassword {
        current: current.into(),
        new: new.into(),
        opened: None,
    };
    act(began, ended, what, outcome)
}

fn refresh(began: f64, ended: f64, token: &str, got: Option<Pair>, outcome: Outcome) -> Act {
    let what = What::Refresh {
        session: "s".to_owned(),
        token: token.into(),
        got,
    };
    act(began, ended, what, outcome)
}

fn rules(acts: Vec<Act>) -> Vec<&'static str> {
    let numbered = acts.into_iter().enumerate();
    let history: Vec<_> = numbered.map(|(number, act)| Act { number, ..act }).collect();
    judge(&history, 0.0)
        .iter()
        .map(|Violation { rule, .. }| *rule)
        .collect()
}

#[test]
fn a_right_password_called_wrong_is_found_unless_something_may_have_changed_it() {
    let wrong = login(3.0, 4.0, "a", None);
    assert_eq!(
        rules(vec![register(0.0, 1.0, "a"), wrong.clone()]),
        ["the right password is never called wrong"]
    );
    let changed = change(2.0, 3.5, "a", "b", DONE);
    assert!(rules(vec![register(0.0, 1.0, "a"), changed, wrong.clone()]).is_empty());
    let unclear = change(1.5, 2.0, "a", "b", Outcome::Unknown("gone".to_owned()));
    assert!(rules(vec![register(0.0, 1.0, "a"), unclear, wrong]).is_empty());
}

#[test]
fn a_change_that_was_refused_and_happened_is_found() {
    let opened = pair("s", "t", "r", 4.0, 5.0);
    let history = vec![
        register(0.0, 1.0, "a"),
        change(2.0, 3.0, "a", "b", refused("token_revoked")),
        login(4.0, 5.0, "b", Some(opened)),
    ];
    assert_eq!(
        rules(history),
        ["what was answered otherwise than with 2xx has not happened"]
    );
}

#[test]
fn a_token_accepted_after_its_logout_is_found_and_one_that_overlaps_it_is_not() {
    let opened = pair("s", "t", "r", 1.5, 2.0);
    let history = |began: f64| {
        vec![
            register(0.0, 1.0, "a"),
            login(1.5, 2.0, "a", Some(opened.clone())),
            log_out(3.0, 4.0, "s"),
            check(began, 5.0, &opened, DONE),
        ]
    };
    assert_eq!(
        rules(history(4.5)),
        ["a token that was revoked is refused from the answer on, elsewhere within the bound"]
    );
    assert!(rules(history(3.5)).is_empty());
}

#[test]
fn a_token_refused_for_nothing_is_found() {
    let opened = pair("s", "t", "r", 1.5, 2.0);
    let mut history = vec![
        register(0.0, 1.0, "a"),
        login(1.5, 2.0, "a", Some(opened.clone())),
        check(3.0, 4.0, &opened, refused("token_revoked")),
    ];
    assert_eq!(rules(history.clone()), ["no token is revoked for nothing"]);
    history.insert(2, log_out(2.5, 5.0, "s"));
    assert!(rules(history).is_empty());
}

#[test]
fn a_refresh_token_with_two_successors_is_found() {
    let opened = pair("s", "t", "r", 1.5, 2.0);
    let history = vec![
        register(0.0, 1.0, "a"),
        login(1.5, 2.0, "a", Some(opened)),
        refresh(3.0, 4.0, "r", Some(pair("s", "u", "r1", 3.0, 4.0)), DONE),
        refresh(3.0, 4.0, "r", Some(pair("s", "v", "r2", 3.0, 4.0)), DONE),
    ];
    assert_eq!(rules(history), ["a refresh token has one successor"]);
}

#[test]
fn reuse_that_nobody_can_have_caused_is_found() {
    let opened = pair("s", "t", "r", 1.5, 2.0);
    let history = vec![
        register(0.0, 1.0, "a"),
        login(1.5, 2.0, "a", Some(opened)),
        refresh(3.0, 4.0, "r", None, refused("token_reused")),
    ];
    assert_eq!(rules(history), ["no refresh token counts as used that was not"]);
}
