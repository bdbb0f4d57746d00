//! One connection, from its first request to its last.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::Router;
use bytes::Bytes;
use http::Request;
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::http1,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, copy, join, sink},
    net::TcpStream,
    sync::watch,
    time::timeout,
};
use tower::ServiceExt;

use super::{
    limits::MAX_HEAD_BYTES,
    seats::{Phase, Seat},
    unread::Unread,
    wire::Wire,
};
use crate::http::address::Peer;

/// How long a client that is still sending may take to read its last answer, and how much of what it sends is read over
/// meanwhile: closed at once, the connection would be reset and the answer lost (RFC 9112 §9.6).
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: u64 = 256 * 1024;

/// Everything that serving a connection's requests needs.
pub(super) struct Served {
    pub(super) router: Router,
    pub(super) peer: IpAddr,
    pub(super) seat: Arc<Seat>,
    pub(super) head_timeout: Duration,
}

/// Answers the requests of a connection until either side closes it.
pub(super) async fn serve(stream: TcpStream, served: Served, mut ending: watch::Receiver<bool>) {
    // Answers are small and whole: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let Served {
        router,
        peer,
        seat,
        head_timeout,
    } = served;
    let (arriving, answered) = (Arc::clone(&seat), Arc::clone(&seat));
    let service = router
        .clone()
        .map_request(move |request| arrive(request, &arriving, peer))
        .map_response(move |response| {
            answered.enter(Phase::Answer);
            response
        });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // A client that has nothing more to ask may still want its answers, and what it asked may be written already.
        .half_close(true)
        .header_read_timeout(head_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_header_size(MAX_HEAD_BYTES)
        .serve_connection(
            Wire::new(TokioIo::new(stream), Arc::clone(&seat)),
            TowerToHyperService::new(service),
        );
    let told_to_end = async move {
        let _ = ending.wait_for(|ending| *ending).await;
    };
    let ended = tokio::select! {
        biased;
        ended = &mut connection => ended,
        () = told_to_end => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    let left = connection.into_parts();
    let Err(error) = ended else {
        if seat.gave_up_body() {
            let mut stream = left.io.into_inner().into_inner();
            let _ = timeout(LINGER, read_over(&mut stream)).await;
        }
        return;
    };
    if let Some(unread) = Unread::of(&error, &left.read_buf) {
        seat.enter(Phase::Answer);
        explain(left.io.into_inner().into_inner(), router, peer, unread).await;
    } else {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Tells a client that there is no room for it.
pub(super) async fn refuse(stream: TcpStream, router: Router, peer: IpAddr) {
    explain(stream, router, peer, Unread::NoRoom).await;
}

/// Writes an error to a client whose request was not read, and closes the connection. The router writes it as it writes
/// every other, asked by a request that stands for the one there is none of.
async fn explain(mut stream: TcpStream, router: Router, peer: IpAddr, unread: Unread) {
    // No route has this path.
    const STAND_IN: &[u8] = b"GET /* HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request.extensions_mut().insert(unread);
        request
    });
    let answering = async {
        let io = TokioIo::new(join(STAND_IN, &mut stream));
        let written = http1::Builder::new()
            .half_close(true)
            .header_read_timeout(None)
            .serve_connection(io, TowerToHyperService::new(service))
            .await;
        if written.is_ok() {
            read_over(&mut stream).await;
        }
    };
    // Whether the client has heard it is the client's affair.
    let _ = timeout(LINGER, answering).await;
}

async fn read_over(stream: &mut TcpStream) {
    let mut rest = stream.take(LINGER_BYTES);
    let _ = copy(&mut rest, &mut sink()).await;
}

/// Notes that a request has come, and has the rest of it noted.
fn arrive(request: Request<Incoming>, seat: &Arc<Seat>, peer: IpAddr) -> Request<Arriving> {
    let is_whole = request.body().is_end_stream();
    seat.enter(if is_whole { Phase::Handler } else { Phase::Body });
    seat.set_gave_up_body(false);
    let mut request = request.map(|body| Arriving {
        body,
        seat: (!is_whole).then(|| Arc::clone(seat)),
    });
    request.extensions_mut().insert(Peer(peer));
    request.extensions_mut().insert(LongPoll(Arc::clone(seat)));
    request
}

/// Tells the table of connections that a request waits for something to happen.
#[derive(Clone)]
pub(in crate::http) struct LongPoll(Arc<Seat>);

impl LongPoll {
    /// From here on the connection may be closed when room is needed for another.
    pub(in crate::http) fn begin(&self) {
        self.0.go_on(Phase::Handler, Phase::LongPoll);
    }
}

/// The body of a request, which its connection is waiting for until it has ended or nobody wants more of it.
struct Arriving {
    body: Incoming,
    seat: Option<Arc<Seat>>,
}

impl Arriving {
    fn arrived(&mut self) {
        if let Some(seat) = self.seat.take() {
            seat.go_on(Phase::Body, Phase::Handler);
        }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) || self.body.is_end_stream() {
            self.arrived();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(seat) = &self.seat {
            seat.set_gave_up_body(true);
        }
        self.arrived();
    }
}
