//! The client of a request, as it names and proves itself (RFC 6749 §2.3, RFC 7521 §4.2).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{bad, form::Form};
use crate::{
    http::{
        error::{ApiError, ErrorCode},
        extract::Counted,
        requester::{self, Requester},
        state::App,
    },
    model::{client::ClientSecret, user_agent::UserAgent},
    service::clients::{
        own_tokens::ClientError,
        proof::{AuthenticatedClient, Credentials},
    },
};

/// The one type of assertion (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Has the client of a request prove itself. A failure is counted against its address.
pub(super) async fn authenticated(
    app: &App,
    agent: &UserAgent,
    headers: &HeaderMap,
    form: &Form,
) -> Result<AuthenticatedClient, ApiError> {
    let Some(credentials) = credentials(headers, form)? else {
        return Err(invalid_client());
    };
    match app.service.authenticate_client(&credentials, agent).await {
        Ok(client) => {
            requester::note(Requester::client(client.id));
            Ok(client)
        }
        Err(ClientError::InvalidClient) => {
            Counted::count(app, agent.clone()).await?;
            Err(invalid_client())
        }
        Err(error) => Err(error.into()),
    }
}

/// With the challenge RFC 6749 §5.2 asks for.
pub(super) fn invalid_client() -> ApiError {
    const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"jeton\", charset=\"UTF-8\"");
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::InvalidClient,
        "The client is unknown, does not prove itself as it registered, or is disabled",
    )
    .with(header::WWW_AUTHENTICATE, CHALLENGE)
}

impl From<ClientError> for ApiError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::InvalidClient => invalid_client(),
            ClientError::KeysAway => ApiError::try_again(
                ErrorCode::Unavailable,
                "The client's keys cannot be fetched at this moment, try again shortly",
                5,
            ),
            ClientError::InvalidScope => bad(ErrorCode::InvalidScope, "The client may not have this scope"),
            ClientError::Unauthorized => bad(
                ErrorCode::UnauthorizedClient,
                "The client was registered without this grant type",
            ),
            ClientError::Failed(failure) => failure.into(),
        }
    }
}

/// The client as it names itself, in the one place it does so (RFC 6749 §2.3).
pub(super) fn credentials(headers: &HeaderMap, form: &Form) -> Result<Option<Credentials>, ApiError> {
    let in_header = basic(headers)?;
    let id = form.one("client_id")?.map(str::to_owned);
    let secret = form.one("client_secret")?;
    let assertion = form.one("client_assertion")?;
    let ways =
        usize::from(in_header.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some());
    if ways > 1 {
        return Err(bad(
            ErrorCode::InvalidRequest,
            "Prove the client once: in the Authorization header, by its secret in the body, or by an assertion",
        ));
    }
    if let Some((named, secret)) = in_header {
        if id.is_some_and(|id| id != named) {
            return Err(bad(
                ErrorCode::InvalidRequest,
                "`client_id` is another than in the Authorization header",
            ));
        }
        return Ok(Some(Credentials::Secret {
            id: named,
            secret: ClientSecret::presented(secret),
        }));
    }
    if let Some(assertion) = assertion {
        if form.one("client_assertion_type")? != Some(JWT_BEARER) {
            return Err(bad(
                ErrorCode::InvalidRequest,
                "`client_assertion_type` must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ));
        }
        return Ok(Some(Credentials::Assertion {
            id,
            assertion: assertion.to_owned(),
        }));
    }
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Some(Credentials::Secret {
            id,
            secret: ClientSecret::presented(secret.to_owned()),
        })),
        (None, Some(_)) => Err(bad(
            ErrorCode::InvalidRequest,
            "`client_secret` is there without `client_id`",
        )),
        (Some(id), None) => Ok(Some(Credentials::Id(id))),
        (None, None) => Ok(None),
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
