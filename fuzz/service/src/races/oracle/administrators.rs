//! Administrators: whoever lost the role does nothing more, and of two who take each other's at most one succeeds.

use super::Violation;
use crate::races::history::{Act, User, What};

const ADMIN: &str = "admin";

pub fn judge(history: &[Act]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let losses: Vec<_> = history
        .iter()
        .filter(|act| takes_role(act) && act.is_done())
        .collect();
    let gains: Vec<_> = history
        .iter()
        .filter(|act| gives_role(act) && act.is_possible())
        .collect();
    let regained = |user: User, loss: &Act, act: &Act| {
        gains
            .iter()
            .any(|gain| gain.user == user && gain.over() > loss.began && gain.began < act.ended)
    };
    for act in history
        .iter()
        .filter(|act| is_administration(act) && act.is_done())
    {
        let Some(by) = by(act) else { continue };
        let lost = losses
            .iter()
            .find(|loss| loss.user == by && loss.ended < act.began && !regained(by, loss, act));
        if let Some(loss) = lost {
            violations.push(Violation::new(
                "whoever is no administrator any more does nothing more",
                &[loss, act],
                "",
            ));
        }
    }
    for (place, one) in losses.iter().enumerate() {
        for other in &losses[place + 1..] {
            let is_mutual =
                by(one) == Some(other.user) && by(other) == Some(one.user) && one.user != other.user;
            if is_mutual && overlap(one, other) && !regained_within(&gains, one, other) {
                let rule = "of two administrators who take each other's role at most one succeeds";
                violations.push(Violation::new(rule, &[one, other], ""));
            }
        }
    }
    violations
}

fn by(act: &Act) -> Option<User> {
    act.with.as_ref().map(|token| token.user)
}

/// Something only administrators may do.
fn is_administration(act: &Act) -> bool {
    matches!(
        act.what,
        What::Disable
            | What::Enable
            | What::Delete
            | What::EndAll
            | What::SetRoles { .. }
            | What::IssueCode { .. }
            | What::RevokeToken { .. }
    )
}

fn takes_role(act: &Act) -> bool {
    match &act.what {
        What::SetRoles { roles } => !roles.iter().any(|role| role == ADMIN),
        What::Disable | What::Delete => true,
        _ => false,
    }
}

fn gives_role(act: &Act) -> bool {
    match &act.what {
        What::SetRoles { roles } => roles.iter().any(|role| role == ADMIN),
        What::Enable => true,
        _ => false,
    }
}

fn overlap(one: &Act, other: &Act) -> bool {
    one.began < other.ended && other.began < one.ended
}

fn regained_within(gains: &[&Act], one: &Act, other: &Act) -> bool {
    let (began, ended) = (one.began.min(other.began), one.ended.max(other.ended));
    gains.iter().any(|gain| {
        (gain.user == one.user || gain.user == other.user) && gain.over() > began && gain.began < ended
    })
}
