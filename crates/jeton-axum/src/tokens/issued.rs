//! Tokens that were issued, and why one was not.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::CACHE_CONTROL};
use jeton::IssueError;
use serde::Serialize;

use crate::{cookies::CookieError, csrf::NoRandomness};

/// A token that was issued, with what an application keeps of it or says about it.
///
/// ```
/// use axum::Json;
/// use jeton_axum::{Identity, Issued, NotIssued, Tokens};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// fn token_body(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<Json<serde_json::Value>, NotIssued> {
///     let Issued { text, lifetime, .. } = tokens.access_token(user).create()?;
///     Ok(Json(serde_json::json!({ "access_token": text, "expires_in": lifetime.as_secs() })))
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Issued {
    /// The token itself.
    pub text: String,
    /// Its `jti`, by which it can be revoked.
    pub id: String,
    /// Its `exp`.
    pub expires_at: SystemTime,
    /// How long it lives, in whole seconds.
    pub lifetime: Duration,
}

impl Issued {
    pub(super) fn new(text: String, id: String, now: SystemTime, lifetime: Duration) -> Self {
        let [now, lifetime] = [now.duration_since(UNIX_EPOCH).unwrap_or_default(), lifetime]
            .map(|time| Duration::from_secs(time.as_secs()));
        Self {
            text,
            id,
            // As the token itself has it: one that ends later than any clock shows is not issued.
            expires_at: UNIX_EPOCH + now.saturating_add(lifetime),
            lifetime,
        }
    }
}

/// `Debug` does not show the token.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why a user got no token: a mistake in the application, answered with 500 `token_not_issued`.
///
/// All that can go wrong when a handler signs somebody in becomes one of these, so that `?` will do. The answer says
/// nothing of the reason; a layer finds it among the answer's extensions.
///
/// ```
/// use axum::response::IntoResponse;
/// use jeton_axum::{Identity, NotIssued, Tokens, cookies::Cookies, csrf::Csrf};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// fn sign_in(
///     tokens: &Tokens<Access>, cookies: &Cookies, csrf: &Csrf, user: &impl Identity<Access>, session: &str,
/// ) -> Result<impl IntoResponse, NotIssued> {
///     let access = tokens.access_token(user).create()?;
///     let proof = csrf.new_token(session.as_bytes())?;
///     Ok((cookies.signed_in(&access, None, Some(&proof))?, "Welcome"))
/// }
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotIssued {
    /// The token cannot be issued.
    #[error(transparent)]
    Token(#[from] IssueError),
    /// The cookie for it cannot be written.
    #[error(transparent)]
    Cookie(#[from] CookieError),
    /// There is no CSRF token to go with it.
    #[error(transparent)]
    Csrf(#[from] NoRandomness),
}

impl IntoResponse for NotIssued {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: &'static str,
            message: &'static str,
        }
        let body = Body {
            error: "token_not_issued",
            message: "The token could not be issued",
        };
        let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        let mut response = (StatusCode::INTERNAL_SERVER_ERROR, no_store, Json(body)).into_response();
        response.extensions_mut().insert(self);
        response
    }
}
