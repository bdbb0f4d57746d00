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
    client::{authenticated, credentials, invalid_client},
    form::Form,
    not_yet,
};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::{ClientInfo, Counted, FormBody, RefreshToken},
        middleware::errors::OAuthErrorBody,
        requester::{self, Requester},
        state::App,
    },
    model::{ceremony::CeremonySecret, client::registration::GrantType, user_agent::UserAgent},
    service::{
        clients::proof::{AuthenticatedClient, Credentials},
        grants::{
            codes::{GrantError, Redeeming},
            tokens::GrantTokens,
        },
        machinery::claims::FIRST_PARTY,
        sessions::refresh::RefreshError,
    },
};

/// The form of a token request. Each parameter may stand there once alone, but for `resource`.
// For the document: the form itself is read by hand.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document reads it")]
#[schema(example = json!({ "grant_type": "client_credentials", "client_id": "019b0000-0000-7000-8000-000000000000", "client_secret": "…", "scope": "revocations:read" }))]
pub(in crate::http) struct TokenForm {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    grant_type: String,
    /// The client's id, unless it is in the `Authorization` header.
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(format = Password, nullable = false)]
    client_secret: Option<String>,
    /// With a client that proves itself by a key: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(nullable = false)]
    client_assertion_type: Option<String>,
    /// A JWT that the client signed (RFC 7523 §2.2).
    #[schema(nullable = false)]
    client_assertion: Option<String>,
    /// With `authorization_code`.
    #[schema(nullable = false)]
    code: Option<String>,
    /// With `authorization_code`: as in the authorization request.
    #[schema(nullable = false)]
    redirect_uri: Option<String>,
    /// With `authorization_code`: what the challenge is the hash of.
    #[schema(nullable = false)]
    code_verifier: Option<String>,
    /// Names with spaces between: fewer than granted. With `client_credentials` all the client has, unless given.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// The resource server the token is for (RFC 8707). May be there more than once.
    #[schema(nullable = false)]
    resource: Option<String>,
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
    /// With `refresh_token`, and with `authorization_code` where the client may refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Who signed in, where the scope holds `openid` (OpenID Connect Core §2).
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    /// Names with spaces between. Absent when the token has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    scope: String,
}

impl From<GrantTokens> for TokenAnswer {
    fn from(tokens: GrantTokens) -> Self {
        Self {
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: tokens.expires_in,
            refresh_token: tokens.refresh,
            id_token: tokens.id_token,
            scope: tokens.scope,
        }
    }
}

/// Gives tokens to clients.
///
/// RFC 6749 §4.1.3, §4.4 and §6; OpenID Connect Core §3.1.3. A refresh token of the service's own sessions is taken too.
#[utoipa::path(
    post, path = "/oauth/token", tag = "standards", security(("client" = []), ()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = TokenAnswer),
        (status = 400, description = "`invalid_request` (also of a body that broke off), `invalid_grant`, `unauthorized_client`, `unsupported_grant_type`, `invalid_scope` or `invalid_target`.", body = OAuthErrorBody),
        (status = 401, description = "`invalid_client`.", body = OAuthErrorBody),
        (status = 429, description = "`too_many_attempts`: with `client_credentials` from this address, with `refresh_token` in this session or grant.", body = OAuthErrorBody),
    ),
)]
pub(in crate::http) async fn token(
    State(app): State<App>,
    ClientInfo(agent): ClientInfo,
    headers: HeaderMap,
    FormBody(form): FormBody,
) -> Result<Response, ApiError> {
    let form = Form::new(form);
    let answer = match GrantType::from_name(form.needed("grant_type")?) {
        Some(GrantType::ClientCredentials) => client_credentials(&app, agent, &headers, &form).await?,
        Some(GrantType::AuthorizationCode) => code(&app, agent, &headers, &form).await?,
        Some(GrantType::RefreshToken) => refresh(&app, agent, &headers, &form).await?,
        None => {
            return Err(bad(
                ErrorCode::UnsupportedGrantType,
                "`grant_type` must be `authorization_code`, `refresh_token` or `client_credentials`",
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
    let Some(credentials) = credentials(headers, form)? else {
        return Err(invalid_client());
    };
    let scope = form.one("scope")?;
    let token = app
        .service
        .client_credentials(&credentials, scope, &agent)
        .await?;
    requester::note(Requester::client(token.client));
    Ok(TokenAnswer {
        access_token: token.access,
        token_type: "Bearer",
        expires_in: token.expires_in,
        refresh_token: None,
        id_token: None,
        scope: token.scope,
    })
}

async fn code(
    app: &App,
    agent: UserAgent,
    headers: &HeaderMap,
    form: &Form,
) -> Result<TokenAnswer, ApiError> {
    app.provides()?;
    let client = allowed(app, &agent, headers, form, GrantType::AuthorizationCode).await?;
    let redeeming = Redeeming {
        code: CeremonySecret::presented(form.needed("code")?.to_owned()),
        redirect_uri: form.one("redirect_uri")?,
        verifier: form.one("code_verifier")?,
        resources: form.all("resource"),
    };
    let tokens = app.service.redeem_code(&client, &redeeming, &agent).await?;
    Ok(tokens.into())
}

/// A client that has proven itself and may use this grant type.
async fn allowed(
    app: &App,
    agent: &UserAgent,
    headers: &HeaderMap,
    form: &Form,
    grant: GrantType,
) -> Result<AuthenticatedClient, ApiError> {
    let client = authenticated(app, agent, headers, form).await?;
    if client.registration.allows(grant) {
        Ok(client)
    } else {
        Err(bad(
            ErrorCode::UnauthorizedClient,
            "The client was registered without this grant type",
        ))
    }
}

async fn refresh(
    app: &App,
    agent: UserAgent,
    headers: &HeaderMap,
    form: &Form,
) -> Result<TokenAnswer, ApiError> {
    if is_first_party(headers, form)? {
        return refresh_session(app, form).await;
    }
    let client = allowed(app, &agent, headers, form, GrantType::RefreshToken).await?;
    let (token, scope) = (form.needed("refresh_token")?, form.one("scope")?);
    let resources = form.all("resource");
    let tokens = app
        .service
        .refresh_grant(&client, token, scope, &resources)
        .await?;
    Ok(tokens.into())
}

/// Whether it is the service's own, public client: a session's refresh token is all the proof there is.
fn is_first_party(headers: &HeaderMap, form: &Form) -> Result<bool, ApiError> {
    Ok(match credentials(headers, form)? {
        None => true,
        Some(Credentials::Id(id) | Credentials::Secret { id, .. }) => id == FIRST_PARTY,
        Some(Credentials::Assertion { .. }) => false,
    })
}

async fn refresh_session(app: &App, form: &Form) -> Result<TokenAnswer, ApiError> {
    let token = form.needed("refresh_token")?;
    let outcome = exchange(app, token).await;
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
        id_token: None,
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

impl From<GrantError> for ApiError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Invalid(why) => bad(ErrorCode::InvalidGrant, why),
            GrantError::InvalidScope => bad(ErrorCode::InvalidScope, "The grant does not hold these scopes"),
            GrantError::InvalidTarget => {
                bad(ErrorCode::InvalidTarget, "The grant is not for these resources")
            }
            GrantError::NotYet(until) => not_yet(until),
            GrantError::TooOften { left } => RefreshError::TooOften { left }.into(),
            GrantError::Failed(failure) => failure.into(),
        }
    }
}
