use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{bad, client::authenticated, form::Form};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{ClientInfo, Counted, FormBody},
        middleware::errors::OAuthErrorBody,
        state::App,
    },
    model::authorization::{AuthorizationError, Certain, Refusal},
    service::grants::pushed::PUSHED_FOR,
};

/// An authorization request, pushed beforehand (RFC 9126 §2.1): what would stand in the query of `/oauth/authorize`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
#[schema(example = json!({ "response_type": "code", "client_id": "019b0000-0000-7000-8000-000000000000", "client_secret": "…", "redirect_uri": "https://app.example/callback", "scope": "openid", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256" }))]
pub(in crate::http) struct PushedRequest {
    response_type: String,
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(format = Password, nullable = false)]
    client_secret: Option<String>,
    redirect_uri: String,
    #[schema(nullable = false)]
    scope: Option<String>,
    #[schema(nullable = false)]
    state: Option<String>,
    #[schema(nullable = false)]
    code_challenge: Option<String>,
    #[schema(nullable = false)]
    code_challenge_method: Option<String>,
}

/// The reference to what was pushed.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct PushedAnswer {
    /// For `/oauth/authorize`, beside `client_id`; good once.
    request_uri: String,
    /// Seconds until it is good no more.
    expires_in: u64,
}

/// Takes an authorization request beforehand.
///
/// RFC 9126: its parameters do not travel through the browser, and what is wrong with them is told to the client at once.
#[utoipa::path(
    post, path = "/oauth/par", tag = "standards", security(("client" = []), ()),
    request_body(content = PushedRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 201, description = "It is kept for a minute and a half.", body = PushedAnswer),
        (status = 400, description = "`invalid_request` and the other codes of RFC 6749 §4.1.2.1.", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`.", body = OAuthErrorBody),
        (status = 404, description = "`provider_off`.", body = OAuthErrorBody),
        (status = 429, description = "`too_many_attempts`: clients failed to prove themselves from this address.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn push(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    FormBody(form): FormBody,
) -> Result<Response, ApiError> {
    app.provides()?;
    let form = Form::new(form);
    let client = authenticated(&app, &agent, &headers, &form).await?;
    if client.registration.is_public() {
        // Its id is all that it takes.
        Counted::count(&app, agent).await?;
    }
    if form.one("request_uri")?.is_some() {
        return Err(bad(
            ErrorCode::InvalidRequest,
            "`request_uri` is not pushed (RFC 9126 §2.1)",
        ));
    }
    let certain = Certain::of(&form.0, &client).map_err(|doubt| {
        bad(
            ErrorCode::InvalidRequest,
            format!("The request cannot be taken: {doubt}"),
        )
    })?;
    let request = certain.read(&form.0).map_err(|refusal| refused(&refusal))?;
    let request_uri = app.service.push_request(&client, request).await?;
    let answer = PushedAnswer {
        request_uri,
        expires_in: PUSHED_FOR.as_secs(),
    };
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, no_store, Json(answer)).into_response())
}

fn refused(refusal: &Refusal) -> ApiError {
    let code = match refusal.error {
        AuthorizationError::InvalidScope => ErrorCode::InvalidScope,
        AuthorizationError::InvalidTarget => ErrorCode::InvalidTarget,
        AuthorizationError::UnsupportedResponseType => ErrorCode::UnsupportedResponseType,
        _ => ErrorCode::InvalidRequest,
    };
    bad(code, refusal.description)
}
