//! The audit trail: it verifies, and has an event for whatever was acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Violation;
use crate::races::history::{Act, Place, User, What};

/// How many events of each kind a user has.
pub struct Trail(BTreeMap<(String, String), usize>);

impl Trail {
    /// Reads what `jeton audit export` wrote.
    pub fn read(lines: &str) -> Self {
        let mut counts = BTreeMap::new();
        for line in lines.lines() {
            let line: Value = serde_json::from_str(line).unwrap_or_default();
            let event = &line["event"];
            if let (Some(user), Some(action)) = (event["user"].as_str(), event["action"].as_str()) {
                *counts.entry((user.to_owned(), action.to_owned())).or_default() += 1;
            }
        }
        Self(counts)
    }

    fn count(&self, user: &str, action: &str) -> usize {
        self.0
            .get(&(user.to_owned(), action.to_owned()))
            .copied()
            .unwrap_or_default()
    }
}

/// Sets the events of every user, by id, against what was acknowledged.
pub fn judge(history: &[Act], ids: &[String], trail: &Trail) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (user, id) in ids.iter().enumerate() {
        let acts: Vec<_> = history.iter().filter(|act| act.user == user).collect();
        // Whoever's id is not known was not acknowledged.
        if id.is_empty() || acts.is_empty() {
            continue;
        }
        for (action, least, most) in expected(&acts) {
            let found = trail.count(id, action);
            if !(least..=most).contains(&found) {
                let why = format!(
                    "{found} events `{action}` of the user {id}, where {least} to {most} were acknowledged"
                );
                let rule = "the audit trail has an event for what was acknowledged, and for nothing else";
                violations.push(about(rule, user, &acts, why));
            }
        }
    }
    violations
}

fn about(rule: &'static str, user: User, acts: &[&Act], why: String) -> Violation {
    Violation {
        user,
        ..Violation::new(rule, &acts[acts.len() - 1..], why)
    }
}

/// How many events of an action there are at least and at most.
fn expected(acts: &[&Act]) -> Vec<(&'static str, usize, usize)> {
    let range = |action, is: fn(&Act) -> bool| {
        let certain = acts.iter().filter(|act| is(act) && act.is_done()).count();
        let possible = acts.iter().filter(|act| is(act) && act.is_possible()).count();
        (action, certain, possible)
    };
    let mut all = vec![
        range("user.registered", |act| {
            matches!(act.what, What::Register { .. }) && act.place != Place::CommandLine
        }),
        range("login.succeeded", Act::opens),
        range("password.changed", |act| {
            matches!(act.what, What::ChangePassword { .. })
        }),
        range("password.reset", |act| matches!(act.what, What::Reset { .. })),
        range("password.reset_issued", |act| {
            matches!(act.what, What::IssueCode { .. })
        }),
        range("user.deleted", |act| matches!(act.what, What::Delete)),
    ];
    let tokens = |wanted: fn(&Act) -> bool| {
        let tokens = acts
            .iter()
            .filter(|act| wanted(act))
            .filter_map(|act| match &act.what {
                What::Refresh { token, .. } => Some(token),
                _ => None,
            });
        tokens.collect::<BTreeSet<_>>().len()
    };
    all.push((
        "session.refreshed",
        tokens(Act::is_done),
        tokens(Act::is_possible),
    ));
    let reused = acts
        .iter()
        .filter(|act| act.is_refused_with("token_reused"))
        .count();
    all.push((
        "session.reused",
        reused,
        reused + tokens(|act| act.is_possible() && !act.is_done()),
    ));
    all
}
