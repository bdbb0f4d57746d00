//! Accounts: one that was acknowledged is there until somebody deletes it.

use super::{Case, Violation};
use crate::races::history::What;

pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let registered = case
        .all(|what| matches!(what, What::Register { .. }))
        .find(|act| act.is_done());
    let Some(registered) = registered else {
        return Vec::new();
    };
    let missed = case
        .acts
        .iter()
        .filter(|act| act.is_refused_with("user_not_found") && registered.is_before(act));
    missed
        .filter(|act| {
            let mut deletions = case.all(|what| matches!(what, What::Delete));
            !deletions.any(|deletion| deletion.is_possible() && deletion.may_precede(act))
        })
        .map(|act| Violation::new("an acknowledged account is not lost", &[registered, act], ""))
        .collect()
}
