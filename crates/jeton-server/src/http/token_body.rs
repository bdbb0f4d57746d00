//! The answer that holds tokens, in the body or in cookies.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cookies::{self, Delivery},
    error::ApiError,
    extract::client_info::DEVICE,
    requester::{self, Requester},
    state::App,
};
use crate::{
    model::known_device::DeviceToken,
    service::{accounts::login::SignedIn, machinery::tokens::Pair},
};

/// Bytes of an answer that are not its tokens: more than there will be.
const BESIDE_TOKENS: usize = 512;

/// Tokens for whoever signed in.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct TokenBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    /// The access token, under the name the tutorials give it. Absent when the tokens are in cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    /// The same access token, under OAuth's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'a str>,
    /// Exchanged at `/refresh`. Absent when the tokens are in cookies, and in tokens made on a user's behalf.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    /// Always `bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
    /// Seconds until the refresh token expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_expires_in: Option<u64>,
    user_id: String,
    /// Only with cookies: repeat it in the header `X-CSRF-Token` of every request that changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// Answers with the tokens of a session.
pub(super) fn answer(
    app: &App,
    signed_in: SignedIn,
    message: Option<&'static str>,
    delivery: Delivery,
) -> Result<Response, ApiError> {
    let SignedIn { user, pair, device } = signed_in;
    requester::note(Requester::user(user, Some(pair.session)));
    let body = TokenBody {
        message,
        token_type: "bearer",
        expires_in: pair.expires_in,
        refresh_expires_in: pair.refresh_expires_in,
        user_id: user.to_string(),
        ..TokenBody::default()
    };
    let mut response = match delivery {
        Delivery::Body => in_body(body, &pair)?,
        Delivery::Cookies => in_cookies(app, body, &pair)?,
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(token) = device {
        match delivery {
            Delivery::Body => headers.append(DEVICE, in_header(&token)?),
            Delivery::Cookies => headers.append(header::SET_COOKIE, cookies::set_device(app, &token)?),
        };
    }
    Ok(response)
}

fn in_header(token: &DeviceToken) -> Result<HeaderValue, ApiError> {
    let mut value = HeaderValue::try_from(token.to_string()).map_err(|_| ApiError::internal())?;
    value.set_sensitive(true);
    Ok(value)
}

fn in_body(body: TokenBody<'_>, pair: &Pair) -> Result<Response, ApiError> {
    json(&TokenBody {
        token: Some(&pair.access),
        access_token: Some(&pair.access),
        refresh_token: pair.refresh.as_deref(),
        ..body
    })
}

fn in_cookies(app: &App, body: TokenBody<'_>, pair: &Pair) -> Result<Response, ApiError> {
    let (cookies, csrf) = cookies::set(app, pair)?;
    let mut response = json(&TokenBody {
        csrf_token: Some(csrf),
        ..body
    })?;
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Written into room that is sure to do, instead of growing with each token.
fn json(body: &TokenBody<'_>) -> Result<Response, ApiError> {
    let tokens = [body.token, body.access_token, body.refresh_token];
    let length: usize = tokens.iter().flatten().map(|token| token.len()).sum();
    let mut bytes = Vec::with_capacity(length + BESIDE_TOKENS);
    serde_json::to_writer(&mut bytes, body).map_err(|_| ApiError::internal())?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], bytes).into_response())
}
