//! What must be true of every answer.

use std::io;

use super::{document::Operation, request::Request};
use crate::wire::{Answer, Trouble};

/// A rule that did not hold, and how.
pub struct Violation {
    pub rule: &'static str,
    pub detail: String,
}

/// Refusals that any server may give a head it cannot make sense of.
const OF_THE_HEAD: &[u16] = &[400, 403, 408, 411, 413, 414, 417, 431, 501, 505];

/// Refusals that hold for every route, whether or not it takes a body.
const EVERYWHERE: &[u16] = &[408, 413, 503];

/// More than fits into a socket's buffers on its way to a server that stops reading.
const LONG_HEAD: usize = 64 * 1024;

pub fn judge(
    request: &Request,
    operation: Option<&Operation>,
    answer: &Result<Answer, Trouble>,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut violated = |rule, detail: String| violations.push(Violation { rule, detail });
    let answer = match answer {
        Ok(answer) => answer,
        Err(trouble) => {
            if !request.framing.is_cut() && !is_reset(request, trouble) {
                violated("every whole request has an answer", format!("{trouble:?}"));
            }
            return violations;
        }
    };
    let status = answer.status;
    if status == 500 {
        violated("no answer is 500", String::new());
    }
    if let Some(operation) = operation
        && !is_documented(request, operation, status)
    {
        violated(
            "the document lists every status",
            format!("{status} is not listed"),
        );
    }
    if status >= 400 && request.method != "HEAD" {
        if let Some(problem) = problem_of_an_error(request, answer) {
            violated("every failure has the error body", format!("{status}: {problem}"));
        }
        if status == 401 && answer.header("www-authenticate").is_none() {
            violated("every 401 has a challenge", String::new());
        }
    }
    if let Some(place) = echo(request, answer) {
        violated("nothing secret is repeated", place);
    }
    violations
}

/// Whether the answer may have been lost: whoever is refused while still sending a long head hears of a reset.
fn is_reset(request: &Request, trouble: &Trouble) -> bool {
    let head: usize = request.headers.iter().map(|(_, value)| value.len()).sum();
    let is_reset = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
        )
    };
    head + request.target.len() > LONG_HEAD && matches!(trouble, Trouble::Broken(error) if is_reset(error))
}

fn is_documented(request: &Request, operation: &Operation, status: u16) -> bool {
    let odd = request.odd || request.framing.is_odd();
    operation.statuses.contains(&status)
        || EVERYWHERE.contains(&status)
        || odd && OF_THE_HEAD.contains(&status)
        // A status of its own says what is wrong (RFC 9110 §15.5.18).
        || status == 417
}

/// Whether a browser may have sent it: where there is no route, it gets a page that says so.
fn reads_pages(request: &Request) -> bool {
    let mut headers = request.headers.iter();
    request.operation.is_none()
        && headers.any(|(name, value)| name.eq_ignore_ascii_case("accept") && value.starts_with(b"text/html"))
}

fn problem_of_an_error(request: &Request, answer: &Answer) -> Option<String> {
    let content_type = answer.header("content-type").unwrap_or_default();
    if content_type.starts_with("text/html") && reads_pages(request) {
        return None;
    }
    if content_type != "application/json" {
        return Some(format!("its content type is `{content_type}`"));
    }
    let body = answer.json();
    let message = if request.target.starts_with("/oauth/") {
        "error_description"
    } else {
        "message"
    };
    let missing = ["error", message, "request_id"]
        .into_iter()
        .find(|name| body[name].as_str().is_none_or(str::is_empty))?;
    // What could not be read as a request may have no path, and so not be known to be OAuth's.
    let unread =
        message == "error_description" && OF_THE_HEAD.contains(&answer.status) && body["message"].is_string();
    let shown = String::from_utf8_lossy(&answer.body);
    (!unread).then(|| format!("`{missing}` is not in {shown}"))
}

/// Where the answer repeats a secret that was sent.
fn echo(request: &Request, answer: &Answer) -> Option<String> {
    let body = String::from_utf8_lossy(&answer.body);
    let secret = |text: &str| {
        let found = request
            .secrets
            .iter()
            .find(|secret| text.contains(secret.as_str()));
        found.map(|secret| secret.chars().take(12).collect::<String>())
    };
    if let Some(secret) = secret(&body) {
        return Some(format!("`{secret}…` is in the body"));
    }
    let headers = answer.headers.iter().filter(|(name, _)| name != "set-cookie");
    headers
        .filter_map(|(name, value)| Some((name, secret(value)?)))
        .map(|(name, secret)| format!("`{secret}…` is in the header {name}"))
        .next()
}
