//! Fields of a form: read from a request, and shown again with what is wrong.

use std::fmt::{self, Display};

use axum::extract::{FromRequest, Request};

use super::texts::{Text, Texts};
use crate::{
    http::{ApiError, App, extract::FormBody},
    model::{
        claims::{self, ClaimsError},
        email::EmailError,
        password::PasswordError,
        role::{self, Role},
        username::UsernameError,
    },
    service::accounts::throttle::Throttled,
};

/// The fields that a form sent.
#[derive(Default)]
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

    /// Every field with its text, as they were sent.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Their names alone: a password may be among them.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
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

/// The fault of a username, in the reader's language.
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

/// The fault of a new password.
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

/// Reads the names of roles, separated by spaces or commas; or says what is wrong with them.
pub(super) fn roles<'t>(text: &str, texts: &'t Texts) -> Result<Vec<Role>, &'t Text> {
    let names = text.split(|c: char| c.is_whitespace() || c == ',');
    let roles: Result<Vec<Role>, _> = names.filter(|name| !name.is_empty()).map(str::parse).collect();
    let roles = roles.map_err(|_| &texts.wrong.role)?;
    role::fit(roles).map_err(|_| &texts.wrong.roles_too_many)
}

/// The fault of custom claims.
pub(super) fn claims(error: ClaimsError, texts: &Texts) -> String {
    let wrong = &texts.wrong;
    match error {
        ClaimsError::NotAnObject => &wrong.claims_no_object,
        ClaimsError::Reserved(name) => return wrong.claims_reserved.with("name", name).to_string(),
        ClaimsError::Duplicate => &wrong.claims_twice,
        ClaimsError::ParserName => &wrong.claims_parser,
        ClaimsError::TooLarge => return wrong.claims_large.with("count", claims::MAX_BYTES).to_string(),
        ClaimsError::TooDeep => return wrong.claims_deep.with("count", claims::MAX_DEPTH).to_string(),
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
