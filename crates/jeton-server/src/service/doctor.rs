//! The doctor: checks of a configuration, each with the setting or command that mends it, after ASVS 5.0 and NIST SP 800-63B-4.

use std::{cmp::Reverse, path::PathBuf, time::Duration};

use super::{Failure, Rules, context::Context, machinery::hasher::Cost};

mod checks;
mod examination;
#[cfg(test)]
mod tests;

use examination::Findings;

/// How much it matters that a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Somebody with luck or access gains by it.
    Warning,
    /// Accounts or tokens are in danger, or nobody can administrate.
    Error,
}

impl Severity {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its stable name.
    pub id: &'static str,
    pub ok: bool,
    /// How much a failure matters.
    pub severity: Severity,
    /// The finding, as a sentence.
    pub message: String,
    /// The setting or command that mends it; none where nothing is to be mended.
    pub fix: Option<&'static str>,
    /// The value in the sentence, where that is not always the same.
    pub value: String,
}

/// The settings, as far as they are looked at.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub struct Setup {
    pub rules: Rules,
    pub cost: Cost,
    pub is_https: bool,
    /// Whether the issuer names this machine.
    pub is_loopback: bool,
    /// Whether a secret from the settings signs access tokens.
    pub has_secret: bool,
    /// The database's folder, where it is a file.
    pub folder: Option<PathBuf>,
    /// Whether the master key is in a file beside that.
    pub master_key_beside: bool,
    pub has_redis: bool,
    pub has_proxies: bool,
    pub has_address_limit: bool,
    /// Zero is for ever.
    pub audit_retention: Duration,
    /// Warnings about files with secrets that others on this machine can read.
    pub exposed: Vec<String>,
    /// Every setting, as `jeton config` shows it.
    pub settings: Vec<SettingInForce>,
}

/// A setting with its value, and where that came from. A secret's value is not in it.
#[derive(Clone, Debug)]
pub struct SettingInForce {
    pub name: String,
    pub is_secret: bool,
    /// None where nobody set it.
    pub value: Option<String>,
    pub origin: Option<&'static str>,
}

/// The names of all checks.
pub const IDS: [&str; 21] = [
    "https",
    "trusted_proxies",
    "when_stale",
    "access_lifetime",
    "shared_secret",
    "administrator",
    "second_administrator",
    "rate_limit",
    "address_limit",
    "password_length",
    "password_hash",
    "registration",
    "pkce",
    "master_key",
    "exposed_files",
    "key_age",
    "imported_hashes",
    "audit_retention",
    "one_node",
    "clock",
    "disk",
];

/// Looks at everything: first what fails, in the order of how much it matters.
///
/// # Errors
///
/// [`Failure`] when the database does not answer.
pub async fn examine(setup: &Setup, context: &Context<'_>) -> Result<Vec<Check>, Failure> {
    let findings = Findings::gather(setup, context).await?;
    let mut checks = checks::all(setup, &findings);
    checks.sort_by_key(|check| (check.ok, Reverse(check.severity)));
    Ok(checks)
}
