//! Upkeep: the work of a serving process beside answering.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Interval, MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    Service,
    audit::{self, Keeper},
    machinery::{revoked::POLL_INTERVAL, watch::WATCH_INTERVAL},
    outbox::Sender,
};
use crate::{redis::Redis, store::StoreError};

/// The shortest time from one reading of the keys and revocations to the next: however many are announced, the database
/// is asked forty times a second at most.
const READ_GAP: Duration = Duration::from_millis(25);

/// The shortest time from one announcement to the next.
const ANNOUNCE_GAP: Duration = Duration::from_millis(10);

/// How often messages are looked for that another node wrote, or that are tried again.
const OUTBOX_INTERVAL: Duration = Duration::from_secs(2);

/// How often events are sealed: each within a second.
const SEAL_INTERVAL: Duration = Duration::from_millis(500);

/// How often the log says how far the audit trail is sealed.
const HEAD_INTERVAL: Duration = Duration::from_hours(1);

/// How often rows that no longer matter are looked for.
const PRUNE_INTERVAL: Duration = Duration::from_mins(1);

/// How often the schemes of the password hashes are counted: imports come from another process.
const COUNT_INTERVAL: Duration = Duration::from_mins(1);

/// How long after the start the duties begin: whoever starts has read the keys, the revocations and the clock, and the
/// first requests come before the rest.
const START: Duration = Duration::from_millis(500);

/// How far apart the duties begin: each reads on the connection that the one before has given back, and a process that
/// nobody asks keeps no more of them open.
const APART: Duration = Duration::from_millis(60);

/// The longest a duty may take at a time: a network that swallows answers must not stop it for good.
const PATIENCE: Duration = Duration::from_mins(1);

/// The longest a reading of the revocations may take, without which nobody is answered.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// The duties of a process, each at its own pace: none waits for another.
#[derive(Debug)]
pub struct Upkeep {
    duties: Arc<Duties>,
    tasks: JoinSet<()>,
    sending: JoinHandle<()>,
    stop_sending: oneshot::Sender<()>,
}

#[derive(Debug)]
struct Duties {
    service: Arc<Service>,
    keeper: Arc<Keeper>,
    /// How long events are kept.
    retention: Duration,
}

impl Upkeep {
    /// Starts the duties, from within the runtime. Where there is a Redis, nodes tell each other of revocations.
    #[must_use]
    pub fn start(
        service: Arc<Service>,
        keeper: Arc<Keeper>,
        redis: Option<Arc<Redis>>,
        retention: Duration,
    ) -> Self {
        let duties = Arc::new(Duties {
            service,
            keeper,
            retention,
        });
        let mut tasks = JoinSet::new();
        let of = |duties: &Arc<Duties>| Arc::clone(duties);
        let (watcher, sealer, teller) = (of(&duties), of(&duties), of(&duties));
        let (pruner, counter) = (of(&duties), of(&duties));
        tasks.spawn(of(&duties).keep_catching_up(redis.clone()));
        if let Some(redis) = redis {
            tasks.spawn(announce(of(&duties), redis));
        }
        tasks.spawn(every(WATCH_INTERVAL, 1, move || of(&watcher).watch_clock()));
        tasks.spawn(every(SEAL_INTERVAL, 2, move || of(&sealer).seal()));
        tasks.spawn(every(HEAD_INTERVAL, 3, move || of(&teller).tell_head()));
        tasks.spawn(every(PRUNE_INTERVAL, 4, move || of(&pruner).prune()));
        tasks.spawn(every(COUNT_INTERVAL, 5, move || of(&counter).know_schemes()));
        let (stop_sending, stopped) = oneshot::channel();
        let sending = tokio::spawn(of(&duties).keep_sending(stopped));
        Self {
            duties,
            tasks,
            sending,
            stop_sending,
        }
    }

    /// Ends the duties, and seals every event of a request that was answered. Messages on their way are waited for.
    pub async fn stop(mut self) {
        // It fails only where that task has ended.
        let _ = self.stop_sending.send(());
        let _ = self.sending.await;
        self.tasks.shutdown().await;
        self.duties.tell_refusals(true).await;
        Arc::clone(&self.duties).seal().await;
        self.duties.tell_head().await;
    }
}

async fn every<F: Future<Output = ()>>(period: Duration, place: u32, work: impl Fn() -> F) {
    let mut ticks = ticks(period, place).await;
    loop {
        ticks.tick().await;
        if timeout(PATIENCE, work()).await.is_err() {
            tracing::error!("the database has fallen silent: what is done every {period:?} was not finished");
        }
    }
}

/// The beat of a duty at its place among them, once the service has started.
async fn ticks(period: Duration, place: u32) -> Interval {
    sleep(START + APART * place).await;
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Tells other nodes that this one has revoked something: they need not wait for their next reading.
async fn announce(duties: Arc<Duties>, redis: Arc<Redis>) {
    loop {
        duties.service.revocations().written().await;
        redis.announce().await;
        sleep(ANNOUNCE_GAP).await;
    }
}

/// Ready when another node has revoked something, if nodes tell each other.
async fn announced(redis: Option<&Redis>) {
    match redis {
        Some(redis) => redis.announced().await,
        None => std::future::pending().await,
    }
}

impl Duties {
    /// Reads what other processes revoked, and what they did to the keys: twice a second, and when there is news.
    async fn keep_catching_up(self: Arc<Self>, redis: Option<Arc<Redis>>) {
        let mut ticks = ticks(POLL_INTERVAL, 0).await;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = announced(redis.as_deref()) => {}
            }
            if timeout(READ_PATIENCE, self.catch_up()).await.is_err() {
                tracing::error!("the keys and revocations could not be read: the database has fallen silent");
            }
            sleep(READ_GAP).await;
        }
    }

    /// Sends messages: at once where this node wrote them.
    async fn keep_sending(self: Arc<Self>, mut stopped: oneshot::Receiver<()>) {
        let mut sender = Sender::new(Arc::clone(&self.service));
        let mut ticks = tokio::select! {
            ticks = ticks(OUTBOX_INTERVAL, 6) => ticks,
            _ = &mut stopped => return,
        };
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                _ = ticks.tick() => {}
                () = self.service.revocations().perhaps_to_send() => {}
                () = sender.one_is_done() => {}
            }
            match timeout(PATIENCE, sender.begin()).await {
                Ok(Ok(()) | Err(StoreError::ReadOnly)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the outbox could not be read"),
                Err(_) => tracing::error!("the outbox could not be read: the database has fallen silent"),
            }
            sleep(READ_GAP).await;
        }
        sender.stop().await;
    }

    async fn catch_up(&self) {
        if let Err(error) = self.service.catch_up(self.service.clock.instant()).await {
            tracing::error!(%error, "the keys and revocations could not be read");
        }
    }

    async fn watch_clock(self: Arc<Self>) {
        if let Err(error) = self.service.watch_clock(self.service.clock.instant()).await {
            tracing::warn!(%error, "the database could not be asked for the time");
        }
    }

    async fn seal(self: Arc<Self>) {
        let now = self.service.shared_time(self.service.clock.instant());
        match self.keeper.seal(self.service.store(), now).await {
            // The rest is sealed in the database that this one is moved to.
            Ok(_) | Err(StoreError::ReadOnly) => {}
            Err(error) => tracing::error!(%error, "the audit trail could not be sealed"),
        }
    }

    /// Logs how far the audit trail is sealed. Kept elsewhere, it shows when the end of the trail is cut off.
    async fn tell_head(self: Arc<Self>) {
        match self.service.store().last_seal().await {
            Ok(Some(seal)) => tracing::info!(head = %seal.head(), "the audit trail is sealed"),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the audit trail's last seal could not be read"),
        }
    }

    async fn know_schemes(self: Arc<Self>) {
        if let Err(error) = self.service.know_schemes().await {
            tracing::warn!(%error, "the schemes of the password hashes could not be counted");
        }
    }

    async fn tell_refusals(&self, at_the_end: bool) {
        if let Err(error) = self.service.tell_refusals(at_the_end).await {
            tracing::warn!(%error, "refusals could not be written to the audit trail");
        }
    }

    /// Clears away rows that no longer matter, by a time that has certainly come.
    async fn prune(self: Arc<Self>) {
        let service = &self.service;
        self.tell_refusals(false).await;
        match service.keep_time(service.clock.instant()).await {
            Ok(()) | Err(StoreError::ReadOnly) => {}
            Err(error) => tracing::warn!(%error, "the time could not be kept"),
        }
        let Some(passed) = service.passed(service.clock.instant()) else {
            return;
        };
        if let Err(error) = service.clear_keys(passed).await {
            tracing::warn!(%error, "keys that no longer matter could not be cleared away");
        }
        // In small batches, so that requests come in between.
        loop {
            match service.store().prune(passed).await {
                Ok(0) => break,
                Ok(rows) => tracing::debug!(rows, "rows that no longer matter were cleared away"),
                Err(error) => {
                    tracing::warn!(%error, "rows that no longer matter could not be cleared away");
                    break;
                }
            }
        }
        let Some(before) = audit::kept_since(passed, self.retention) else {
            return;
        };
        let now = service.shared_time(service.clock.instant());
        match self.keeper.give_up(service.store(), before, now).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(
                events,
                "events of the audit trail were given up: their time was over"
            ),
            Err(error) => tracing::warn!(%error, "old events of the audit trail could not be given up"),
        }
    }
}
