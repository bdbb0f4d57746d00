//! The right password does not count as a failure: an account is slowed down only after as many attempts as may have
//! failed.

use super::{Case, Violation};
use crate::races::{
    history::{Act, Outcome, What},
    stage::FREE_FAILURES,
};

pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let attempts: Vec<_> = case.acts.iter().copied().filter(|act| is_attempt(act)).collect();
    let slowed = attempts
        .iter()
        .filter(|act| act.is_refused_with("too_many_attempts"));
    slowed
        .filter_map(|act| {
            let failures = attempts.iter().filter(|other| may_count(other, act)).count();
            (failures < FREE_FAILURES).then(|| {
                let why =
                    format!("at most {failures} attempts can have failed, and {FREE_FAILURES} are free");
                Violation::new("the right password is never counted as a failure", &[act], why)
            })
        })
        .collect()
}

fn is_attempt(act: &Act) -> bool {
    matches!(
        act.what,
        What::Login { .. } | What::ChangePassword { .. } | What::Reset { .. }
    )
}

/// Whether an attempt may have been a failure, or one that had not succeeded yet, when another was answered.
fn may_count(attempt: &Act, answer: &Act) -> bool {
    let failed = match &attempt.outcome {
        Outcome::Done => false,
        Outcome::Refused { code, .. } => matches!(code.as_str(), "invalid_credentials" | "invalid_code"),
        Outcome::Unknown(_) => true,
    };
    attempt.began < answer.ended && (failed || attempt.over() > answer.began)
}
