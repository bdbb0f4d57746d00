use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Starts the log, on standard error.
pub(super) fn start(filter: &str, format: LogFormat) -> Result<(), Box<dyn std::error::Error>> {
    // The database library logs whole statements and the server library whole headers: not by our filter's leave.
    let quiet = ["sqlx=warn", "hyper=warn", "h2=warn"];
    let filter = quiet
        .iter()
        .fold(EnvFilter::try_new(filter)?, |filter, directive| {
            match directive.parse() {
                Ok(directive) => filter.add_directive(directive),
                Err(_) => filter,
            }
        });
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
