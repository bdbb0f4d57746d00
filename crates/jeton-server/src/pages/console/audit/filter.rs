use std::time::Duration;

use serde::Deserialize;

use crate::{
    http::{ApiError, App},
    model::{
        audit::Action,
        id::{SessionId, UserId},
        time::Timestamp,
        username::UsernameKey,
    },
    pages::{
        fields::Field,
        texts::{Text, Texts},
    },
    service::{
        accounts::admin::{AdminError, Administrator},
        audit::Search,
    },
};

const DAY: Duration = Duration::from_hours(24);

/// The form over the list, as it was filled in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// A name, or an id.
    user: String,
    pub(super) action: String,
    session: String,
    /// Days, in UTC.
    from: String,
    to: String,
    /// The number of the last event of the page before.
    pub(super) before: Option<i64>,
}

/// The fields of the form.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) user: Field,
    pub(super) action: String,
    pub(super) session: Field,
    pub(super) from: Field,
    pub(super) to: Field,
}

impl Filter {
    pub(super) fn of(typed: &Typed) -> Self {
        let field = |text: &str| Field::new(text.trim());
        Self {
            user: field(&typed.user),
            action: typed.action.clone(),
            session: field(&typed.session),
            from: field(&typed.from),
            to: field(&typed.to),
        }
    }

    /// The events that the form asks for; none where a field is wrong, which it says then.
    pub(super) async fn wanted(
        &mut self,
        app: &App,
        by: &Administrator,
        texts: &Texts,
    ) -> Result<Option<Search>, ApiError> {
        let wrong = &texts.console.audit;
        let user = if self.user.value.is_empty() {
            None
        } else {
            let Some(id) = user(app, by, &self.user.value).await? else {
                self.user.wrong(&wrong.no_such_user);
                return Ok(None);
            };
            Some(id)
        };
        let session = read(
            &mut self.session,
            |text| text.parse::<SessionId>().ok(),
            &wrong.no_such_session,
        );
        let since = read(&mut self.from, day, &wrong.no_day);
        let until = read(&mut self.to, day, &wrong.no_day);
        let (Ok(session), Ok(since), Ok(until)) = (session, since, until) else {
            return Ok(None);
        };
        Ok(Some(Search {
            user,
            session,
            action: self.action.parse::<Action>().ok(),
            since,
            until: until.map(|day| day.plus(DAY)),
            ..Search::default()
        }))
    }

    /// The query that asks for the same.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("user", &self.user.value),
            ("action", &self.action),
            ("session", &self.session.value),
            ("from", &self.from.value),
            ("to", &self.to.value),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// Reads a field that may be empty.
fn read<T>(field: &mut Field, parse: impl Fn(&str) -> Option<T>, wrong: &Text) -> Result<Option<T>, ()> {
    if field.value.is_empty() {
        return Ok(None);
    }
    let Some(read) = parse(&field.value) else {
        field.wrong(wrong);
        return Err(());
    };
    Ok(Some(read))
}

/// The beginning of a day, as in `2026-11-29`.
fn day(text: &str) -> Option<Timestamp> {
    format!("{text}T00:00:00Z").parse().ok()
}

/// A user by name or id; by id also when there is no such user any more: what happened to them stays.
async fn user(app: &App, by: &Administrator, text: &str) -> Result<Option<UserId>, ApiError> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    let Ok(name) = UsernameKey::parse(text) else {
        return Ok(None);
    };
    match app.service.administration(by).find_by_name(&name).await {
        Ok(user) => Ok(Some(user.id)),
        Err(AdminError::UserNotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
