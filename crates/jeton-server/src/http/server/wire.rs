use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::rt::{Read, ReadBufCursor, Write};

use super::seats::{Phase, Seat};

/// A connection's bytes on their way through hyper.
///
/// hyper answers a head it cannot read by itself, with a status and no body. Such an answer comes when none is due: it is
/// kept back here, and [`connection`](super::connection) writes one of the service's own in its place.
pub(super) struct Wire<T> {
    stream: T,
    seat: Arc<Seat>,
    kept_back: bool,
}

impl<T> Wire<T> {
    pub(super) fn new(stream: T, seat: Arc<Seat>) -> Self {
        Self {
            stream,
            seat,
            kept_back: false,
        }
    }

    pub(super) fn into_inner(self) -> T {
        self.stream
    }

    fn is_hypers_own(&self, bytes: &[u8]) -> bool {
        let refuses = bytes.starts_with(b"HTTP/1.") && bytes.get(9) == Some(&b'4');
        refuses && self.seat.phase() == Phase::Head
    }
}

impl<T: Read + Unpin> Read for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<T: Write + Unpin> Write for Wire<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_hypers_own(bytes) {
            self.kept_back = true;
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if parts.first().is_some_and(|first| self.is_hypers_own(first)) {
            self.kept_back = true;
            return Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has handed everything over: the client has taken its answer.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.seat.go_on(Phase::Answer, Phase::Head);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.kept_back {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
