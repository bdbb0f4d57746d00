use std::collections::BTreeMap;

use serde::Serialize;

use crate::{http::App, model::locale::Locale, pages::texts::OverviewTexts};

/// The figures of the overview, in the reader's words. A script puts each into its place by its name here.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) sign_ins: String,
    pub(super) failed: String,
    pub(super) refreshes: String,
    pub(super) replays: String,
    pub(super) copied: String,
    pub(super) queue: String,
    pub(super) lag: String,
    /// Whether revocations are heard of later than they should be.
    pub(super) late: bool,
    /// Failures to sign in, the most frequent kind first.
    pub(super) kinds: Vec<(String, String)>,
}

/// The outcome of what came about, among those that are counted by the codes of errors.
const SUCCEEDED: &str = "succeeded";

/// The code of a refresh token that was used twice: somebody may hold a copy.
const COPIED: &str = "token_reused";

impl Figures {
    pub(super) fn read(app: &App, language: Locale) -> Self {
        let texts = &language.texts().console.overview;
        let number = |count: u64| language.number(count);
        let (sign_ins, refreshes) = (app.metrics.sign_ins(), app.metrics.refreshes());
        let count = |outcomes: &BTreeMap<String, u64>, name: &str| outcomes.get(name).copied().unwrap_or(0);
        let mut failures: Vec<_> = sign_ins.iter().filter(|(name, _)| *name != SUCCEEDED).collect();
        failures.sort_by_key(|(name, count)| (u64::MAX - **count, *name));
        let set = app.service.revocations().set();
        let lag = set.lag(app.service.clock().instant()).unwrap_or_default();
        let waiting = u64::try_from(app.service.hashes_waiting()).unwrap_or(u64::MAX);
        Self {
            sign_ins: number(count(&sign_ins, SUCCEEDED)),
            failed: number(failures.iter().map(|(_, count)| **count).sum()),
            refreshes: number(count(&refreshes, SUCCEEDED)),
            replays: texts.replays.of(app.service.replays()),
            copied: number(count(&refreshes, COPIED)),
            queue: if waiting == 0 {
                texts.queue_empty.to_string()
            } else {
                texts.queue.of(waiting)
            },
            lag: texts.lag.with("seconds", language.tenths(lag)).to_string(),
            late: lag > app.service.rules().revocation_max_lag / 2,
            kinds: failures
                .into_iter()
                .map(|(name, count)| (kind(name, texts), number(*count)))
                .collect(),
        }
    }
}

/// A kind of failure, in words; by its code where people meet it seldom.
fn kind(code: &str, texts: &OverviewTexts) -> String {
    match code {
        "invalid_credentials" => texts.kind_wrong.to_string(),
        "too_many_attempts" => texts.kind_slowed.to_string(),
        "overloaded" => texts.kind_overloaded.to_string(),
        "invalid_request" => texts.kind_unreadable.to_string(),
        code => code.to_owned(),
    }
}
