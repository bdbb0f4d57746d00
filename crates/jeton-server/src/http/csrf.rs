use axum::{extract::State, response::IntoResponse};
use http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cookies,
    error::{ApiError, ErrorCode},
    middleware::{errors::ErrorBody, same_site},
    no_store::NoStore,
    state::App,
};

/// The CSRF token of a session in cookies.
#[derive(Serialize, ToSchema)]
pub(super) struct CsrfBody {
    /// Repeat it in the header `X-CSRF-Token` of every request that changes something. It stays the same for as long as
    /// the session lives.
    csrf_token: String,
}

/// Gives the CSRF token of the session in cookies again.
///
/// For a page that was loaded anew and cannot read the service's cookies, because it has another host. The session is
/// that of the refresh cookie, so the token is to be had when the access cookie is gone and `/refresh` asks for it.
/// Whether the session still lives, other routes say.
#[utoipa::path(
    get, path = "/csrf", tag = "sessions", security(("refresh_cookie" = [])),
    responses(
        (status = 200, description = "The token.", body = CsrfBody),
        (status = 401, description = "`token_missing`: there are no cookies, or an `Authorization` header hides them; `invalid_token` or `token_expired`.", body = ErrorBody),
        (status = 403, description = "`cross_site`: a page of another site asks, whose browser sends no cookies.", body = ErrorBody),
    ),
)]
pub(super) async fn csrf(State(app): State<App>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    // Who has a token in the header needs none of these.
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(ApiError::token_missing());
    }
    let Some(token) = cookies::refresh_token(&app, &headers)? else {
        return Err(no_cookies(&headers));
    };
    let session = app.service.read_refresh(token).await?.session();
    let body = CsrfBody {
        csrf_token: cookies::csrf_token(&app, session)?,
    };
    Ok(NoStore(body))
}

fn no_cookies(headers: &HeaderMap) -> ApiError {
    if same_site::is_cross_site(headers) {
        return ApiError::forbidden(
            ErrorCode::CrossSite,
            "Browsers send no cookies with what a page of another site asks: serve the page from the service's own site",
        );
    }
    ApiError::token_missing()
}
