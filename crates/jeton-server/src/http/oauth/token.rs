use std::borrow::Cow;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{ClientInfo, Counted, FormBody, RefreshToken},
        middleware::errors::OAuthErrorBody,
        requester::{self, Requester},
        state::App,
    },
    model::{client::ClientSecret, user_agent::UserAgent},
    service::{
        clients::own_tokens::ClientError, machinery::claims::FIRST_PARTY, sessions::refresh::RefreshError,
    },
};

/// The form of a token request. Each parameter may stand there once alone.
// For the document: the form itself is read by hand.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
#[schema(example = json!({ "grant_type": "client_credentials", "client_id": "019b0000-0000-7000-8000-000000000000", "client_secret": "…", "scope": "revocations:read" }))]
pub(in crate::http) struct TokenForm {
    /// `client_credentials` or `refresh_token`.
    grant_type: String,
    /// With `client_credentials`: the client's id, unless it is in the `Authorization` header.
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(format = Password, nullable = false)]
    client_secret: Option<String>,
    /// With `client_credentials`: names with spaces between; all the client has, unless given.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// With `refresh_token`.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
}

/// A token answer (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct TokenAnswer {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
    /// Only with `refresh_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Names with spaces between. Absent when the token has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    scope: String,
}

/// Gives tokens to programs, and exchanges refresh tokens.
///
/// RFC 6749 §4.4 and §6.
#[utoipa::path(
    post, path = "/oauth/token", tag = "standards", security(("client" = []), ()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenAnswer),
        (status = 400, description = "`invalid_request` (also of a body that broke off), `invalid_grant`, `unauthorized_client`, `unsupported_grant_type` or `invalid_scope`.", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`.", body = OAuthErrorBody),
        (status = 429, description = "`too_many_attempts`: with `client_credentials` from this address, with `refresh_token` in this session.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn token(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    FormBody(form): FormBody,
) -> Result<Response, ApiError> {
    let form = Form(form);
    let answer = match form.needed("grant_type")?.as_ref() {
        "client_credentials" => client_credentials(&app, agent, &headers, &form).await?,
        "refresh_token" => refresh(&app, &headers, &form).await?,
        _ => {
            return Err(bad(
                ErrorCode::UnsupportedGrantType,
                "`grant_type` must be `client_credentials` or `refresh_token`",
            ));
        }
    };
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((no_store, Json(answer)).into_response())
}

async fn client_credentials(
    app: &App,
    agent: UserAgent,
    headers: &HeaderMap,
    form: &Form,
) -> Result<TokenAnswer, ApiError> {
    let agent = Counted::count(app, agent).await?.into_agent();
    let credentials = credentials(headers, form)?;
    let Some((id, secret)) = credentials else {
        return Err(invalid_client());
    };
    let scope = form.one("scope")?;
    let token = app
        .service
        .client_credentials(&id, &ClientSecret::presented(secret), scope.as_deref(), &agent)
        .await
        .map_err(|error| match error {
            ClientError::InvalidClient => invalid_client(),
            ClientError::Unauthorized => bad(
                ErrorCode::UnauthorizedClient,
                "The client is not registered for `client_credentials`",
            ),
            ClientError::InvalidScope => bad(ErrorCode::InvalidScope, "The client may not have this scope"),
            ClientError::Failed(failure) => failure.into(),
        })?;
    if let Ok(client) = id.parse() {
        requester::note(Requester::client(client));
    }
    Ok(TokenAnswer {
        access_token: token.access,
        token_type: "Bearer",
        expires_in: token.expires_in,
        refresh_token: None,
        scope: token.scope,
    })
}

/// For the service's own, public client: a session's refresh token is all the proof there is.
async fn refresh(app: &App, headers: &HeaderMap, form: &Form) -> Result<TokenAnswer, ApiError> {
    let client = credentials_or_id(headers, form)?;
    if client.is_some_and(|id| id != FIRST_PARTY) {
        return Err(bad(
            ErrorCode::UnauthorizedClient,
            "Refresh tokens belong to the client `jeton`, which has no secret",
        ));
    }
    let token = form.needed("refresh_token")?;
    let outcome = exchange(app, &token).await;
    app.metrics.refreshed(outcome.as_ref());
    outcome
}

async fn exchange(app: &App, token: &str) -> Result<TokenAnswer, ApiError> {
    let token = RefreshToken::sent(app, token).await.map_err(refused)?;
    let presented = token.presented();
    let signed_in = app.service.refresh(presented).await.map_err(refused)?;
    requester::note(Requester::user(signed_in.user, Some(presented.session())));
    Ok(TokenAnswer {
        access_token: signed_in.pair.access,
        token_type: "Bearer",
        expires_in: signed_in.pair.expires_in,
        refresh_token: signed_in.pair.refresh,
        scope: String::new(),
    })
}

fn refused(error: RefreshError) -> ApiError {
    match error {
        error @ (RefreshError::Failed(_) | RefreshError::TooOften { .. }) => error.into(),
        RefreshError::Reused => bad(
            ErrorCode::InvalidGrant,
            "This refresh token was used before, so somebody may hold a copy: its session has ended",
        ),
        RefreshError::Invalid(_) | RefreshError::Unknown | RefreshError::Expired | RefreshError::Ended => {
            bad(
                ErrorCode::InvalidGrant,
                "The refresh token is invalid, expired or revoked",
            )
        }
    }
}

fn bad(code: ErrorCode, message: &'static str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}

/// With the challenge RFC 6749 §5.2 asks for.
fn invalid_client() -> ApiError {
    const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"jeton\", charset=\"UTF-8\"");
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::InvalidClient,
        "The client is unknown, its secret is wrong, or it is disabled",
    )
    .with(header::WWW_AUTHENTICATE, CHALLENGE)
}

/// The client as it names itself, in the one place it does so (RFC 6749 §2.3).
fn credentials(headers: &HeaderMap, form: &Form) -> Result<Option<(String, String)>, ApiError> {
    let in_header = basic(headers)?;
    let in_body = match (form.one("client_id")?, form.one("client_secret")?) {
        (Some(id), Some(secret)) => Some((id.into_owned(), secret.into_owned())),
        (None, Some(_)) => {
            return Err(bad(
                ErrorCode::InvalidRequest,
                "`client_secret` is there without `client_id`",
            ));
        }
        (_, None) => None,
    };
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(bad(
            ErrorCode::InvalidRequest,
            "Send the client's secret once: in the Authorization header or in the body",
        )),
        (in_header, in_body) => Ok(in_header.or(in_body)),
    }
}

fn credentials_or_id(headers: &HeaderMap, form: &Form) -> Result<Option<String>, ApiError> {
    match credentials(headers, form)? {
        Some((id, _)) => Ok(Some(id)),
        None => Ok(form.one("client_id")?.map(Cow::into_owned)),
    }
}

/// `Authorization: Basic`, its two halves form-encoded each.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let unclear = || {
        bad(
            ErrorCode::InvalidRequest,
            "The Authorization header is not one of the scheme Basic",
        )
    };
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(unclear());
    }
    let (scheme, encoded) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(unclear)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unclear());
    }
    let decoded = base64_simd::STANDARD
        .decode_to_vec(encoded.trim())
        .map_err(|_| unclear())?;
    let text = String::from_utf8(decoded).map_err(|_| unclear())?;
    let (id, secret) = text.split_once(':').ok_or_else(unclear)?;
    Ok(Some((form_decoded(id), form_decoded(secret))))
}

/// Decodes what is encoded as a form's values are (RFC 6749 §2.3.1). A whole form it is not: `&` and `=` mean themselves.
fn form_decoded(text: &str) -> String {
    let value = text.replace('&', "%26").replace('=', "%3D");
    let decoded = form_urlencoded::parse(value.as_bytes()).next();
    decoded.map_or_else(String::new, |(decoded, _)| decoded.into_owned())
}

/// The parameters of a form. One that is sent without a value counts as left out; none may be there twice (RFC 6749
/// §3.2).
struct Form(Vec<(String, String)>);

impl Form {
    fn one(&self, name: &'static str) -> Result<Option<Cow<'_, str>>, ApiError> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some((_, value)), None) => Ok(Some(Cow::from(value.as_str())).filter(|value| !value.is_empty())),
            (Some(_), Some(_)) => Err(bad_parameter(name, "is there twice")),
        }
    }

    fn needed(&self, name: &'static str) -> Result<Cow<'_, str>, ApiError> {
        self.one(name)?.ok_or_else(|| bad_parameter(name, "is missing"))
    }
}

fn bad_parameter(name: &'static str, problem: &str) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::InvalidRequest,
        format!("`{name}` {problem}"),
    )
}
