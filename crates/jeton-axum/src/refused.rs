//! A rejection on its way out, with the guard's own way of saying it.

use std::{fmt, sync::Arc};

use axum::response::{IntoResponse, Response};

use http::{HeaderName, HeaderValue, StatusCode, header::CACHE_CONTROL, request::Parts};

use crate::{rejection::Rejection, sign_in::SignInPage};

/// How a guard answers what it turns away.
#[derive(Clone)]
pub(crate) struct Answers {
    pub(crate) realm: String,
    /// Whether a client could answer a challenge for `Bearer`.
    pub(crate) challenges: bool,
    pub(crate) body: Option<Arc<Body>>,
    /// Where people sign in.
    pub(crate) sign_in: Option<SignInPage>,
}

type Body = dyn Fn(&Rejection) -> Response + Send + Sync;

impl Default for Answers {
    fn default() -> Self {
        // RFC 6750 §3 wants at least one parameter in a challenge.
        Self {
            realm: "api".to_owned(),
            challenges: true,
            body: None,
            sign_in: None,
        }
    }
}

/// A [`Rejection`] that knows how its [`Auth`](crate::Auth) answers: what the extractors fail with.
///
/// As a response it has the body of [`Auth::rejections`](crate::Auth::rejections), or
/// `{"error":"<code>","message":"<sentence>"}`; in either case the status of the rejection, its challenge
/// and `Cache-Control: no-store`. A browser is sent to [`Auth::sign_in_page`](crate::Auth::sign_in_page) instead, where
/// there is one.
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use jeton_axum::{Bearer, Refused, Rejection};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// async fn me(token: Result<Bearer<Access>, Refused>) -> Response {
///     match token {
///         Ok(Bearer(token)) => token.subject().unwrap_or_default().to_owned().into_response(),
///         Err(refused) if matches!(refused.rejection(), Rejection::Missing) => "who are you?".into_response(),
///         Err(refused) => refused.into_response(),
///     }
/// }
/// ```
#[derive(thiserror::Error)]
#[error("{rejection}")]
pub struct Refused {
    #[source]
    rejection: Rejection,
    answers: Arc<Answers>,
    /// Where a browser goes instead.
    way: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Refused {
    pub(crate) fn new(rejection: Rejection, answers: Arc<Answers>) -> Self {
        Self {
            rejection,
            answers,
            way: None,
        }
    }

    /// Shows the way to the sign-in page, if there is one and signing in would help.
    pub(crate) fn showing_the_way(mut self, parts: &Parts, with_query: bool) -> Self {
        if let Some(page) = &self.answers.sign_in
            && self.rejection.status() == StatusCode::UNAUTHORIZED
        {
            self.way = page.instead_of(parts, with_query).map(Box::new);
        }
        self
    }

    /// Why the request was turned away.
    ///
    /// ```
    /// # use jeton_axum::{Refused, Rejection};
    /// fn is_nobody(refused: &Refused) -> bool {
    ///     matches!(refused.rejection(), Rejection::Missing)
    /// }
    /// ```
    #[must_use]
    pub fn rejection(&self) -> &Rejection {
        &self.rejection
    }

    /// The reason alone, for an application that answers in its own way.
    ///
    /// ```
    /// # use jeton_axum::{Bearer, Refused, Rejection, claims::Jeton};
    /// async fn handler(token: Result<Bearer<Jeton>, Refused>) -> String {
    ///     match token.map_err(Refused::into_rejection) {
    ///         Ok(_) => "welcome".to_owned(),
    ///         Err(Rejection::Expired(_)) => "welcome back".to_owned(),
    ///         Err(other) => other.message(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn into_rejection(self) -> Rejection {
        self.rejection
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if let Some(way) = self.way {
            let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
            return (StatusCode::SEE_OTHER, [*way, no_store]).into_response();
        }
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
