//! What a serving process does by itself, beside answering.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::service::{
    Service,
    audit::{self, Chain},
    revoked::POLL_INTERVAL,
};

/// An event is sealed within a second.
const SEAL_INTERVAL: Duration = Duration::from_millis(500);

/// How often rows that no longer matter are looked for.
const PRUNE_INTERVAL: Duration = Duration::from_mins(1);

/// How often the schemes of the password hashes are counted: an import is another process.
const COUNT_INTERVAL: Duration = Duration::from_mins(1);

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
    pub(super) fn start(service: Arc<Service>, chain: Chain, retention: Duration) -> Self {
        let duties = Arc::new(Duties {
            service,
            chain,
            retention,
        });
        let mut tasks = JoinSet::new();
        let of = |duties: &Arc<Duties>| Arc::clone(duties);
        let (reader, sealer) = (of(&duties), of(&duties));
        let (pruner, counter) = (of(&duties), of(&duties));
        tasks.spawn(every(POLL_INTERVAL, move || of(&reader).read_revocations()));
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
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        work().await;
    }
}

impl Duties {
    /// Reads what other processes called back.
    async fn read_revocations(self: Arc<Self>) {
        let began = Instant::now();
        let service = &self.service;
        let now = service.clock().now().into();
        if let Err(error) = service.revoked().catch_up(service.store(), now, began).await {
            tracing::error!(%error, "the revocations could not be read");
        }
    }

    async fn seal(self: Arc<Self>) {
        let now = self.service.clock().now().into();
        if let Err(error) = audit::seal(self.service.store(), &self.chain, now).await {
            tracing::error!(%error, "the audit trail could not be sealed");
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
