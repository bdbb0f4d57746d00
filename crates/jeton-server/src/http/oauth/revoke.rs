use axum::{extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};

use super::{client::authenticated, form::Form, introspect::TokenInQuestion};
use crate::http::{
    error::ApiError,
    extract::{ClientInfo, FormBody},
    middleware::errors::OAuthErrorBody,
    state::App,
};

/// Revokes a token that a client has.
///
/// RFC 7009. A refresh token ends its grant, and every access token with it. The answer is the same for a token that is
/// nobody's.
#[utoipa::path(
    post, path = "/oauth/revoke", tag = "standards", security(("client" = []), ()),
    request_body(content = TokenInQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is good for nothing now."),
        (status = 400, description = "`invalid_request`.", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`.", body = OAuthErrorBody),
        (status = 429, description = "`too_many_attempts`: clients failed to prove themselves from this address.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn revoke(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    FormBody(form): FormBody,
) -> Result<impl IntoResponse, ApiError> {
    let form = Form::new(form);
    let client = authenticated(&app, &agent, &headers, &form).await?;
    app.service.revoke_own(&client, form.needed("token")?).await?;
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]))
}
