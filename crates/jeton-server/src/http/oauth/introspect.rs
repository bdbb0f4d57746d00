use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    bad,
    client::{authenticated, invalid_client},
    form::Form,
};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{ClientInfo, FormBody},
        middleware::errors::OAuthErrorBody,
        state::App,
    },
    service::grants::introspection::IntrospectionError,
};

/// The form that names a token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
#[schema(example = json!({ "token": "eyJ…", "client_id": "019b0000-0000-7000-8000-000000000000", "client_secret": "…" }))]
pub(in crate::http) struct TokenInQuestion {
    token: String,
    /// `access_token` or `refresh_token`; both are looked for, whatever it says.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    /// The client's id, unless it is in the `Authorization` header.
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(format = Password, nullable = false)]
    client_secret: Option<String>,
}

/// What a token is good for (RFC 7662 §2.2). Of one that is good for nothing nothing else is told.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub(in crate::http) struct IntrospectionAnswer {
    active: bool,
    #[schema(nullable = false)]
    scope: Option<String>,
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(nullable = false)]
    username: Option<String>,
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// Always `Bearer`. Absent for a refresh token.
    #[schema(nullable = false)]
    token_type: Option<String>,
    #[schema(nullable = false)]
    iss: Option<String>,
    #[schema(nullable = false)]
    sub: Option<String>,
    /// One, or a list.
    #[schema(nullable = false)]
    aud: Option<Audience>,
    #[schema(nullable = false)]
    exp: Option<i64>,
    #[schema(nullable = false)]
    iat: Option<i64>,
    #[schema(nullable = false)]
    nbf: Option<i64>,
    #[schema(nullable = false)]
    jti: Option<String>,
    /// The session or grant.
    #[schema(nullable = false)]
    sid: Option<String>,
    #[schema(nullable = false)]
    auth_time: Option<i64>,
}

/// One name, or a list.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the document reads it")]
#[schema(as = IntrospectedAudience)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Tells what a token is good for.
///
/// RFC 7662, for clients that prove themselves by a secret or a key, such as resource servers.
#[utoipa::path(
    post, path = "/oauth/introspect", tag = "standards", security(("client" = [])),
    request_body(content = TokenInQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What it is good for; signed, where `Accept` asks for that (RFC 9701).", content(
            (IntrospectionAnswer = "application/json"),
            (String = "application/token-introspection+jwt"),
        )),
        (status = 400, description = "`invalid_request`.", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`.", body = OAuthErrorBody),
        (status = 429, description = "`too_many_attempts`: clients failed to prove themselves from this address.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn introspect(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    FormBody(form): FormBody,
) -> Result<Response, ApiError> {
    let form = Form::new(form);
    let client = authenticated(&app, &agent, &headers, &form).await?;
    if client.registration.is_public() {
        // Whoever found a token would learn by it what it opens.
        return Err(invalid_client());
    }
    if client.registration.grant_types.is_empty() {
        return Err(bad(ErrorCode::UnauthorizedClient, "The client may not ask"));
    }
    let token = form.needed("token")?;
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    if wants_signed(&headers) {
        let kind = [(header::CONTENT_TYPE, SIGNED)];
        let answer = app.service.introspect_signed(&client, token).await?;
        return Ok((no_store, kind, answer).into_response());
    }
    let answer = app.service.introspect(&client, token).await?;
    Ok((no_store, Json(answer)).into_response())
}

/// The media type of a signed answer (RFC 9701 §5).
const SIGNED: &str = "application/token-introspection+jwt";

/// Whether a signed answer is asked for by name (RFC 9701 §4).
fn wants_signed(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_it = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(SIGNED));
            is_it && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

impl From<IntrospectionError> for ApiError {
    fn from(error: IntrospectionError) -> Self {
        match error {
            IntrospectionError::Unknown => Self::try_again(
                ErrorCode::RevocationStale,
                "Whether the token was revoked is not known at this moment",
                1,
            ),
            IntrospectionError::NotSigned(error) => error.into(),
            IntrospectionError::Failed(failure) => failure.into(),
        }
    }
}
