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

use crate::{auth::Auth, policy::Policy};

/// The layer made by [`Auth::require`].
pub struct Require<P: Policy> {
    auth: Auth<P::Claims>,
}

impl<P: Policy> Require<P> {
    pub(crate) fn new(auth: Auth<P::Claims>) -> Self {
        Self { auth }
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
pub struct Required<S, P: Policy> {
    inner: S,
    auth: Auth<P::Claims>,
}

impl<S, P, B> Service<Request<B>> for Required<S, P>
where
    S: Service<Request<B>, Response = Response>,
    P: Policy,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let step = match self.auth.authorize::<P>(&mut parts) {
            Ok(_) => Step::Admitted {
                inner: self.inner.call(Request::from_parts(parts, body)),
            },
            Err(rejection) => Step::Refused {
                response: Some(self.auth.refuse(rejection).into_response()),
            },
        };
        Answer { step }
    }
}

pin_project! {
    /// The answer of a [`Required`] service: the inner one's, or the refusal.
    pub struct Answer<F> {
        #[pin]
        step: Step<F>,
    }
}

pin_project! {
    #[project = StepProjected]
    enum Step<F> {
        Admitted { #[pin] inner: F },
        // Taken when it is answered.
        Refused { response: Option<Response> },
    }
}

impl<F, E> Future for Answer<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().step.project() {
            StepProjected::Admitted { inner } => inner.poll(context),
            // A future that has answered is not asked again; if it is, it stays silent.
            StepProjected::Refused { response } => {
                response.take().map_or(Poll::Pending, |r| Poll::Ready(Ok(r)))
            }
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

impl<F> fmt::Debug for Answer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}
