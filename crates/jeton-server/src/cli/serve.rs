use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{
    descriptors, log,
    running::{Outcome, open_store},
};
use crate::{
    assemble::assemble,
    config::Config,
    http::{
        self, App,
        server::{self, ConnectionLimits, Patience},
    },
    model::ceremony::CeremonySecret,
    service::{
        machinery::{
            clock::{Clock, SystemClock},
            random::SystemRandom,
        },
        upkeep::Upkeep,
    },
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
    let limits = ConnectionLimits {
        total: descriptors::connections(&config, descriptors::raise()),
        per_address: config.connections_per_address,
        proxies: config.trusted_proxies.clone().into(),
        patience: Patience::default(),
    };
    let store = open_store(&config).await?;
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = assemble(&config, Arc::clone(&store), clock, random).await?;
    // Before the first request: with a clock that is off, none is answered.
    app.service.watch_clock(app.service.clock().instant()).await?;
    // Whoever reads that it listens may tell it to stop at once.
    let stopped = stopped()?;
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| not_bound(config.listen, &error))?;
    // Before anybody hears that it listens: what fails from then on must not end the service.
    let set_up = match app.browser.face {
        Some(_) => set_up_secret(&app).await,
        None => None,
    };
    tracing::info!(
        "listening on http://{}, issuer {}",
        listener.local_addr()?,
        config.issuer
    );
    if let Some(secret) = set_up {
        offer_set_up(&app, listener.local_addr()?, &secret);
    }
    let service = Arc::clone(&app.service);
    let upkeep = Upkeep::start(
        Arc::clone(&service),
        Arc::clone(&app.keeper),
        app.redis.clone(),
        config.audit_retention,
    );
    let stop = async move {
        stopped.await;
        service.revocations().close();
    };
    server::serve(listener, http::router(app), limits, stop).await;
    upkeep.stop().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The secret of the link that makes the first administrator. A database that takes nothing new for now does not keep
/// the service from starting.
async fn set_up_secret(app: &App) -> Option<CeremonySecret> {
    let made = app.service.setup_link().await;
    made.unwrap_or_else(|error| {
        tracing::warn!(%error, "no link for the first administrator could be made");
        None
    })
}

/// Shows whoever starts the service the link that makes its first administrator, while there is none. The secret in it
/// is written past the log, which may be kept.
fn offer_set_up(app: &App, listening: SocketAddr, secret: &CeremonySecret) {
    // The issuer names another port where only the port to listen on was chosen.
    let origin = if app.browser.is_loopback && !app.browser.is_https() {
        format!("http://localhost:{}", listening.port())
    } else {
        app.browser.origin.clone()
    };
    eprintln!(
        "There is no administrator yet. Make one in a browser: {origin}/setup#{}",
        secret.expose()
    );
}

fn not_bound(listen: SocketAddr, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another process has this port: end it, or choose another with --listen (JETON_LISTEN)"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address: choose another with --listen (JETON_LISTEN)"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are root's: choose another with --listen (JETON_LISTEN)"
        }
        _ => "choose another address with --listen (JETON_LISTEN)",
    };
    format!("cannot listen on {listen}: {error}: {remedy}")
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
