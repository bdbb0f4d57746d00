//! Server-sent events (WHATWG HTML, section 9.2): an answer that goes on.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::{IntoResponse, Response},
};
use http::header;
use hyper::body::Frame;

/// Where events come from.
pub(crate) trait Source: Send + Sized + 'static {
    /// Waits for the next event's data, a single line; none where there are no more.
    fn next(self) -> impl Future<Output = Option<(String, Self)>> + Send;
}

/// Answers with the events of a source, for as long as it has any and the client listens.
pub(crate) fn answer(source: impl Source) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let events = Events {
        next: Box::pin(source.next()),
    };
    (headers, Body::new(events)).into_response()
}

type Next<S> = Pin<Box<dyn Future<Output = Option<(String, S)>> + Send>>;

struct Events<S> {
    next: Next<S>,
}

impl<S: Source> HttpBody for Events<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((data, source)) = ready!(self.next.as_mut().poll(context)) else {
            return Poll::Ready(None);
        };
        self.next = Box::pin(source.next());
        Poll::Ready(Some(Ok(Frame::data(format!("data: {data}\n\n").into()))))
    }
}
