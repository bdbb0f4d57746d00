use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use http::StatusCode;

use super::frame::{Place, frame};
use crate::{
    http::{ApiError, App},
    pages::{
        answer,
        frame::Frame,
        request::AdminPage,
        texts::{SettingTexts, Text},
    },
    service::doctor::{self, Check, SettingInForce, Severity},
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(show))
}

/// The settings in force, and what they lack.
#[derive(Template)]
#[template(path = "console/settings.html")]
struct SettingsPage {
    frame: Frame,
    settings: Vec<SettingInForce>,
    lacking: Vec<Check>,
    fine: Vec<Check>,
}

impl SettingsPage {
    fn passed(&self) -> String {
        self.frame.t.console.settings.fine.of(self.fine.len() as u64)
    }
}

async fn show(State(app): State<App>, admin: AdminPage) -> Result<Response, ApiError> {
    let checks = doctor::examine(&app.setup, &app.service.context()).await?;
    let (fine, lacking) = checks.into_iter().partition(|check| check.ok);
    let page = SettingsPage {
        frame: frame(&admin.signed_in, Place::Settings),
        settings: app.setup.settings.clone(),
        lacking,
        fine,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

impl SettingTexts {
    /// A check's finding, in the reader's language; as the command line says it where that is English.
    pub(in crate::pages) fn found(&self, check: &Check) -> String {
        let Some(words) = self.checks.get(check.id) else {
            return check.message.clone();
        };
        let text = if check.ok { &words.good } else { &words.bad };
        text.with("value", &check.value).to_string()
    }

    pub(in crate::pages) const fn severity(&self, check: &Check) -> &Text {
        match check.severity {
            Severity::Error => &self.error,
            Severity::Warning => &self.warning,
            Severity::Info => &self.info,
        }
    }

    /// Where a value came from, in the reader's language.
    pub(in crate::pages) fn origin_of(&self, origin: &str) -> String {
        let found = self.origins.get(origin);
        found.map_or_else(|| origin.to_owned(), ToString::to_string)
    }
}

#[cfg(test)]
mod tests {
    use crate::{model::locale::Locale, service::doctor::IDS};

    /// The English sentences are the command line's own.
    #[test]
    fn every_check_has_german_words() {
        let words = &Locale::German.texts().console.settings.checks;
        for id in IDS {
            assert!(words.contains_key(id), "{id}");
        }
        assert_eq!(words.len(), IDS.len());
    }
}
