//! The listening socket: HTTP/1.1 for as many connections as there is room for, with limits on clients that are slow,
//! and an orderly end.

use std::{io, pin::pin, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    time::{Instant, MissedTickBehavior, interval},
};

use self::connections::Connections;

mod connection;
mod connections;
mod limits;
mod seats;
mod unread;
mod wire;

pub use limits::{ConnectionLimits, Patience};
pub(in crate::http) use {connection::LongPoll, limits::MAX_HEAD_BYTES, unread::Unread};

/// How long to wait when the system has no file descriptor left for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How often connections are searched for those whose time is over.
const SWEEP: Duration = Duration::from_secs(1);

/// How often they are searched while the process ends.
const DRAIN_SWEEP: Duration = Duration::from_millis(100);

/// How long requests under way are waited for at the end.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Serves until `stop` is ready, then lets the requests under way finish.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) {
    let mut connections = Connections::new(router, limits);
    let mut sweep = interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.take(stream, peer.ip()),
                Err(error) => accept_failed(&error, &mut connections).await,
            },
            () = connections.one_ended() => {}
            _ = sweep.tick() => connections.close_unread(),
            () = &mut stop => break,
        }
    }
    drop(listener);
    drain(connections).await;
}

/// Waits for the requests at work; for clients that keep the process waiting only a moment.
async fn drain(mut connections: Connections) {
    connections.begin_to_end();
    let began = Instant::now();
    let mut sweep = interval(DRAIN_SWEEP);
    while !connections.are_empty() && began.elapsed() < DRAIN_TIMEOUT {
        tokio::select! {
            () = connections.one_ended() => {}
            _ = sweep.tick() => connections.close_waiting(began.into_std()),
        }
    }
    if !connections.are_empty() {
        tracing::warn!("some requests did not end in time and are cut off");
    }
    connections.abort().await;
}

/// A client that is gone already is nothing to act on. Anything else is the system's limits: a connection is closed to
/// make room, and the pause keeps the loop from spinning.
async fn accept_failed(error: &io::Error, connections: &mut Connections) {
    if !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    ) {
        connections.out_of_descriptors(error);
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}
