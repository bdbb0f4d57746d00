//! A guard laid over routes.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use http::{HeaderName, Request};
use jeton::Claims;
use serde::de::DeserializeOwned;
use tower_layer::Layer;
use tower_service::Service;

use crate::auth::Auth;

/// The header of [`Auth::hints`]: in how many seconds the request's token expires.
///
/// ```
/// # use jeton_axum::EXPIRES_IN;
/// assert_eq!(EXPIRES_IN, "x-token-expires-in");       // to be named in `Access-Control-Expose-Headers`
/// ```
pub const EXPIRES_IN: HeaderName = HeaderName::from_static("x-token-expires-in");

/// The layer made by [`Auth::guard`].
///
/// ```
/// # use axum::Router;
/// # use jeton_axum::{Auth, Guard, claims::Jeton};
/// fn guarded(routes: Router<Auth<Jeton>>, guard: Guard<Jeton>) -> Router<Auth<Jeton>> {
///     routes.route_layer(guard)
/// }
/// ```
pub struct Guard<C> {
    auth: Auth<C>,
}

impl<C> Guard<C> {
    pub(crate) fn new(auth: Auth<C>) -> Self {
        Self { auth }
    }
}

impl<S, C> Layer<S> for Guard<C> {
    type Service = Guarded<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded {
            inner,
            auth: self.auth.clone(),
        }
    }
}

/// A service below a [`Guard`].
///
/// ```
/// # use jeton_axum::{Auth, Guarded, claims::Jeton};
/// # use tower_layer::Layer;
/// fn guarded<S>(inner: S, auth: &Auth<Jeton>) -> Guarded<S, Jeton> {
///     auth.guard().layer(inner)
/// }
/// ```
pub struct Guarded<S, C> {
    inner: S,
    auth: Auth<C>,
}

impl<S, C> Service<Request<Body>> for Guarded<S, C>
where
    S: Service<Request<Body>, Response = Response, Future: Send> + Clone + Send + 'static,
    C: Claims + DeserializeOwned + Send + Sync + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let auth = self.auth.clone();
        let (mut parts, body) = request.into_parts();
        let Some(kind) = auth.asks_for_body(&parts) else {
            let watch = auth.enter(&mut parts);
            let answer = self.inner.call(Request::from_parts(parts, body));
            return Box::pin(async move {
                let response = answer.await?;
                Ok(auth.leave(watch, response).await)
            });
        };
        // The service that was found ready answers when the body is there; its clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let body = match auth.read(kind, &mut parts, body).await {
                Ok(body) => body,
                Err(refusal) => return Ok(refusal),
            };
            let watch = auth.enter(&mut parts);
            let response = inner.call(Request::from_parts(parts, body)).await?;
            Ok(auth.leave(watch, response).await)
        })
    }
}

impl<C> Clone for Guard<C> {
    fn clone(&self) -> Self {
        Self {
            auth: self.auth.clone(),
        }
    }
}

impl<S: Clone, C> Clone for Guarded<S, C> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            auth: self.auth.clone(),
        }
    }
}

impl<C> fmt::Debug for Guard<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("auth", &self.auth).finish()
    }
}

impl<S, C> fmt::Debug for Guarded<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}
