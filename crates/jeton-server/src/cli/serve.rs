use std::sync::Arc;

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{Outcome, log, open_store, upkeep::Upkeep};
use crate::{
    config::Config,
    http,
    service::{
        clock::{Clock, SystemClock},
        random::SystemRandom,
    },
    state::App,
};

pub(super) fn run(config: Config) -> Outcome {
    log::start(&config.log, config.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Outcome {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let previous = config.secrets.previous.as_ref();
    if previous.is_some_and(|previous| previous.until <= SystemClock.now().into()) {
        tracing::warn!("the time of JWT_SECRET_PREVIOUS is over: what it signed is refused, and it can go");
    }
    let store = open_store(&config).await?;
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = App::assemble(&config, Arc::clone(&store), clock, random).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| format!("{}: {error}", config.listen))?;
    tracing::info!(
        "listening on http://{}, issuer {}",
        listener.local_addr()?,
        config.issuer
    );
    let upkeep = Upkeep::start(app.clone(), config.audit_retention);
    let (stopped, service) = (stopped()?, Arc::clone(&app.service));
    let stop = async move {
        stopped.await;
        service.revoked().close();
    };
    http::server::serve(listener, http::router(app), stop).await;
    upkeep.stop().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
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
