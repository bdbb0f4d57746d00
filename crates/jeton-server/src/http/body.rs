//! JSON bodies, read with the answers they deserve: 413, 415, 400, 422. Nothing sent is repeated.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::{Buf, Bytes};
use http::{HeaderMap, StatusCode, header, request::Parts};
use http_body_util::BodyExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use super::error::{ApiError, ErrorCode};

/// The largest body that is read, in bytes.
pub(super) const MAX_BYTES: usize = 256 * 1024;

/// How much more of an oversize body is thrown away before answering: a client that is still sending would
/// otherwise lose the answer to a reset connection.
const DRAIN_BYTES: usize = 16 * 1024 * 1024;

/// A request's body as JSON.
#[derive(Debug)]
pub(super) struct JsonBody<T>(pub(super) T);

/// The same where a body may be left out altogether.
#[derive(Debug)]
pub(super) struct OptionalJsonBody<T>(pub(super) Option<T>);

/// A body beside the head it came with, which axum's own extractor would copy.
#[derive(Debug)]
pub(super) struct Whole<B>(pub(super) Parts, pub(super) B);

/// What a request's body can be read as.
pub(super) trait FromBody: Sized {
    fn read(headers: &HeaderMap, body: Body) -> impl Future<Output = Result<Self, ApiError>> + Send;
}

impl<S: Send + Sync, B: FromBody> FromRequest<S> for Whole<B> {
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
        Whole::from_request(request, state)
            .await
            .map(|Whole(_, body)| body)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Whole::from_request(request, state)
            .await
            .map(|Whole(_, body)| body)
    }
}

impl<T: DeserializeOwned> FromBody for JsonBody<T> {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let bytes = read(body).await?;
        require_json(headers)?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned> FromBody for OptionalJsonBody<T> {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let bytes = read(body).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        require_json(headers)?;
        parse(&bytes).map(|value| Self(Some(value)))
    }
}

/// A request's body as the pairs of a form.
#[derive(Debug)]
pub(super) struct FormBody(pub(super) Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read(body).await?;
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

/// Reads a body of at most [`MAX_BYTES`].
async fn read(mut body: Body) -> Result<Bytes, ApiError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                ErrorCode::MalformedJson,
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
pub(super) async fn drain(mut body: Body) {
    let mut left = DRAIN_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else {
            return;
        };
        left = rest;
    }
}

pub(super) fn too_large() -> ApiError {
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
    let text = str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8".to_owned()))?;
    require_object(text)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| shape_error(text, &error))?;
    json.end().map_err(|error| {
        malformed(format!(
            "Something follows the JSON value at column {}",
            error.column()
        ))
    })?;
    Ok(value)
}

/// Refuses an array: a derived struct would take its items for the members.
fn require_object(text: &str) -> Result<(), ApiError> {
    if text.trim_start().starts_with('{') {
        return Ok(());
    }
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Err(ApiError::invalid("The body must be a JSON object")),
        Err(error) => Err(syntax_error(&error)),
    }
}

/// Says where the body is wrong without repeating what stands there: serde's own words may quote it.
fn shape_error(text: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    // A shape is judged before the whole is read: what is no JSON at all is said first.
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return syntax_error(&error);
    }
    let (inner, path) = (error.inner(), error.path().to_string());
    match inner.classify() {
        Category::Syntax | Category::Eof | Category::Io => syntax_error(inner),
        Category::Data => {
            let words = inner.to_string();
            let about_a_name = ["missing field", "duplicate field"]
                .iter()
                .any(|start| words.starts_with(start));
            if words.starts_with("unknown field") {
                ApiError::invalid("The body has a member this route does not know")
            } else if about_a_name {
                // The names are those of our own structs.
                let sentence = words.split(" at line").next().unwrap_or_default();
                ApiError::invalid(format!("The body has a {sentence}"))
            } else {
                ApiError::invalid(format!("`{}` has a wrong type or value", shortened(&path)))
            }
        }
    }
}

fn syntax_error(error: &serde_json::Error) -> ApiError {
    malformed(format!(
        "The body is not valid JSON at line {}, column {}",
        error.line(),
        error.column()
    ))
}

/// A path may run through names the client chose: only its first, which is ours, is shown.
fn shortened(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

fn malformed(message: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::MalformedJson, message)
}
