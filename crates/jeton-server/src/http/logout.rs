use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use jeton_axum::Rejection;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

use super::{
    cookies,
    error::ApiError,
    extract::{CurrentUser, HeadAndBody, OptionalJsonBody, RefreshToken},
    middleware::errors::ErrorBody,
    state::App,
};
use crate::service::sessions::logout::LogoutScope;

#[derive(Default, Deserialize, ToSchema)]
#[schema(example = json!({ "scope": "session" }))]
pub(super) struct LogoutBody {
    #[serde(default)]
    scope: LogoutScope,
    /// For when the access token has expired and the refresh token is in no cookie.
    refresh_token: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct LoggedOut {
    #[schema(example = "Logged out")]
    message: &'static str,
}

/// Ends sessions.
///
/// Their tokens, access tokens included, are refused from this answer on.
#[utoipa::path(
    post, path = "/logout", tag = "sessions", request_body = Option<LogoutBody>,
    security(("bearer" = []), ("refresh" = []), ("cookie" = []), ()),
    responses(
        (status = 200, description = "The sessions have ended; cookies are cleared.", body = LoggedOut),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired`, `token_revoked` or `token_reused`.", body = ErrorBody),
        (status = 403, description = "`csrf_failed`.", body = ErrorBody),
    ),
)]
pub(super) async fn logout(
    State(app): State<App>,
    HeadAndBody(parts, OptionalJsonBody(body)): HeadAndBody<OptionalJsonBody<LogoutBody>>,
) -> Result<Response, ApiError> {
    let LogoutBody { scope, refresh_token } = body.unwrap_or_default();
    match app.guard.authenticate(&parts) {
        Ok(Some(token)) => {
            let user = CurrentUser::of(&token)?;
            app.service.logout(&user, scope).await?;
        }
        Err(rejection @ Rejection::Expired(_))
            if refresh_token.is_none() && parts.headers.contains_key(header::AUTHORIZATION) =>
        {
            // What has expired is in the header, and no refresh token beside it.
            return Err(ApiError::from(&rejection));
        }
        Ok(None) | Err(Rejection::Expired(_) | Rejection::Invalid(_)) => {
            // No access token, or one past its time: perhaps a refresh token.
            let token = RefreshToken::of(&app, &parts, refresh_token.as_deref()).await?;
            let ended = app.service.logout_with_refresh(token.presented(), scope).await;
            ended.map_err(|error| token.refuse(&app, error))?;
        }
        Err(rejection) => return Err(rejection.into()),
    }
    Ok(logged_out(&app, scope))
}

fn logged_out(app: &App, scope: LogoutScope) -> Response {
    let mut response = Json(LoggedOut {
        message: "Logged out",
    })
    .into_response();
    if !matches!(scope, LogoutScope::Others) {
        for cookie in cookies::cleared(app) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl PartialSchema for LogoutScope {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Which sessions end: this one, every other, or every one."))
            .enum_values(Some(Self::NAMES.map(|(name, _)| name)))
            .into()
    }
}

impl ToSchema for LogoutScope {}
