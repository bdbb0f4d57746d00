//! Parts that commands share: how they end, and how they reach the database.

use std::{error::Error, sync::Arc};

use crate::{
    config::Config,
    model::acceptance::CLOCKS_APART,
    service::{
        context::Context,
        machinery::{
            clock::{Clock, SystemClock},
            keys::KeySealer,
            random::SystemRandom,
            seal::MasterKey,
        },
    },
    store::{self, Pool, Store, StoreError},
};

/// The end of a command that does not end well: a sentence for whoever typed it.
pub(super) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The end of a command that scripts tell apart from other ends.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Exit {
    pub(super) code: u8,
    pub(super) message: String,
}

/// The parts of a service that a command has: nobody is told of revocations, servers read of them.
pub(super) fn context(store: &Arc<dyn Store>) -> Context<'_> {
    Context {
        store,
        clock: &SystemClock,
        random: &SystemRandom,
        revocations: None,
    }
}

/// The database the settings name, with what they let it take.
pub(super) async fn open_store(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    let pool = Pool {
        connections: config.database_connections,
        timeout: config.database_timeout,
    };
    store::open_with(&config.database_url, &pool).await
}

/// Works on the database without writing anything that other nodes heed.
pub(super) fn reading<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Arc<dyn Store>) -> Outcome<T>,
) -> Outcome<T> {
    block_on(async {
        let store = open_store(config).await?;
        let outcome = work(&store).await;
        store.close().await;
        outcome
    })?
}

/// Opens the store for a command that writes times, which other nodes heed: refused where the clock is off.
pub(super) async fn open_store_in_step(config: &Config) -> Outcome<Arc<dyn Store>> {
    let store = open_store(config).await?;
    let (here, there) = (SystemClock.now(), store.database_time().await?);
    let apart = here
        .duration_since(there)
        .unwrap_or_else(|behind| behind.duration());
    if apart > CLOCKS_APART {
        let problem = format!(
            "this machine's clock is {} seconds from the database's: set it right first",
            apart.as_secs()
        );
        return Err(problem.into());
    }
    Ok(store)
}

/// A runtime for a command that works and ends.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work))
}

/// The root of the secrets that are kept nowhere.
pub(super) async fn root(config: &Config, store: &dyn Store) -> Outcome<MasterKey> {
    let sealer = KeySealer::new(config.master_keys(true, &SystemRandom)?)?;
    Ok(sealer.root(&store.keys().await?)?)
}
