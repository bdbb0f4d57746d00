//! Reset codes: good once, and only the newest.

use std::sync::Arc;

use super::{Case, Violation};
use crate::races::history::{Act, What};

pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let resets = case.acts.iter().copied();
    for act in resets {
        let What::Reset { code, .. } = &act.what else {
            continue;
        };
        let Some(issued) = case.all(|_| true).find(|issued| issues(issued) == Some(code)) else {
            continue;
        };
        if act.is_done() {
            violations.extend(accepted(case, issued, act, code));
        } else if act.is_refused_with("invalid_code") && issued.is_before(act) {
            violations.extend(refused(case, issued, act));
        }
    }
    violations
}

fn issues(act: &Act) -> Option<&Arc<str>> {
    match &act.what {
        What::IssueCode { code, .. } => code.as_ref(),
        _ => None,
    }
}

fn accepted(case: &Case<'_>, issued: &Act, act: &Act, code: &Arc<str>) -> Option<Violation> {
    let twice = case.acts.iter().find(|other| {
        other.number < act.number
            && other.is_done()
            && matches!(&other.what, What::Reset { code: used, .. } if used == code)
    });
    if let Some(other) = twice {
        return Some(Violation::new("a reset code is good once", &[other, act], ""));
    }
    let newer = case.all(|what| matches!(what, What::IssueCode { .. }));
    let newer = newer
        .filter(|newer| newer.is_done() && issued.is_before(newer))
        .find(|newer| newer.ended < act.began);
    newer.map(|newer| {
        Violation::new(
            "a newer reset code makes the one before void",
            &[issued, newer, act],
            "",
        )
    })
}

fn refused(case: &Case<'_>, issued: &Act, act: &Act) -> Option<Violation> {
    let is_doubtful = case.acts.iter().any(|other| {
        let is_other = other.number != issued.number && other.number != act.number;
        let is_since = other.over() > issued.began && changes(other);
        is_other && other.is_possible() && other.may_precede(act) && (is_since || case.is_off(other, act))
    });
    (!is_doubtful).then(|| Violation::new("a right reset code is never called wrong", &[issued, act], ""))
}

/// Whether an act, if it happened, may make codes void that were issued before.
fn changes(act: &Act) -> bool {
    matches!(
        act.what,
        What::IssueCode { .. } | What::Reset { .. } | What::ChangePassword { .. } | What::Delete
    )
}
