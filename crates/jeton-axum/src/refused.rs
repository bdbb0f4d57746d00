//! A rejection on its way out, with the guard's own way of saying it.

use std::{fmt, sync::Arc};

use axum::response::{IntoResponse, Response};

use crate::rejection::Rejection;

/// How a guard answers what it turns away.
#[derive(Clone)]
pub(crate) struct Answers {
    pub(crate) realm: String,
    /// Whether a client could answer a challenge for `Bearer`.
    pub(crate) challenges: bool,
    pub(crate) body: Option<Arc<Body>>,
}

type Body = dyn Fn(&Rejection) -> Response + Send + Sync;

impl Default for Answers {
    fn default() -> Self {
        // RFC 6750 §3 wants at least one parameter in a challenge.
        Self {
            realm: "api".to_owned(),
            challenges: true,
            body: None,
        }
    }
}

/// A [`Rejection`] that knows how its [`Auth`](crate::Auth) answers: what the extractors fail with.
///
/// As a response it has the body of [`Auth::rejections`](crate::Auth::rejections), or
/// `{"error":"<code>","message":"<sentence>"}`; in either case the status of the rejection, its challenge
/// and `Cache-Control: no-store`.
#[derive(thiserror::Error)]
#[error("{rejection}")]
pub struct Refused {
    #[source]
    rejection: Rejection,
    answers: Arc<Answers>,
}

impl Refused {
    pub(crate) fn new(rejection: Rejection, answers: Arc<Answers>) -> Self {
        Self { rejection, answers }
    }

    /// Why the request was turned away.
    #[must_use]
    pub fn rejection(&self) -> &Rejection {
        &self.rejection
    }

    /// The reason alone, for an application that answers in its own way.
    #[must_use]
    pub fn into_rejection(self) -> Rejection {
        self.rejection
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let response = match &self.answers.body {
            Some(body) => body(&self.rejection),
            None => self.rejection.default_body(),
        };
        let realm = self.answers.challenges.then_some(&*self.answers.realm);
        self.rejection.seal(response, realm)
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refused").field(&self.rejection).finish()
    }
}
