//! A policy over many routes at once.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use axum::response::{IntoResponse, Response};
use http::Request;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::{auth::Auth, bearer::Bearer, policy::Policy};

/// The layer made by [`Auth::require`].
///
/// The layer fits any tower service over HTTP, tonic's and hyper's as well as axum's; its answer is an
/// `http::Response` whose body implements `http_body::Body`.
///
/// ```
/// use axum::{Router, routing::get};
/// use jeton_axum::{Auth, Require, SignedIn};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn example(auth: Auth<Access>) -> Router {
/// let signed_in: Require<SignedIn<Access>> = auth.require();
/// Router::new().route("/stats", get(async || "all is well")).route_layer(signed_in)
/// # }
/// ```
pub struct Require<P: Policy> {
    auth: Auth<P::Claims>,
}

impl<C> Auth<C> {
    /// A layer for [`Router::route_layer`](axum::Router::route_layer) that lets a request through only with
    /// a token that `P` allows.
    ///
    /// [`SignedIn`](crate::SignedIn) is the policy that asks for no more than a good token.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use jeton_axum::{Auth, SignedIn, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Router {
    /// let stats = Router::new()
    ///     .route("/stats", get(async || "all is well"))
    ///     .route_layer(auth.require::<SignedIn<Jeton>>());
    /// # stats
    /// # }
    /// ```
    #[must_use]
    pub fn require<P: Policy<Claims = C>>(&self) -> Require<P> {
        Require { auth: self.clone() }
    }
}

impl<S, P: Policy> Layer<S> for Require<P> {
    type Service = Required<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Required {
            inner,
            auth: self.auth.clone(),
        }
    }
}

/// A service behind [`Require`]: it sees only requests whose token the policy allows.
///
/// Such a request has the token among its extensions, as a [`Bearer`]; that is how a service that is not
/// axum's reads it.
///
/// ```
/// # use http::Request;
/// # use jeton_axum::{Auth, Bearer, Required, SignedIn, claims::Jeton};
/// # use tower_layer::Layer;
/// fn guarded<S>(inner: S, auth: &Auth<Jeton>) -> Required<S, SignedIn<Jeton>> {
///     auth.require().layer(inner)
/// }
/// fn subject<B>(request: &Request<B>) -> Option<&str> {
///     request.extensions().get::<Bearer<Jeton>>()?.0.subject()
/// }
/// ```
pub struct Required<S, P: Policy> {
    inner: S,
    auth: Auth<P::Claims>,
}

impl<S, P, B> Service<Request<B>> for Required<S, P>
where
    S: Service<Request<B>, Response: IntoResponse, Error: 'static, Future: Send + 'static>
        + Clone
        + Send
        + 'static,
    P: Policy,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if self.auth.lets_through(request.method()) {
            let inner = self.inner.call(request);
            return Answer::from(Step::Admitted { inner });
        }
        if self.auth.may_wait() {
            return self.call_later(request);
        }
        let (mut parts, body) = request.into_parts();
        Answer::from(match self.auth.authorize_now::<P>(&mut parts) {
            Ok(token) => {
                parts.extensions.insert(Bearer(token));
                let inner = self.inner.call(Request::from_parts(parts, body));
                Step::Admitted { inner }
            }
            Err(rejection) => Step::Refused {
                response: Some(self.auth.refuse_request(&parts, rejection).into_response()),
            },
        })
    }
}

impl<S, P: Policy> Required<S, P> {
    fn call_later<B>(&mut self, request: Request<B>) -> Answer<S::Future, S::Error>
    where
        S: Service<Request<B>, Response: IntoResponse, Error: 'static, Future: Send + 'static>
            + Clone
            + Send
            + 'static,
        B: Send + 'static,
    {
        // The service that was found ready answers; its clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let auth = self.auth.clone();
        let answer = Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match auth.authorize::<P>(&mut parts).await {
                Ok(token) => {
                    parts.extensions.insert(Bearer(token));
                    let response = inner.call(Request::from_parts(parts, body)).await?;
                    Ok(response.into_response())
                }
                Err(rejection) => Ok(auth.refuse_request(&parts, rejection).into_response()),
            }
        });
        Answer::from(Step::Waiting { answer })
    }
}

pin_project! {
    /// The answer of a [`Required`] service: the inner one's, or the refusal.
    ///
    /// ```
    /// # use std::{convert::Infallible, future::{self, Ready}};
    /// # use axum::{body::Body, response::Response};
    /// # use jeton_axum::Answer;
    /// // What a service of one's own waits for, behind Auth::require.
    /// type Waiting = Answer<Ready<Result<Response, Infallible>>, Infallible>;
    /// ```
    pub struct Answer<F, E> {
        #[pin]
        step: Step<F, E>,
    }
}

pin_project! {
    #[project = StepProjected]
    enum Step<F, E> {
        Admitted { #[pin] inner: F },
        // Taken when it is answered.
        Refused { response: Option<Response> },
        Waiting { answer: Pin<Box<dyn Future<Output = Result<Response, E>> + Send>> },
    }
}

impl<F, E> From<Step<F, E>> for Answer<F, E> {
    fn from(step: Step<F, E>) -> Self {
        Self { step }
    }
}

impl<F, R, E> Future for Answer<F, E>
where
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().step.project() {
            StepProjected::Admitted { inner } => inner.poll(context).map_ok(IntoResponse::into_response),
            // A future that has answered is not asked again; if it is, it stays silent.
            StepProjected::Refused { response } => {
                response.take().map_or(Poll::Pending, |r| Poll::Ready(Ok(r)))
            }
            StepProjected::Waiting { answer } => answer.as_mut().poll(context),
        }
    }
}

impl<P: Policy> Clone for Require<P> {
    fn clone(&self) -> Self {
        Self {
            auth: self.auth.clone(),
        }
    }
}

impl<S: Clone, P: Policy> Clone for Required<S, P> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            auth: self.auth.clone(),
        }
    }
}

impl<P: Policy> fmt::Debug for Require<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Require").field("auth", &self.auth).finish()
    }
}

impl<S, P: Policy> fmt::Debug for Required<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Required")
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}

impl<F, E> fmt::Debug for Answer<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}
