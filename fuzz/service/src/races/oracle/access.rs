//! Access tokens: refused from the answer on that revoked them, never accepted again, and not refused for nothing.

use std::{collections::BTreeMap, time::Duration};

use super::{Case, Violation};
use crate::races::{
    history::{Access, Act, Outcome, What},
    stage::MAX_LAG,
};

/// How far clocks and roundings may be off, in seconds; the leeway of the service is 30.
const CLOCK: f64 = 2.0;
const LEEWAY: f64 = 30.0;

pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for used in &case.uses {
        let Some(token) = &used.with else { continue };
        violations.extend(judge_use(case, used, token));
    }
    violations.extend(revived(case));
    violations
}

fn judge_use(case: &Case<'_>, used: &Act, token: &Access) -> Option<Violation> {
    if is_accepted(used) {
        if let Some(ending) = case.ended_before(token, used) {
            let rule = "a token that was revoked is refused from the answer on, elsewhere within the bound";
            return Some(Violation::new(rule, &[ending, used], ""));
        }
        let late = case.wall + used.began.as_secs_f64() - token.expires_at;
        return (late > LEEWAY + CLOCK).then(|| {
            Violation::new(
                "a token is refused after its time",
                &[used],
                format!("{late:.1} s after its `exp`"),
            )
        });
    }
    match refusal(used)? {
        "token_revoked" => (!case.may_be_revoked(token, used)).then(|| {
            Violation::new(
                "no token is revoked for nothing",
                &[used],
                "nothing it was asked can have done so",
            )
        }),
        "token_expired" => {
            let early = token.expires_at - case.wall - used.ended.as_secs_f64();
            (early > CLOCK).then(|| {
                Violation::new(
                    "no token expires before its time",
                    &[used],
                    format!("{early:.1} s before its `exp`"),
                )
            })
        }
        code => Some(Violation::new("no good token is refused", &[used], code)),
    }
}

/// Tokens that were accepted after they were refused as revoked: at the same node at once, elsewhere beyond the
/// bound.
fn revived(case: &Case<'_>) -> Vec<Violation> {
    let mut refused: BTreeMap<&str, Vec<&Act>> = BTreeMap::new();
    for used in &case.uses {
        if let (Some(token), Some("token_revoked")) = (&used.with, refusal(used)) {
            refused.entry(&token.id).or_default().push(used);
        }
    }
    let mut violations = Vec::new();
    for used in case.uses.iter().filter(|used| is_accepted(used)) {
        let earlier = used
            .with
            .as_ref()
            .and_then(|token| refused.get(token.id.as_str()));
        let earlier = earlier.into_iter().flatten().find(|earlier| {
            let bound = if earlier.place == used.place && is_remembered(earlier) {
                Duration::ZERO
            } else {
                MAX_LAG
            };
            earlier.ended + bound < used.began
        });
        if let Some(earlier) = earlier {
            violations.push(Violation::new(
                "a token that was refused once is never accepted again",
                &[earlier, used],
                "",
            ));
        }
    }
    violations
}

/// Whether the node refused by what it remembers: a route that reads the user's row may know of a deletion before.
fn is_remembered(act: &Act) -> bool {
    matches!(act.what, What::Check { route } if route != "/profile")
}

/// Whether the guard let it through, whatever came of the request then.
fn is_accepted(act: &Act) -> bool {
    match &act.outcome {
        Outcome::Done => true,
        Outcome::Refused {
            status: 403 | 404 | 409 | 422,
            ..
        } => true,
        Outcome::Refused { code, .. } => code == "invalid_credentials",
        Outcome::Unknown(_) => false,
    }
}

/// The code with which the token was refused, if it was.
fn refusal(act: &Act) -> Option<&str> {
    match &act.outcome {
        Outcome::Refused { status: 401, code } if code != "invalid_credentials" => Some(code),
        _ => None,
    }
}
