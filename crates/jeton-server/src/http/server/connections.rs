use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use tokio::{
    net::TcpStream,
    sync::watch,
    task::{AbortHandle, Id, JoinError, JoinSet},
};

use super::{
    connection::{self, Served},
    limits::ConnectionLimits,
    seats::{Phase, Seat, Seats},
};
use crate::service::machinery::addresses::Neighbourhood;

/// How many clients are told at once that there is no room for them; others are told nothing.
const REFUSALS: usize = 16;

/// How often the log says that there are too many connections.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

/// The connections there are. When there are too many, the one that has kept the service waiting longest makes room for
/// the next: an honest client is quick, and a hostile one holds nothing by waiting.
pub(super) struct Connections {
    router: Router,
    limits: ConnectionLimits,
    epoch: Instant,
    tasks: JoinSet<()>,
    refusals: JoinSet<()>,
    seats: Seats<Id>,
    handles: HashMap<Id, AbortHandle>,
    ending: watch::Sender<bool>,
    complained: Option<Instant>,
}

impl Connections {
    pub(super) fn new(router: Router, limits: ConnectionLimits) -> Self {
        Self {
            router,
            limits,
            epoch: Instant::now(),
            tasks: JoinSet::new(),
            refusals: JoinSet::new(),
            seats: Seats::new(),
            handles: HashMap::new(),
            ending: watch::Sender::new(false),
            complained: None,
        }
    }

    /// Serves a connection, or refuses it when there is no room and none can be made.
    pub(super) fn take(&mut self, stream: TcpStream, peer: IpAddr) {
        self.forget_ended();
        let from = (!self.limits.is_proxy(peer)).then(|| Neighbourhood::of(peer));
        if self.make_room(from) {
            self.serve(stream, peer, from);
        } else {
            self.refuse(stream, peer);
        }
    }

    /// Ready when a connection has ended; never while there is none.
    pub(super) async fn one_ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.forget(&ended),
            None => std::future::pending().await,
        }
    }

    pub(super) fn are_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Closes connections whose client has not read its answer in time. hyper has no such limit; its own are on the head
    /// of a request, and the router's are on the rest of it.
    pub(super) fn close_unread(&mut self) {
        let now = Instant::now();
        let patience = self.limits.patience.answer;
        let unread = |phase, since| phase == Phase::Answer && now.duration_since(since) > patience;
        self.close(self.seats.overdue(unread));
    }

    /// The system has no room for another connection.
    pub(super) fn out_of_descriptors(&mut self, error: &io::Error) {
        self.complain(|_| tracing::error!(%error, "a connection could not be accepted"));
        self.close(self.seats.longest_waiting());
    }

    /// Asks every connection to end with the request that is under way on it.
    pub(super) fn begin_to_end(&mut self) {
        self.ending.send_replace(true);
        self.refusals.abort_all();
    }

    /// Closes connections whose client has kept the process from ending for too long: those that do not read first.
    pub(super) fn close_waiting(&mut self, began: Instant) {
        let now = Instant::now();
        let patience = self.limits.patience.at_the_end;
        let overdue = |phase, since: Instant| {
            let since = if phase == Phase::Answer {
                since
            } else {
                since.max(began)
            };
            now.duration_since(since) > patience
        };
        self.close(self.seats.overdue(overdue));
    }

    pub(super) async fn abort(mut self) {
        self.tasks.shutdown().await;
    }

    fn serve(&mut self, stream: TcpStream, peer: IpAddr, from: Option<Neighbourhood>) {
        let seat = Arc::new(Seat::new(self.epoch));
        let served = Served {
            router: self.router.clone(),
            peer,
            seat: Arc::clone(&seat),
            head_timeout: self.limits.patience.head,
        };
        let task = self
            .tasks
            .spawn(connection::serve(stream, served, self.ending.subscribe()));
        self.seats.take(task.id(), seat, from);
        self.handles.insert(task.id(), task);
    }

    fn make_room(&mut self, from: Option<Neighbourhood>) -> bool {
        if let Some(from) = from
            && self.seats.count(from) >= self.limits.of_an_address()
        {
            self.complain(|_| tracing::warn!("an address has as many connections as it may have"));
            return self.close(self.seats.longest_waiting_from(from));
        }
        if self.seats.len() >= self.limits.total {
            self.complain(|total| tracing::warn!(total, "there are as many connections as there may be"));
            return self.close(self.seats.longest_waiting());
        }
        true
    }

    /// Whether there was anything to close.
    fn close(&mut self, overdue: impl IntoIterator<Item = Id>) -> bool {
        let mut closed = false;
        for id in overdue {
            if let Some(task) = self.handles.remove(&id) {
                task.abort();
                closed = true;
            }
            self.seats.leave(&id);
        }
        closed
    }

    fn refuse(&mut self, stream: TcpStream, peer: IpAddr) {
        while self.refusals.try_join_next().is_some() {}
        if self.refusals.len() < REFUSALS {
            self.refusals
                .spawn(connection::refuse(stream, self.router.clone(), peer));
        }
    }

    fn forget_ended(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.forget(&ended);
        }
    }

    fn forget(&mut self, ended: &Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.seats.leave(&id);
        self.handles.remove(&id);
    }

    fn complain(&mut self, complaint: impl FnOnce(usize)) {
        let now = Instant::now();
        let lately = |then: Instant| now.duration_since(then) < COMPLAIN_EVERY;
        if !self.complained.is_some_and(lately) {
            self.complained = Some(now);
            complaint(self.seats.len());
        }
    }
}
