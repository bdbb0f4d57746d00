//! What a serving process does by itself, beside answering.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    commons::Commons,
    service::{
        Service,
        audit::{self, Chain},
        revoked::POLL_INTERVAL,
    },
    store::StoreError,
};

/// The shortest time from one reading of the revocations to the next: however many are announced, the database is
/// asked forty times a second at most.
const READ_GAP: Duration = Duration::from_millis(25);

/// The shortest time from one announcement to the next.
const ANNOUNCE_GAP: Duration = Duration::from_millis(10);

/// An event is sealed within a second.
const SEAL_INTERVAL: Duration = Duration::from_millis(500);

/// How often rows that no longer matter are looked for.
const PRUNE_INTERVAL: Duration = Duration::from_mins(1);

/// How often the schemes of the password hashes are counted: an import is another process.
const COUNT_INTERVAL: Duration = Duration::from_mins(1);

/// The longest a duty may take at a time: a network that swallows answers must not end it for good.
const PATIENCE: Duration = Duration::from_mins(1);

/// The same for a reading of the revocations, without which nobody is answered.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// The duties of a process, each at its own pace: none waits for another.
#[derive(Debug)]
pub(super) struct Upkeep {
    duties: Arc<Duties>,
    tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Duties {
    service: Arc<Service>,
    chain: Chain,
    retention: Duration,
}

impl Upkeep {
    pub(super) fn start(
        service: Arc<Service>,
        commons: Option<Arc<Commons>>,
        chain: Chain,
        retention: Duration,
    ) -> Self {
        let duties = Arc::new(Duties {
            service,
            chain,
            retention,
        });
        let mut tasks = JoinSet::new();
        let of = |duties: &Arc<Duties>| Arc::clone(duties);
        let (sealer, pruner, counter) = (of(&duties), of(&duties), of(&duties));
        tasks.spawn(of(&duties).keep_reading_revocations(commons.clone()));
        if let Some(commons) = commons {
            tasks.spawn(announce(of(&duties), commons));
        }
        tasks.spawn(every(SEAL_INTERVAL, move || of(&sealer).seal()));
        tasks.spawn(every(PRUNE_INTERVAL, move || of(&pruner).prune()));
        tasks.spawn(every(COUNT_INTERVAL, move || of(&counter).know_schemes()));
        Self { duties, tasks }
    }

    /// Ends the duties, with everything sealed that was answered.
    pub(super) async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.duties.seal().await;
    }
}

async fn every<F: Future<Output = ()>>(period: Duration, work: impl Fn() -> F) {
    let mut ticks = ticks(period);
    loop {
        ticks.tick().await;
        if timeout(PATIENCE, work()).await.is_err() {
            tracing::error!("the database has fallen silent: what is done every {period:?} was not finished");
        }
    }
}

fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Tells other nodes that this one called something back: they need not wait for their next reading.
async fn announce(duties: Arc<Duties>, commons: Arc<Commons>) {
    loop {
        duties.service.revoked().written().await;
        commons.announce().await;
        sleep(ANNOUNCE_GAP).await;
    }
}

/// Ready when another node has called something back, if nodes tell each other.
async fn announced(commons: Option<&Commons>) {
    match commons {
        Some(commons) => commons.announced().await,
        None => std::future::pending().await,
    }
}

impl Duties {
    /// Reads what other processes called back: twice a second, and when there is news.
    async fn keep_reading_revocations(self: Arc<Self>, commons: Option<Arc<Commons>>) {
        let mut ticks = ticks(POLL_INTERVAL);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = announced(commons.as_deref()) => {}
            }
            if timeout(READ_PATIENCE, self.read_revocations()).await.is_err() {
                tracing::error!("the revocations could not be read: the database has fallen silent");
            }
            sleep(READ_GAP).await;
        }
    }

    async fn read_revocations(&self) {
        let began = Instant::now();
        let service = &self.service;
        let now = service.clock().now().into();
        if let Err(error) = service.revoked().catch_up(service.store(), now, began).await {
            tracing::error!(%error, "the revocations could not be read");
        }
    }

    async fn seal(self: Arc<Self>) {
        let now = self.service.clock().now().into();
        match audit::seal(self.service.store(), &self.chain, now).await {
            // What is left is sealed where the database goes to.
            Ok(_) | Err(StoreError::ReadOnly) => {}
            Err(error) => tracing::error!(%error, "the audit trail could not be sealed"),
        }
    }

    async fn know_schemes(self: Arc<Self>) {
        if let Err(error) = self.service.know_schemes().await {
            tracing::warn!(%error, "the schemes of the password hashes could not be counted");
        }
    }

    /// Clears away what no longer matters.
    async fn prune(self: Arc<Self>) {
        let now = self.service.clock().now().into();
        // In small batches: requests come in between.
        loop {
            match self.service.store().prune(now).await {
                Ok(0) => break,
                Ok(rows) => tracing::debug!(rows, "rows that no longer matter were cleared away"),
                Err(error) => {
                    tracing::warn!(%error, "rows that no longer matter could not be cleared away");
                    break;
                }
            }
        }
        let Some(before) = audit::kept_since(now, self.retention) else {
            return;
        };
        match audit::forget(self.service.store(), &self.chain, before).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(
                events,
                "events of the audit trail were given up: their time was over"
            ),
            Err(error) => tracing::warn!(%error, "old events of the audit trail could not be given up"),
        }
    }
}
