use std::io::{self, Write};

use super::running::Outcome;
use crate::config::{Config, Kind, Loaded};

/// Prints every setting with its value and origin, then says whether they can be served with.
pub(super) fn show(loaded: &Loaded) -> Outcome {
    let mut out = io::stdout().lock();
    for (setting, value) in loaded.effective() {
        let name = match setting.kind {
            Kind::Secret => setting.variable(),
            Kind::Plain | Kind::Url | Kind::Switch => setting.key(),
        };
        match value {
            Some((value, origin)) => writeln!(out, "{name:<27} {value:<28} from {origin}")?,
            None => writeln!(out, "{name:<27} (not set)")?,
        }
    }
    Config::from_loaded(loaded)?;
    Ok(())
}
