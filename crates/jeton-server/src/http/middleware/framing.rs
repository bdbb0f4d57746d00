//! Framing of requests: what two readers could read in two ways, as to where it ends or whom it is for, is refused
//! (RFC 9112 §11.2).

use axum::extract::Request;
use http::{HeaderMap, StatusCode, Version, header, uri::Authority};

use crate::http::{
    error::{ApiError, ErrorCode},
    server::{MAX_HEAD_BYTES, Unread},
};

/// The refusal of a request for its head, whichever route it is for. The connection is closed with the answer: nobody knows
/// where the next request would begin.
pub(super) fn refusal(request: &Request) -> Option<ApiError> {
    if let Some(unread) = request.extensions().get::<Unread>() {
        return Some((*unread).into());
    }
    let ambiguity = host(request.version(), request.headers()).or_else(|| coding(request.headers()))?;
    let error = ApiError::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, ambiguity);
    Some(error.with(
        header::CONNECTION,
        const { http::HeaderValue::from_static("close") },
    ))
}

/// HTTP/1.1 asks for exactly one `Host` with a value that can be (RFC 9112 §3.2); before, there may be none.
fn host(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => None,
        (Some(host), None) if is_host(host.as_bytes()) => None,
        (Some(_), None) => Some("The Host header names no host"),
        _ => Some("Send one Host header, no more and no fewer"),
    }
}

fn is_host(value: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(value) else {
        return false;
    };
    let (text, host) = (authority.as_str(), authority.host());
    let port = text.strip_prefix(host).unwrap_or("(a user)");
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    !host.is_empty() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// `chunked`, once, is the only transfer coding this service reads. hyper looks at the last one alone, and the body
/// would stay packed as the others say.
fn coding(headers: &HeaderMap) -> Option<&'static str> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = codings.next()?;
    let is_understood = first.as_bytes().eq_ignore_ascii_case(b"chunked") && codings.next().is_none();
    (!is_understood).then_some("Send the body as it is or with the one transfer coding chunked")
}

impl From<Unread> for ApiError {
    fn from(unread: Unread) -> Self {
        let bad = |status, message: &'static str| Self::new(status, ErrorCode::InvalidRequest, message);
        match unread {
            Unread::Malformed => bad(
                StatusCode::BAD_REQUEST,
                "What was sent cannot be read as a request of HTTP/1.1",
            ),
            Unread::TargetTooLong => bad(StatusCode::URI_TOO_LONG, "The request's target is too long"),
            Unread::HeadTooLarge => {
                let kib = MAX_HEAD_BYTES / 1024;
                let message =
                    format!("The request's head is longer than {kib} KiB or has more than 100 fields");
                Self::new(
                    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                    ErrorCode::InvalidRequest,
                    message,
                )
            }
            Unread::TooSlow => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                ErrorCode::RequestTimeout,
                "The request's head took too long to arrive",
            ),
            Unread::NoRoom => {
                let message = "There are too many connections, try again shortly";
                Self::try_again(ErrorCode::Overloaded, message, 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for good in [
            "localhost",
            "id.example:5000",
            "127.0.0.1:80",
            "[::1]:5000",
            "[::1]",
            "a_b.example",
        ] {
            assert!(is_host(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            " ",
            "a b",
            "a/b",
            "user@id.example",
            "a@a",
            ":5000",
            "a:1:2",
            "[::1",
            "::1",
            "a?b",
            "a#b",
            "\u{fc}.example",
            "a:port",
        ] {
            assert!(!is_host(bad.as_bytes()), "{bad}");
        }
    }
}
