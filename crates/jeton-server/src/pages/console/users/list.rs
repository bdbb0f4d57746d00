use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;

use crate::{
    http::{ApiError, App, extract::Query},
    model::{id::UserId, user::User},
    pages::{
        answer,
        console::frame::{Place, frame},
        fields::Field,
        frame::Frame,
        request::AdminPage,
    },
    service::accounts::admin::{self, AdminError, Administration, Page},
};

/// How many users a page has.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/users.html")]
struct UsersPage {
    frame: Frame,
    search: Search,
    role: Field,
    users: Vec<User>,
    /// The address of the next page.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    /// The beginning of a name or of an address; or an id.
    q: String,
    role: String,
    /// `enabled`, `disabled`, or either.
    state: String,
    /// The last user of the page before.
    after: String,
    /// The act that led to this page.
    done: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Query(search): Query<Search>,
    admin: AdminPage,
) -> Result<Response, ApiError> {
    let mut page = UsersPage {
        frame: frame(&admin.signed_in, Place::Users),
        role: Field::new(search.role.trim()),
        search,
        users: Vec::new(),
        next: None,
    };
    let Some(query) = page.query() else {
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let administration = app.service.administration(&admin.administrator);
    let found = match page.search.q.trim().parse() {
        Ok(id) => by_id(&administration, id).await?,
        Err(_) => administration.search(query).await?,
    };
    page.next = found.next.map(|last| page.search.going_on_after(last));
    page.users = found.users;
    Ok(answer::page(StatusCode::OK, &page))
}

async fn by_id(administration: &Administration<'_>, id: UserId) -> Result<Page, ApiError> {
    let users = match administration.find(id).await {
        Ok(user) => vec![user],
        Err(AdminError::UserNotFound) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(Page { users, next: None })
}

impl UsersPage {
    /// The search; none where the role cannot be one, which its field then says.
    fn query(&mut self) -> Option<admin::Search> {
        let role = Some(self.role.value.as_str()).filter(|name| !name.is_empty());
        let Ok(role) = role.map(str::parse).transpose() else {
            self.role.wrong(&self.frame.t.wrong.role);
            return None;
        };
        let plain: String = self.search.q.chars().filter(|c| !c.is_control()).collect();
        Some(admin::Search {
            // Every name begins with nothing, and names have an index for each condition.
            text: Some(plain.trim().to_owned()).filter(|_| self.search.narrows()),
            role,
            disabled: match self.search.state.as_str() {
                "enabled" => Some(false),
                "disabled" => Some(true),
                _ => None,
            },
            after: self.search.after.parse().ok(),
            limit: PAGE,
        })
    }
}

impl Search {
    /// Whether anything narrows the list.
    fn narrows(&self) -> bool {
        !(self.q.is_empty() && self.role.is_empty() && self.state.is_empty())
    }

    fn going_on_after(&self, last: UserId) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("role", &self.role), ("state", &self.state)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", &last.to_string());
        format!("/console/users?{}", query.finish())
    }
}
