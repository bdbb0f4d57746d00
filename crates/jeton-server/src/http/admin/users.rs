use axum::{extract::State, response::IntoResponse};
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{
        error::ApiError,
        extract::{Administrator, JsonBody, Query, RecentAdministrator},
        middleware::errors::ErrorBody,
        no_store::NoStore,
        state::App,
    },
    model::{
        claims::PresentedClaims,
        password::{NewPassword, Password},
        reset_code::IssuedCode,
        role::{self, Role},
        user::User,
        username::Username,
    },
    service::accounts::register::NewAccount,
    store::UserQuery,
};

pub(in crate::http) mod id;

/// How many users a page has unless asked otherwise, and at most.
const PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 200;

/// A user as administrators see them.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserRecord {
    id: String,
    username: String,
    email: Option<String>,
    roles: Vec<String>,
    /// Claims of the user's access tokens beside the service's own.
    claims: Map<String, Value>,
    disabled: bool,
    /// Seconds since the epoch.
    created_at: i64,
}

impl UserRecord {
    fn new(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.to_string(),
            email: user.email.map(|email| email.as_str().to_owned()),
            roles: user.roles.iter().map(ToString::to_string).collect(),
            claims: user.claims.members().clone(),
            disabled: user.disabled,
            created_at: user.created_at.seconds(),
        }
    }
}

/// A code that sets a new password, once. It is shown in this answer and nowhere else.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ResetCodeBody {
    #[schema(example = "jr_3q2-796tvu_erb7v3q2-7w")]
    code: String,
    /// Seconds since the epoch.
    expires_at: i64,
}

impl ResetCodeBody {
    fn new(issued: &IssuedCode) -> Self {
        Self {
            code: issued.code.expose().to_owned(),
            expires_at: issued.until.seconds(),
        }
    }
}

/// Which users to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ListQuery {
    /// A part of the name or the e-mail address, whatever its case.
    search: Option<String>,
    /// Only those who have this role.
    role: Option<String>,
    /// Only those who are disabled, or only those who are not.
    disabled: Option<bool>,
    /// At most this many; 50 unless given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where to go on: `next` of the answer before.
    after: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct UserList {
    /// In the order in which they were made.
    users: Vec<UserRecord>,
    /// Where the list goes on; null at its end.
    next: Option<String>,
}

/// Lists users.
#[utoipa::path(
    get, path = "/admin/users", tag = "administration", security(("bearer" = []), ("cookie" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of the list.", body = UserList),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator.", body = ErrorBody),
        (status = 422, description = "`invalid_request`: a parameter is unknown or has a wrong value.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<App>,
    admin: Administrator,
    Query(query): Query<ListQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let page = app.service.administration(&admin).list(query.check()?).await?;
    let list = UserList {
        users: page.users.into_iter().map(UserRecord::new).collect(),
        next: page.next.map(|id| id.to_string()),
    };
    Ok(NoStore(list))
}

impl ListQuery {
    fn check(self) -> Result<UserQuery, ApiError> {
        let limit = self.limit.unwrap_or(PAGE);
        if !(1..=LONGEST_PAGE).contains(&limit) {
            return Err(ApiError::invalid(format!(
                "`limit` must be between 1 and {LONGEST_PAGE}"
            )));
        }
        let after = self.after.map(|id| id.parse()).transpose();
        if self
            .search
            .as_deref()
            .is_some_and(|text| text.contains(char::is_control))
        {
            return Err(ApiError::invalid(
                "`search` has control characters, which no name has",
            ));
        }
        Ok(UserQuery {
            begins_with: None,
            search: self.search.filter(|text| !text.is_empty()),
            role: self.role.map(|name| name.parse()).transpose()?,
            disabled: self.disabled,
            after: after.map_err(|_| ApiError::invalid("`after` is not what `next` said"))?,
            limit,
        })
    }
}

/// An account to be made. A member it does not name is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "username": "Romel", "roles": ["editor"] }))]
pub(in crate::http) struct NewUserBody {
    #[schema(example = "Romel")]
    username: String,
    /// Left out, the answer has a code with which the user sets one.
    #[schema(format = Password)]
    password: Option<String>,
    email: Option<String>,
    /// Names of 1 to 64 characters of `a-z`, `0-9`, `-`, `_`, `.` and `:`.
    #[serde(default)]
    roles: Vec<String>,
    /// Claims of the user's access tokens beside the service's own, which it may not name; at most 2 KiB.
    #[serde(default)]
    #[schema(value_type = Object)]
    claims: PresentedClaims,
}

#[derive(Serialize, ToSchema)]
pub(in crate::http) struct NewUser {
    user: UserRecord,
    /// Only for an account without a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<ResetCodeBody>,
}

/// Makes an account for somebody.
///
/// Whether or not registration is open.
#[utoipa::path(
    post, path = "/admin/users", tag = "administration", request_body = NewUserBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 201, description = "The account exists.", body = NewUser),
        (status = 400, description = "`username_taken`: the name, or one that looks like it, belongs to somebody.", body = ErrorBody),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked`, or `insufficient_user_authentication`: signed in more than 15 minutes ago.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: not an administrator; or `csrf_failed`.", body = ErrorBody),
        (status = 422, description = "`weak_password` or `invalid_request`.", body = ErrorBody),
    ),
)]
pub(in crate::http) async fn create(
    State(app): State<App>,
    admin: RecentAdministrator,
    JsonBody(body): JsonBody<NewUserBody>,
) -> Result<impl IntoResponse, ApiError> {
    let min_chars = app.service.rules().password_min_chars;
    let password = body.password.map(Password::presented);
    let account = NewAccount {
        username: Username::parse(&body.username)?,
        email: body.email.map(|text| text.parse()).transpose()?,
        roles: parse_roles(&body.roles)?,
        claims: body.claims.check()?,
        password: password
            .map(|password| NewPassword::choose(password, min_chars))
            .transpose()?,
    };
    let created = app.service.create_account(&admin, account).await?;
    let body = NewUser {
        user: UserRecord::new(created.user),
        reset: created.code.as_ref().map(ResetCodeBody::new),
    };
    Ok((StatusCode::CREATED, NoStore(body)))
}

fn parse_roles(names: &[String]) -> Result<Vec<Role>, ApiError> {
    let roles = names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
    role::fit(roles).map_err(|error| ApiError::invalid(error.to_string()))
}

/// A member that is there, though it may be null: absent and null are not the same.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
