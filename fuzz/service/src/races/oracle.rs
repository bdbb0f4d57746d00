//! What must be true of a history. Acts overlap, so each rule says only what follows whatever order they came in: an act
//! is before another when its answer was there before the other began.

mod access;
mod accounts;
mod administrators;
mod audit;
mod codes;
mod endings;
mod passwords;
mod refresh;
#[cfg(test)]
mod tests;
mod throttle;

use std::collections::BTreeMap;

use super::history::{Act, Outcome, User, What};

pub use audit::{Trail, judge as judge_trail};

/// A rule that does not hold.
pub struct Violation {
    pub rule: &'static str,
    pub user: User,
    /// The acts that contradict each other, the latest last.
    pub acts: Vec<Act>,
    pub why: String,
}

impl Violation {
    fn new(rule: &'static str, acts: &[&Act], why: impl Into<String>) -> Self {
        let mut acts: Vec<Act> = acts.iter().map(|act| (*act).clone()).collect();
        acts.sort_by_key(|act| act.began);
        let user = acts.last().map_or(0, |act| act.user);
        Self {
            rule,
            user,
            acts,
            why: why.into(),
        }
    }
}

/// Everything about one user.
struct Case<'h> {
    /// The acts about them.
    acts: Vec<&'h Act>,
    /// The acts with an access token of theirs.
    uses: Vec<&'h Act>,
    /// The acts that opened their sessions.
    opened: BTreeMap<&'h str, &'h Act>,
    /// The clock on the wall when the run began.
    wall: f64,
}

/// The violations of a history that began at this time of the wall's clock.
pub fn judge(history: &[Act], wall: f64) -> Vec<Violation> {
    let users = history
        .iter()
        .map(|act| act.user)
        .max()
        .map_or(0, |last| last + 1);
    let mut violations: Vec<_> = history.iter().filter_map(unexpected).collect();
    violations.extend(administrators::judge(history));
    for user in 0..users {
        let case = Case::new(history, user, wall);
        violations.extend(access::judge(&case));
        violations.extend(refresh::judge(&case));
        violations.extend(passwords::judge(&case));
        violations.extend(codes::judge(&case));
        violations.extend(throttle::judge(&case));
        violations.extend(accounts::judge(&case));
    }
    violations
}

impl<'h> Case<'h> {
    fn new(history: &'h [Act], user: User, wall: f64) -> Self {
        let acts: Vec<_> = history.iter().filter(|act| act.user == user).collect();
        let uses = history.iter();
        let uses = uses.filter(|act| act.with.as_ref().is_some_and(|token| token.user == user));
        let opened = acts.iter().filter(|act| act.opens());
        Self {
            uses: uses.collect(),
            opened: opened
                .filter_map(|act| Some((act.pair()?.access.session.as_str(), *act)))
                .collect(),
            acts,
            wall,
        }
    }

    fn opening(&self, session: &str) -> Option<&'h Act> {
        self.opened.get(session).copied()
    }

    fn all(&self, wanted: impl Fn(&What) -> bool) -> impl Iterator<Item = &'h Act> {
        self.acts.iter().copied().filter(move |act| wanted(&act.what))
    }
}

/// An answer that no act may have.
fn unexpected(act: &Act) -> Option<Violation> {
    let is_failure = matches!(&act.outcome, Outcome::Unknown(why) if why.starts_with("500"));
    is_failure.then(|| Violation::new("no answer is 500", &[act], ""))
}
