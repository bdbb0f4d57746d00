//! JSON bodies, read with the answers they deserve: 413, 415, 400, 422. Nothing sent is repeated.

use std::{borrow::Cow, marker::PhantomData};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::{Buf, Bytes};
use http::{HeaderMap, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use jeton::{JsonError, json};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed},
};

use crate::http::error::{ApiError, ErrorCode};

/// The largest body that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 256 * 1024;

/// How much more of an oversize body is thrown away before answering: a client that is still sending would
/// otherwise lose the answer to a reset connection.
const DRAIN_BYTES: usize = 16 * 1024 * 1024;

/// A request's body as JSON.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A request's body as JSON, if there is one.
#[derive(Debug)]
pub(crate) struct OptionalJsonBody<T>(pub(crate) Option<T>);

/// A body beside the head it came with, which axum's own extractor would copy.
#[derive(Debug)]
pub(crate) struct HeadAndBody<B>(pub(crate) Parts, pub(crate) B);

/// Types that a request's body can be read as.
pub(crate) trait FromBody: Sized {
    fn read(headers: &HeaderMap, body: Body) -> impl Future<Output = Result<Self, ApiError>> + Send;
}

impl<S: Send + Sync, B: FromBody> FromRequest<S> for HeadAndBody<B> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = B::read(&parts.headers, body).await?;
        Ok(Self(parts, body))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        HeadAndBody::from_request(request, state)
            .await
            .map(|HeadAndBody(_, body)| body)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        HeadAndBody::from_request(request, state)
            .await
            .map(|HeadAndBody(_, body)| body)
    }
}

impl<T: DeserializeOwned> FromBody for JsonBody<T> {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let bytes = read(body, ErrorCode::IncompleteBody).await?;
        require_json(headers)?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned> FromBody for OptionalJsonBody<T> {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let bytes = read(body, ErrorCode::IncompleteBody).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        require_json(headers)?;
        parse(&bytes).map(|value| Self(Some(value)))
    }
}

/// A request's body as the pairs of a form.
#[derive(Debug)]
pub(crate) struct FormBody(pub(crate) Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        // Of the codes an OAuth endpoint has at 400 this is the one for it (RFC 6749 §5.2).
        let bytes = read(body, ErrorCode::InvalidRequest).await?;
        if essence(&parts.headers) != "application/x-www-form-urlencoded" {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ErrorCode::UnsupportedMediaType,
                "Send the body as a form, with the header Content-Type: application/x-www-form-urlencoded",
            ));
        }
        Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}

/// Reads a body of at most [`MAX_BYTES`]. `incomplete` is the code for one that breaks off.
async fn read(mut body: Body, incomplete: ErrorCode) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                incomplete,
                "The body broke off before its end",
            ));
        };
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.remaining() > MAX_BYTES {
            drain(body).await;
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

/// Throws the rest of a body away, up to a bound.
pub(crate) async fn drain(mut body: Body) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else {
            return;
        };
        left = rest;
    }
}

pub(crate) fn too_large() -> ApiError {
    let message = format!("The body is longer than {} KiB", MAX_BYTES / 1024);
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::PayloadTooLarge, message)
}

fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    if essence(headers) == "application/json" {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::UnsupportedMediaType,
        "Send the body as JSON, with the header Content-Type: application/json",
    ))
}

/// The type and subtype of `Content-Type`, in small letters.
fn essence(headers: &HeaderMap) -> String {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8"))?;
    let mut misfit = None;
    let seed = Located {
        misfit: &mut misfit,
        body: PhantomData,
    };
    json::from_str_seed(seed, text).map_err(|error| match error {
        // What is no object fits no struct, and no member is to blame.
        JsonError::Shape { .. } if !text.trim_start().starts_with('{') => {
            ApiError::invalid("The body must be a JSON object")
        }
        JsonError::Shape { .. } => misfit.unwrap_or_default().explain(),
        unsound => refuse_unsound(unsound),
    })
}

/// Reads a body and keeps where and why it does not fit.
struct Located<'m, T> {
    misfit: &'m mut Option<Misfit>,
    body: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Located<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<T, D::Error> {
        serde_path_to_error::deserialize(json).map_err(|error| {
            *self.misfit = Some(Misfit {
                path: error.path().to_string(),
                words: error.inner().to_string(),
            });
            error.into_inner()
        })
    }
}

/// A member that is not what a route asks for, in serde's own words, which may quote it.
#[derive(Default)]
struct Misfit {
    path: String,
    words: String,
}

impl Misfit {
    /// Says where the body is wrong without repeating what stands there.
    fn explain(&self) -> ApiError {
        if self.words.starts_with("unknown field") {
            ApiError::invalid("The body has a member this route does not know")
        } else if self.words.starts_with("missing field") {
            // The names are those of our own structs.
            let sentence = self.words.split(" at line").next().unwrap_or_default();
            ApiError::invalid(format!("The body has a {sentence}"))
        } else {
            // A path may run through names the client chose: only its first, which is ours, is shown.
            let member = self.path.split(['.', '[']).next().unwrap_or_default();
            ApiError::invalid(format!("`{member}` has a wrong type or value"))
        }
    }
}

/// Refuses JSON that no route reads, whatever members it takes.
fn refuse_unsound(error: JsonError) -> ApiError {
    match error {
        JsonError::Duplicate => ApiError::invalid("A member stands twice in one object of the body"),
        JsonError::ReservedName => ApiError::invalid(
            "A member's name begins with `$serde_json::private::`, which is reserved: choose another",
        ),
        JsonError::TooDeep => malformed(format!("The body nests deeper than {} levels", jeton::MAX_DEPTH)),
        JsonError::Number => {
            malformed("A number of the body is out of range: more than a 64-bit float holds")
        }
        JsonError::Trailing { column, .. } => {
            malformed(format!("Something follows the JSON value at column {column}"))
        }
        JsonError::Syntax { line, column } => malformed(format!(
            "The body is not valid JSON at line {line}, column {column}"
        )),
        _ => malformed("The body is not valid JSON"),
    }
}

fn malformed(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::MalformedJson, message)
}
