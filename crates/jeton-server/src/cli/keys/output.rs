//! Output of the commands: lines for people, or JSON for scripts.

use serde_json::json;

use crate::{
    cli::counted::counted,
    model::{
        key::{Phase, SealedKey},
        time::Timestamp,
    },
    service::keys::Plan,
};

pub(super) fn key(key: &SealedKey, phase: Phase, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({
                "kid": key.kid,
                "purpose": key.purpose.as_str(),
                "algorithm": key.algorithm,
                "state": phase.as_str(),
                "created_at": key.created_at.seconds(),
                "signs_from": key.begins().seconds(),
                "accepted_until": key.accepted_until.map(Timestamp::seconds),
            })
        );
        return;
    }
    let begins = key.begins();
    let times = match (phase, key.accepted_until) {
        (Phase::Pending, _) => format!("signs from {begins}"),
        (_, Some(until)) if until < key.signs_from => "given up before it signed".to_owned(),
        (_, Some(until)) => format!("since {begins}, accepted until {until}"),
        (_, None) => format!("since {begins}"),
    };
    println!(
        "{:<43} {:<10} {:<9} {:<8} {times}",
        key.kid,
        key.purpose.as_str(),
        key.algorithm,
        phase.as_str()
    );
}

pub(super) fn plan(plan: &Plan, as_json: bool) {
    if as_json {
        let replaced = plan.replaced.iter();
        let replaced = replaced.map(|(kid, until)| json!({ "kid": kid, "accepted_until": until.seconds() }));
        println!(
            "{}",
            json!({
                "kid": plan.kid,
                "purpose": plan.purpose.as_str(),
                "published_at": plan.published_at.seconds(),
                "signs_from": plan.signs_from.seconds(),
                "replaced": replaced.collect::<Vec<_>>(),
                "sessions_ended": plan.sessions_ended,
            })
        );
        return;
    }
    let kid = plan.kid.as_deref().unwrap_or("the new key");
    println!("{}  {kid} is published", plan.published_at);
    println!("{}  {kid} signs", plan.signs_from);
    for (kid, until) in &plan.replaced {
        println!("{until}  what {kid} signed is accepted no longer");
    }
    sessions_ended(plan.sessions_ended);
}

pub(super) fn sessions_ended(sessions: usize) {
    if sessions > 0 {
        println!("{} ended", counted(sessions, "session has", "sessions have"));
    }
}
