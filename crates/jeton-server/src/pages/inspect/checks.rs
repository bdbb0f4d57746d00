//! The checks of a token as rows: those that failed, what only the service can tell, and those that passed.

use jeton::VerifyError;

use super::{asked::Asked, faults};
use crate::{
    model::time::Timestamp,
    pages::{
        ended,
        texts::{Checks, Text},
    },
    service::tokens::explain::{Cause, CheckMade, Finding, Kind},
};

/// One row.
pub(super) struct Check {
    pub(super) outcome: Outcome,
    pub(super) label: String,
    /// The event and its time, before the text says more of it.
    pub(super) since: Option<(&'static Text, Timestamp)>,
    pub(super) text: String,
    /// A value of the token, as it is written there.
    pub(super) code: Option<String>,
    pub(super) time: Option<Timestamp>,
    /// A hint at what it would take to pass.
    pub(super) take: String,
    pub(super) link: Option<Link>,
}

pub(super) struct Link {
    pub(super) path: &'static str,
    pub(super) label: &'static Text,
}

/// How a check went, in the order in which rows stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Failed,
    /// Not told to this reader.
    Untold,
    Passed,
    Skipped,
}

impl Outcome {
    pub(super) const fn is_bad(self) -> bool {
        matches!(self, Self::Failed)
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Failed => "bad",
            Self::Passed => "good",
            Self::Untold | Self::Skipped => "soft",
        }
    }

    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Failed => "✕",
            Self::Untold => "?",
            Self::Passed => "✓",
            Self::Skipped => "–",
        }
    }

    /// The mark in words.
    pub(super) const fn word(self, checks: &Checks) -> &Text {
        match self {
            Self::Failed => &checks.failed,
            Self::Untold => &checks.untold,
            Self::Passed => &checks.passed,
            Self::Skipped => &checks.skipped,
        }
    }
}

impl Check {
    fn new(outcome: Outcome, label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            outcome,
            label: label.into(),
            text: text.into(),
            since: None,
            code: None,
            time: None,
            take: String::new(),
            link: None,
        }
    }
}

pub(super) fn of(asked: &Asked<'_>) -> Vec<Check> {
    let rows = Rows {
        asked,
        checks: &asked.texts().inspect.check,
    };
    let made = &asked.explained.checks;
    let mut all: Vec<_> = made.iter().filter_map(|made| rows.failed(made)).collect();
    all.extend(rows.known());
    all.extend(made.iter().filter_map(|made| rows.passed(made)));
    all.extend(rows.skipped());
    all.sort_by_key(|check| check.outcome);
    all
}

struct Rows<'a> {
    asked: &'a Asked<'a>,
    checks: &'static Checks,
}

impl Rows<'_> {
    fn failed(&self, made: &CheckMade) -> Option<Check> {
        let error = made.error.as_ref()?;
        let told = faults::told(error, &self.asked.texts().inspect.fault);
        let decoded = &self.asked.decoded;
        Some(Check {
            code: match made.name {
                "iss" | "aud" => decoded.claim(made.name),
                "typ" => decoded.header("typ").map(str::to_owned),
                _ if *error == VerifyError::UnsupportedAlgorithm => decoded.header("alg").map(str::to_owned),
                _ => None,
            },
            time: decoded.time(made.name),
            take: told.take,
            ..Check::new(Outcome::Failed, self.label(made.name), told.what)
        })
    }

    /// A row for a check that passed and has something to say.
    fn passed(&self, made: &CheckMade) -> Option<Check> {
        if made.error.is_some() || made.outcome == SKIPPED {
            return None;
        }
        let (decoded, checks) = (&self.asked.decoded, self.checks);
        let passed = |text: String| Check::new(Outcome::Passed, self.label(made.name), text);
        let nothing_more = || passed(String::new());
        Some(match made.name {
            "signature" => {
                let kid = decoded.header("kid").map(str::to_owned);
                let by = if kid.is_some() {
                    &checks.by_key
                } else {
                    &checks.by_secret
                };
                let by = by.with("alg", decoded.header("alg").unwrap_or_default());
                Check {
                    code: kid,
                    ..passed(by.into())
                }
            }
            "typ" => Check {
                code: decoded.header("typ").map(str::to_owned),
                ..passed(self.kind().into())
            },
            "iss" | "aud" => Check {
                code: Some(decoded.claim(made.name)?),
                ..nothing_more()
            },
            "exp" => Check {
                time: Some(decoded.time("exp")?),
                ..nothing_more()
            },
            _ => return None,
        })
    }

    /// The checks that one before them made impossible, in one row.
    fn skipped(&self) -> Option<Check> {
        let skipped = self
            .asked
            .explained
            .checks
            .iter()
            .filter(|made| made.outcome == SKIPPED);
        let labels: Vec<_> = skipped.filter_map(|made| self.named(made.name)).collect();
        let checks = self.checks;
        let text = labels
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        (!labels.is_empty()).then(|| Check::new(Outcome::Skipped, &checks.skipped, text))
    }

    fn label(&self, name: &'static str) -> String {
        self.named(name)
            .map_or_else(|| name.to_owned(), ToString::to_string)
    }

    fn named(&self, name: &str) -> Option<&'static Text> {
        let checks = self.checks;
        Some(match name {
            "form" => &checks.form,
            "header" => &checks.header,
            "key" => &checks.key,
            "signature" => &checks.signature,
            "typ" => &checks.kind,
            "claims" => &checks.claims,
            "exp" => &checks.expiry,
            "nbf" => &checks.begin,
            "iat" => &checks.issued,
            "iss" => &checks.issuer,
            "aud" => &checks.audience,
            _ => return None,
        })
    }

    fn kind(&self) -> &'static Text {
        let checks = self.checks;
        match self.asked.explained.kind {
            Kind::Access => &checks.access,
            Kind::Refresh => &checks.refresh,
            Kind::Playground => &checks.sample,
            Kind::Unknown => &checks.unknown,
        }
    }

    /// The check that only the service can make: whether the token was revoked.
    fn known(&self) -> Option<Check> {
        let checks = self.checks;
        if self.asked.explained.is_withheld {
            let row = |text| Check::new(Outcome::Untold, &checks.revocation, text);
            return Some(match self.asked.visitor {
                Some(_) => row(&checks.of_somebody_else),
                None => Check {
                    link: Some(Link {
                        path: "/signin?return_to=%2Finspect",
                        label: &self.asked.texts().common.sign_in,
                    }),
                    ..row(&checks.sign_in)
                },
            });
        }
        let failed = |text: &Text| Some(Check::new(Outcome::Failed, &checks.revoked, text));
        match &self.asked.explained.finding {
            Finding::Accepted | Finding::Current | Finding::Replay => Some(Check::new(
                Outcome::Passed,
                &checks.revocation,
                &checks.not_revoked,
            )),
            Finding::Revoked(cause) => Some(self.revoked(*cause)),
            Finding::Reuse => failed(&checks.reuse),
            Finding::AheadOfRow => failed(&self.asked.texts().ended.ahead_of_row),
            Finding::SessionExpired => failed(&self.asked.texts().ended.expired),
            Finding::Forged => failed(&checks.forged),
            Finding::Stale => Some(Check::new(Outcome::Untold, &checks.revocation, &checks.stale)),
            Finding::SampleExpired => Some(Check {
                time: self.asked.decoded.time("exp"),
                ..Check::new(
                    Outcome::Failed,
                    &checks.expiry,
                    &self.asked.texts().inspect.fault.expired.what,
                )
            }),
            Finding::SampleInvalid => Some(Check::new(
                Outcome::Failed,
                &checks.claims,
                &checks.sample_invalid,
            )),
            Finding::Sample => Some(Check {
                time: self.asked.decoded.time("exp"),
                ..Check::new(Outcome::Passed, &checks.expiry, "")
            }),
            Finding::Failed(_) | Finding::InOrder | Finding::Foreign => None,
        }
    }

    fn revoked(&self, cause: Cause) -> Check {
        let checks = self.checks;
        let session = self.asked.explained.session.as_ref();
        let text = match cause {
            Cause::Restored => &self.asked.texts().ended.restored,
            Cause::NoUser | Cause::Unknown => &checks.no_cause,
            Cause::UserDeleted => &self.asked.texts().ended.deleted,
            Cause::UserDisabled => &self.asked.texts().ended.disabled,
            Cause::UserVersion => &checks.all_revoked,
            Cause::SessionGone => &checks.session_gone,
            Cause::Token => &checks.this_alone,
            Cause::SessionEnded(reason) => ended::told(reason, self.asked.by_its_user(), self.asked.texts()),
        };
        let at_end = session.and_then(|session| session.cause.as_ref());
        let since = at_end.filter(|_| matches!(cause, Cause::SessionEnded(_)));
        let by_user = self.asked.explained.user.as_ref();
        let by_user = by_user.and_then(|user| user.cause.as_ref());
        Check {
            since: since.map(|event| (&checks.session_ended, event.at)),
            time: by_user.filter(|_| since.is_none()).map(|event| event.at),
            link: session.map(|_| Link {
                path: "#story",
                label: &checks.story,
            }),
            ..Check::new(Outcome::Failed, &checks.revoked, text)
        }
    }
}

const SKIPPED: &str = "skipped";
