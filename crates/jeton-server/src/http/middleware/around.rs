//! Layers that are one function each.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::{Layer, Service};

use crate::http::state::App;

/// An answer on its way.
pub(in crate::http) type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// The services below a layer.
pub(in crate::http) type Next<'s> = &'s mut (dyn FnMut(Request) -> Answering + 's);

/// The work of a layer on a request: it hands it on, and waits for the answer if it wants to see it.
type Function = fn(&App, Request, Next<'_>) -> Answering;

/// Lays a function around services.
///
/// The layer hands a request on at once, so the services below are used where they are. `axum::middleware::from_fn` may
/// wait first: that takes a copy of them for each request, and each layer copies those below it again.
pub(in crate::http) fn around(app: &App, function: Function) -> Around {
    let app = app.clone();
    Around { app, function }
}

#[derive(Clone)]
pub(in crate::http) struct Around {
    app: App,
    function: Function,
}

impl<S> Layer<S> for Around {
    type Service = Surrounded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        let around = self.clone();
        Surrounded { inner, around }
    }
}

#[derive(Clone)]
pub(in crate::http) struct Surrounded<S> {
    inner: S,
    around: Around,
}

impl<S> Service<Request> for Surrounded<S>
where
    S: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Answering {
        let inner = &mut self.inner;
        let Around { app, function } = &self.around;
        function(app, request, &mut |request| {
            let answer = inner.call(request);
            Box::pin(async move { answer.await.map(IntoResponse::into_response) })
        })
    }
}
