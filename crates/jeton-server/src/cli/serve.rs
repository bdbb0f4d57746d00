use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::{MissedTickBehavior, interval},
};

use super::{Outcome, log};
use crate::{
    config::Config,
    http,
    service::{Service, clock::SystemClock, keys, random::SystemRandom, revoked::POLL_INTERVAL},
    state::App,
    store,
};

/// How often rows that no longer matter are looked for.
const PRUNE_INTERVAL: Duration = Duration::from_mins(1);

pub(super) fn run(config: Config) -> Outcome {
    log::start(&config.log, config.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Outcome {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let store = store::open(&config.database_url).await?;
    let master = config.master_key(keys::are_sealed(&*store).await?, &SystemRandom)?;
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = App::assemble(&config, Arc::clone(&store), &master, clock, random).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("{}: {error}", config.listen))?;
    tracing::info!(
        "listening on http://{}, issuer {}",
        listener.local_addr()?,
        config.issuer
    );
    let upkeep = tokio::spawn(keep_up(Arc::clone(&app.service)));
    http::server::serve(listener, http::router(app), stopped()?).await;
    upkeep.abort();
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Reads the revocations of other processes and clears away what no longer matters, until it is aborted.
async fn keep_up(service: Arc<Service>) {
    let (mut poll, mut prune) = (interval(POLL_INTERVAL), interval(PRUNE_INTERVAL));
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    prune.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = poll.tick() => {
                let began = Instant::now();
                let now = service.clock().now().into();
                if let Err(error) = service.revoked().catch_up(service.store(), now, began).await {
                    tracing::error!(%error, "the revocations could not be read");
                }
            }
            _ = prune.tick() => {
                let now = service.clock().now().into();
                if let Err(error) = service.store().prune(now).await {
                    tracing::warn!(%error, "rows that no longer matter could not be cleared away");
                }
            }
        }
    }
}

/// Ready when the process is told to stop.
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: requests under way are finished first");
    })
}
