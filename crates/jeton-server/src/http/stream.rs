//! Answers that go on: events as they happen, and lists that are longer than memory is large.

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

/// Where an answer comes from, part by part.
pub(crate) trait Source: Send + Sized + 'static {
    /// Waits for the next part; none where there are no more.
    fn next(self) -> impl Future<Output = Option<(String, Self)>> + Send;
}

/// Answers with the parts of a source, for as long as it has any and the client takes them.
pub(crate) fn answer(media_type: &'static str, source: impl Source) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let parts = Parts {
        next: Box::pin(source.next()),
    };
    (headers, Body::new(parts)).into_response()
}

type Next<S> = Pin<Box<dyn Future<Output = Option<(String, S)>> + Send>>;

struct Parts<S> {
    next: Next<S>,
}

impl<S: Source> HttpBody for Parts<S> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((part, source)) = ready!(self.next.as_mut().poll(context)) else {
            return Poll::Ready(None);
        };
        self.next = Box::pin(source.next());
        Poll::Ready(Some(Ok(Frame::data(part.into()))))
    }
}
