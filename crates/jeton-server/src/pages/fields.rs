//! Fields of a form: read from a request, and shown again with what is wrong.

use std::fmt::Display;

use axum::extract::{FromRequest, Request};

use super::texts::{Text, Texts};
use crate::{
    http::{ApiError, App, extract::FormBody},
    model::{email::EmailError, password::PasswordError, username::UsernameError},
    service::accounts::throttle::Throttled,
};

/// What a form sent.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The text of a field; empty where it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The text of a field; none where it was left empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|text| !text.is_empty())
    }
}

impl FromRequest<App> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let FormBody(pairs) = FormBody::from_request(request, app).await?;
        Ok(Self(pairs))
    }
}

/// A field as a page shows it. A password is never shown again.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) value: String,
    pub(super) error: Option<String>,
}

impl Field {
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: None,
        }
    }

    pub(super) fn wrong(&mut self, error: impl Display) {
        self.error = Some(error.to_string());
    }
}

/// What is wrong with a username, in the reader's language.
pub(super) fn username<'t>(error: &UsernameError, texts: &'t Texts) -> &'t Text {
    let wrong = &texts.wrong;
    match error {
        UsernameError::Empty => &wrong.required,
        UsernameError::TooLong => &wrong.name_too_long,
        UsernameError::Character => &wrong.name_character,
        UsernameError::MixedScript => &wrong.name_mixed,
    }
}

pub(super) fn email<'t>(_: &EmailError, texts: &'t Texts) -> &'t Text {
    &texts.wrong.email
}

/// What is wrong with a new password.
pub(super) fn password(error: &PasswordError, texts: &Texts) -> String {
    let wrong = &texts.wrong;
    match error {
        PasswordError::TooShort { min } => return wrong.password_short.with("count", min).to_string(),
        PasswordError::TooLong => &wrong.password_long,
        PasswordError::Common => &wrong.password_common,
        PasswordError::Control => &wrong.password_control,
        PasswordError::Blank => &wrong.password_blank,
        PasswordError::Username => &wrong.password_name,
        PasswordError::Email => &wrong.password_email,
        PasswordError::Service => &wrong.password_service,
    }
    .to_string()
}

/// How long somebody has to wait.
pub(super) fn throttled(throttled: Throttled, texts: &Texts) -> String {
    let left = throttled.retry_after();
    match throttled {
        Throttled::Wait { .. } => texts.wrong.wait.of(left.as_secs().max(1)),
        Throttled::Locked => texts.wrong.locked.to_string(),
    }
}
