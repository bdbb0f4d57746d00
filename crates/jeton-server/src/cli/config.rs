use std::io::{self, Write};

use super::Outcome;
use crate::config::{Config, Loaded};

/// Prints every setting with its value and origin, then says whether they can be served with.
pub(super) fn show(loaded: &Loaded) -> Outcome {
    let mut out = io::stdout().lock();
    for (setting, value, origin) in loaded.effective() {
        writeln!(out, "{:<26} {value:<28} from {origin}", setting.key())?;
    }
    Config::from_loaded(loaded)?;
    Ok(())
}
