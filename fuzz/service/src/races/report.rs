//! What is told of a run: each rule that did not hold, with the history of the user concerned.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use super::{
    history::{Act, Outcome},
    oracle::Violation,
};
use crate::options::Options;

/// How many violations of a rule are told in full.
const TOLD: usize = 2;

/// How many acts before a violation are told.
const BEFORE: usize = 30;

/// Whether everything held.
pub fn tell(options: &Options, acts: &[Act], violations: &[Violation], troubles: &[String]) -> bool {
    let unknown = acts
        .iter()
        .filter(|act| matches!(act.outcome, Outcome::Unknown(_)))
        .count();
    let done = acts.iter().filter(|act| act.is_done()).count();
    println!(
        "{} acts, {done} done, {unknown} without an answer that says",
        acts.len()
    );
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for violation in violations {
        let times = rules.entry(violation.rule).or_default();
        *times += 1;
        if *times <= TOLD {
            tell_one(options, acts, violation);
        }
    }
    for trouble in troubles.iter().collect::<BTreeSet<_>>() {
        println!("\nVIOLATION: {trouble}\n  seed {}", options.seed);
    }
    for (rule, times) in &rules {
        println!("{times:>6} × {rule}");
    }
    violations.is_empty() && troubles.is_empty()
}

fn tell_one(options: &Options, acts: &[Act], violation: &Violation) {
    let Violation {
        rule,
        user,
        acts: involved,
        why,
    } = violation;
    println!("\nVIOLATION: {rule}\n  {why}");
    for act in involved {
        println!("  {act}");
    }
    let concerns =
        |act: &&Act| act.user == *user || act.with.as_ref().is_some_and(|token| token.user == *user);
    let last = involved.last().map_or(usize::MAX, |act| act.number);
    let all: Vec<_> = acts.iter().filter(concerns).collect();
    let before = all.iter().filter(|act| act.number <= last).count();
    println!("  the history of user {user} before it:");
    for act in &all[before.saturating_sub(BEFORE)..before] {
        println!("    {act}");
    }
    match keep(options, *user, &all) {
        Ok(path) => println!("  all of it: {}", path.display()),
        Err(error) => println!("  it could not be written down: {error}"),
    }
    println!("  seed {}", options.seed);
}

fn keep(options: &Options, user: usize, acts: &[&Act]) -> std::io::Result<PathBuf> {
    let folder = crate::artifacts().join("races");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}-user-{user}", options.seed));
    let lines: String = acts.iter().map(|act| format!("{act}\n")).collect();
    fs::write(&path, lines)?;
    Ok(path)
}
