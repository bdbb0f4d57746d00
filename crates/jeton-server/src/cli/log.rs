use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts the log, on standard error.
pub(super) fn start(filter: &str, format: LogFormat) -> Result<(), Box<dyn std::error::Error>> {
    let filter: Targets = filter.parse()?;
    // The database library logs whole statements and the server library whole headers: not by our filter's leave.
    let quiet = ["sqlx", "hyper", "h2"].map(|target| (target, LevelFilter::WARN));
    let filter = filter.with_targets(quiet);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Pretty => registry.with(lines).try_init()?,
        LogFormat::Json => registry.with(lines.json()).try_init()?,
    }
    Ok(())
}
