//! `jeton doctor`: what the configuration lacks, each with what mends it.

use clap::Args;
use serde_json::json;

use super::{
    counted::counted,
    running::{Exit, Outcome, context, reading},
};
use crate::{
    config::Config,
    service::doctor::{self, Check, Severity},
};

#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Arguments {
    /// Print a JSON list
    #[arg(long)]
    json: bool,
}

/// Looks at the settings, the database and the machine. Ends with 1 where something of severity `error` was found.
pub(super) fn run(config: &Config, arguments: Arguments) -> Outcome {
    let checks = reading(config, async |store| {
        Ok(doctor::examine(&config.setup(), &context(store)).await?)
    })?;
    if arguments.json {
        let list: Vec<_> = checks.iter().map(record).collect();
        println!("{}", serde_json::Value::from(list));
    } else {
        checks.iter().for_each(tell);
    }
    match checks.iter().filter(|check| is_error(check)).count() {
        0 => Ok(()),
        errors => Err(Box::new(Exit {
            code: 1,
            message: format!(
                "{} to be mended before anybody relies on this service",
                counted(errors, "thing is", "things are")
            ),
        })),
    }
}

fn is_error(check: &Check) -> bool {
    !check.ok && check.severity == Severity::Error
}

fn record(check: &Check) -> serde_json::Value {
    json!({
        "id": check.id,
        "ok": check.ok,
        "severity": check.severity.as_str(),
        "message": check.message,
        "fix": check.fix.filter(|_| !check.ok),
    })
}

fn tell(check: &Check) {
    let mark = if check.ok { "ok" } else { check.severity.as_str() };
    println!("{mark:<8} {}", check.message);
    if let Some(fix) = check.fix.filter(|_| !check.ok) {
        println!("         {fix}");
    }
}
