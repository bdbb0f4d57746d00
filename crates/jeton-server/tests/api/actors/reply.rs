use std::collections::BTreeSet;

use axum::{body::to_bytes, response::Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{call::Sent, contract};

/// In an expected body: anything that is there and not null.
pub(crate) const ANY: &str = "(anything)";

/// Headers that tell browsers to make nothing of an answer but what it is.
const PROTECTION: [(&str, &str); 3] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// An answer, with everything checked that holds for every answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null where the body is empty.
    pub(crate) json: Value,
    pub(crate) body: String,
    pub(crate) sent: Sent,
}

impl Reply {
    pub(super) async fn receive(sent: Sent, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().into()).unwrap();
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let is_text = |kind: &[u8]| kind.starts_with(b"text/plain") || kind.ends_with(b"jwt");
        let json = match &*body {
            "" => Value::Null,
            text if content_type.is_some_and(|kind| is_text(kind.as_bytes())) => text.into(),
            text => serde_json::from_str(text).unwrap(),
        };
        let reply = Self {
            status: parts.status,
            headers: parts.headers,
            json,
            body,
            sent,
        };
        reply.assert_what_always_holds();
        reply
    }

    /// The status and the whole body. An error's `request_id` has been checked and is left out, and so is the reason that a
    /// 401 may have beside its code: [`Self::assert_over`] asks for it.
    #[track_caller]
    pub(crate) fn assert(&self, status: u16, body: &Value) {
        let mut actual = self.json.clone();
        if self.is_error() {
            let members = actual.as_object_mut().unwrap();
            members.remove("request_id");
            if self.status == StatusCode::UNAUTHORIZED {
                members.remove("reason");
            }
        }
        assert!(
            self.status == status && matches(body, &actual),
            "{} {}: expected {status} {body}, got {} {actual}",
            self.sent.method,
            self.sent.path,
            self.status
        );
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str, message: &str) {
        self.assert(status, &json!({ "error": code, self.message_member(): message }));
    }

    /// A 401 of this code, with the reason why the session is over; none where it is not said to be.
    #[track_caller]
    pub(crate) fn assert_over(&self, code: &str, reason: Option<&str>) {
        self.assert_code(401, code);
        assert_eq!(
            self.json.get("reason").map(|reason| reason.as_str().unwrap()),
            reason,
            "{} {}",
            self.sent.method,
            self.sent.path
        );
    }

    /// An error of this code, whatever its sentence.
    #[track_caller]
    pub(crate) fn assert_code(&self, status: u16, code: &str) {
        self.assert(status, &json!({ "error": code, self.message_member(): ANY }));
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) {
        assert_eq!(
            self.status, status,
            "{} {}: {}",
            self.sent.method, self.sent.path, self.body
        );
    }

    /// The one header of a name.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            panic!("not exactly one {name}: {:?}", self.headers);
        };
        value.to_str().unwrap()
    }

    /// A member of the body that is a text.
    #[track_caller]
    pub(crate) fn text(&self, member: &str) -> &str {
        self.json[member]
            .as_str()
            .unwrap_or_else(|| panic!("no text {member} in {}", self.body))
    }

    /// Where an error's sentence stands.
    fn message_member(&self) -> &'static str {
        if self.is_oauth() {
            "error_description"
        } else {
            "message"
        }
    }

    /// Whether it comes from an endpoint with the bodies of RFC 6749.
    fn is_oauth(&self) -> bool {
        self.sent.path.starts_with("/oauth/")
    }

    pub(crate) fn is_error(&self) -> bool {
        self.status.is_client_error() || self.status.is_server_error()
    }

    fn assert_what_always_holds(&self) {
        assert_ne!(self.status, StatusCode::INTERNAL_SERVER_ERROR, "{self:?}");
        assert!(!self.header("x-request-id").is_empty());
        for (name, value) in PROTECTION {
            assert_eq!(self.header(name), value, "{self:?}");
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let proves_a_client = self.is_oauth() && self.sent.path != "/oauth/userinfo";
            let scheme = if proves_a_client { "Basic" } else { "Bearer" };
            assert!(
                self.header("www-authenticate")
                    .starts_with(&format!("{scheme} realm=\"jeton\"")),
                "{self:?}"
            );
        }
        if self.is_error() && self.sent.method != Method::HEAD {
            self.assert_error_body();
            self.assert_repeats_nothing();
        }
        if !self.is_public() {
            assert_eq!(self.header("cache-control"), "no-store", "{self:?}");
        }
        contract::check(self);
    }

    fn assert_error_body(&self) {
        let members: BTreeSet<_> = self
            .json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let message = self.message_member();
        let mut expected = BTreeSet::from(["error", message, "request_id"]);
        if self.status == StatusCode::UNAUTHORIZED && members.contains("reason") {
            expected.insert("reason");
        }
        assert_eq!(members, expected, "{self:?}");
        assert!(!self.text(message).is_empty());
        assert_eq!(self.text("request_id"), self.header("x-request-id"));
        assert_eq!(self.header("content-type"), "application/json");
    }

    /// No credential that was sent comes back in a refusal.
    fn assert_repeats_nothing(&self) {
        let credentials = [header::AUTHORIZATION, header::COOKIE].into_iter();
        let sent = credentials.flat_map(|name| self.sent.headers.get_all(name));
        let answer = format!("{}{:?}", self.body, self.headers);
        for word in sent.flat_map(|value| value.as_bytes().split(|byte| b" =;".contains(byte))) {
            let word = String::from_utf8_lossy(word);
            assert!(
                word.len() < 20 || !answer.contains(&*word),
                "{word} came back: {answer}"
            );
        }
    }

    /// Whether the answer holds neither tokens nor claims, nor anything about a user that is not in the request.
    fn is_public(&self) -> bool {
        let public = [
            "/healthz",
            "/readyz",
            "/metrics",
            "/admin/tokens/revoke",
            "/openapi.json",
            "/register",
        ];
        let well_known = self.sent.path.contains("/.well-known/");
        let ended = self.sent.method == Method::DELETE && self.sent.path.starts_with("/sessions/");
        let preflight = self.sent.method == Method::OPTIONS;
        !self.is_error() && (public.contains(&&*self.sent.path) || well_known || ended || preflight)
    }
}

fn matches(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(any), actual) if any == ANY => !actual.is_null(),
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected
                    .iter()
                    .all(|(name, value)| actual.get(name).is_some_and(|actual| matches(value, actual)))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len() && expected.iter().zip(actual).all(|(e, a)| matches(e, a))
        }
        _ => expected == actual,
    }
}
