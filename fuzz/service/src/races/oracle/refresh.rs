//! Refresh tokens: one successor each, none after the session's end, none after the successor was used.

use std::{collections::BTreeMap, time::Duration};

use super::{Case, Violation};
use crate::races::{
    history::{Act, Moment, Outcome, What},
    stage::GRACE,
};

/// Times in the database are whole seconds.
const ROUNDING: Duration = Duration::from_secs(2);

pub fn judge(case: &Case<'_>) -> Vec<Violation> {
    let mut presented: BTreeMap<&str, Vec<&Act>> = BTreeMap::new();
    for act in &case.acts {
        if let What::Refresh { token, .. } = &act.what {
            presented.entry(token).or_default().push(act);
        }
    }
    let mut violations = Vec::new();
    for acts in presented.values() {
        violations.extend(several_successors(acts));
        let successor = acts.iter().find_map(|act| act.pair()).map(|pair| &*pair.refresh);
        let successor = successor
            .and_then(|token| presented.get(token))
            .map_or(&[][..], Vec::as_slice);
        for act in acts {
            let violation = if act.is_done() {
                exchanged(case, act, acts, successor)
            } else {
                refused(case, act, acts, successor)
            };
            violations.extend(violation);
        }
    }
    violations
}

fn several_successors(acts: &[&Act]) -> Option<Violation> {
    let mut given = acts.iter().filter_map(|act| Some((act, &act.pair()?.refresh)));
    let (first, token) = given.next()?;
    let (other, _) = given.find(|(_, other)| *other != token)?;
    Some(Violation::new(
        "a refresh token has one successor",
        &[first, other],
        "",
    ))
}

fn exchanged(case: &Case<'_>, act: &Act, acts: &[&Act], successor: &[&Act]) -> Option<Violation> {
    let What::Refresh { session, .. } = &act.what else {
        return None;
    };
    if let Some(ending) = case.session_ended_before(session, act) {
        return Some(Violation::new(
            "an ended session gives no tokens",
            &[ending, act],
            "",
        ));
    }
    if let Some(used) = successor
        .iter()
        .find(|used| used.is_done() && used.ended < act.began)
    {
        return Some(Violation::new(
            "a refresh token gives nothing once its successor was used",
            &[used, act],
            "",
        ));
    }
    let first = acts
        .iter()
        .filter(|other| other.is_done())
        .min_by_key(|other| other.ended)?;
    (first.ended + GRACE + ROUNDING < act.began).then(|| {
        Violation::new(
            "a refresh token gives nothing after the grace time",
            &[first, act],
            "",
        )
    })
}

fn refused(case: &Case<'_>, act: &Act, acts: &[&Act], successor: &[&Act]) -> Option<Violation> {
    let (What::Refresh { session, .. }, Outcome::Refused { status: 401, code }) = (&act.what, &act.outcome)
    else {
        return None;
    };
    if code == "token_reused" {
        let others = acts
            .iter()
            .filter(|other| other.number != act.number && other.is_possible());
        let earliest = others.map(|other| other.began).min();
        let is_superseded = successor.iter().any(|used| used.may_precede(act));
        let may_be = earliest.is_some_and(|first| is_superseded || is_out_of_grace(first, act));
        return (!may_be).then(|| {
            Violation::new(
                "no refresh token counts as used that was not",
                &[act],
                "nobody can have used its successor",
            )
        });
    }
    (!case.may_have_ended(session, act)).then(|| {
        Violation::new(
            "no session ends for nothing",
            &[act],
            "nothing that was asked can have ended it",
        )
    })
}

fn is_out_of_grace(first: Moment, act: &Act) -> bool {
    first + GRACE < act.ended + ROUNDING
}
