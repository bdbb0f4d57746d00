use axum::{
    Json,
    extract::{FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jeton::VerifyError;
use utoipa::ToSchema;

use super::{bad, form::Form};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::FormBody,
        middleware::errors::OAuthErrorBody,
        state::App,
    },
    service::grants::userinfo::{UserInfo, UserInfoError},
};

/// What the client may know of the user (OpenID Connect Core §5.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
pub(in crate::http) struct UserInfoBody {
    sub: String,
    /// With the scope `profile`.
    #[schema(nullable = false)]
    preferred_username: Option<String>,
    /// The same.
    #[schema(nullable = false)]
    name: Option<String>,
    /// With the scope `profile`, where the user chose a language.
    #[schema(nullable = false)]
    locale: Option<String>,
    /// With the scope `email`.
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false)]
    email_verified: Option<bool>,
    /// With the scope `roles`.
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// The same, by the name other programs look for.
    #[schema(nullable = false)]
    groups: Option<Vec<String>>,
}

/// The token, where it is not in the header.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
#[schema(example = json!({ "access_token": "eyJ…" }))]
pub(in crate::http) struct TokenInForm {
    #[schema(nullable = false)]
    access_token: Option<String>,
}

/// Tells a client who signed in.
///
/// OpenID Connect Core §5.3, for an access token with the scope `openid`.
#[utoipa::path(
    get, path = "/oauth/userinfo", tag = "standards", security(("bearer" = [])),
    responses(
        (status = 200, description = "The user's claims; signed, for a client that registered for it.", content(
            (UserInfoBody = "application/json"),
            (String = "application/jwt"),
        )),
        (status = 400, description = "`invalid_request`.", body = OAuthErrorBody),
        (status = 401, description = "`token_missing` or `invalid_token`.", body = OAuthErrorBody),
        (status = 403, description = "`insufficient_scope`: the token lacks `openid`.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let token = in_header(&headers)?.ok_or_else(ApiError::token_missing)?;
    tell(&app, token).await
}

/// Tells a client who signed in, asked by POST.
///
/// The token is in the header, or in the form as `access_token` (RFC 6750 §2.2).
#[utoipa::path(
    post, path = "/oauth/userinfo", tag = "standards", security(("bearer" = [])),
    request_body(content = Option<TokenInForm>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The user's claims; signed, for a client that registered for it.", content(
            (UserInfoBody = "application/json"),
            (String = "application/jwt"),
        )),
        (status = 400, description = "`invalid_request`.", body = OAuthErrorBody),
        (status = 401, description = "`token_missing` or `invalid_token`.", body = OAuthErrorBody),
        (status = 403, description = "`insufficient_scope`: the token lacks `openid`.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, ApiError> {
    debug_assert_eq!(request.method(), Method::POST);
    let in_header = in_header(&headers)?.map(str::to_owned);
    let is_form = headers.contains_key(header::CONTENT_TYPE);
    let in_body = if is_form {
        let FormBody(pairs) = FormBody::from_request(request, &app).await?;
        Form::new(pairs).one("access_token")?.map(str::to_owned)
    } else {
        None
    };
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(bad(
            ErrorCode::InvalidRequest,
            "Send the token once (RFC 6750 §2)",
        )),
        (Some(token), None) | (None, Some(token)) => tell(&app, &token).await,
        (None, None) => Err(ApiError::token_missing()),
    }
}

fn in_header(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let unclear = || {
        bad(
            ErrorCode::InvalidRequest,
            "The Authorization header is not one of the scheme Bearer",
        )
    };
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(unclear());
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(unclear)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(unclear())
    }
}

async fn tell(app: &App, token: &str) -> Result<Response, ApiError> {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    Ok(match app.service.userinfo(token).await? {
        UserInfo::Plain(claims) => (no_store, Json(claims)).into_response(),
        UserInfo::Signed(jwt) => {
            let kind = [(header::CONTENT_TYPE, "application/jwt")];
            (no_store, kind, jwt).into_response()
        }
    })
}

impl From<UserInfoError> for ApiError {
    fn from(error: UserInfoError) -> Self {
        let invalid = |message| ApiError::bad_token(ErrorCode::InvalidToken, message);
        match error {
            UserInfoError::Invalid(VerifyError::Expired { .. }) => invalid("Token has expired"),
            UserInfoError::Invalid(_) => invalid("Invalid token"),
            UserInfoError::Revoked => invalid("Token has been revoked"),
            UserInfoError::InsufficientScope => {
                const CHALLENGE: HeaderValue = HeaderValue::from_static(
                    "Bearer realm=\"jeton\", error=\"insufficient_scope\", scope=\"openid\"",
                );
                ApiError::new(
                    StatusCode::FORBIDDEN,
                    ErrorCode::InsufficientScope,
                    "The token lacks the scope `openid`",
                )
                .with(header::WWW_AUTHENTICATE, CHALLENGE)
            }
            UserInfoError::Unknown => ApiError::try_again(
                ErrorCode::RevocationStale,
                "Whether the token was revoked is not known at this moment",
                1,
            ),
            UserInfoError::NotSigned(error) => error.into(),
            UserInfoError::Failed(failure) => failure.into(),
        }
    }
}
