//! Commands that write: what they do stands in the audit trail, signed, and sealed before they end.

use std::{ops::Deref, sync::Arc};

use super::running::{Outcome, block_on, open_store_in_step};
use crate::{
    assemble::begin,
    config::Config,
    model::key::SealedKey,
    service::{
        audit::{Chain, Keeper},
        machinery::{
            clock::{Clock, SystemClock},
            keys::KeySealer,
            random::{Random, SystemRandom},
        },
    },
    store::{Signer, Store},
};

/// The database the settings name, to be written to.
pub(super) struct Writing {
    store: Arc<dyn Store>,
    keeper: Keeper,
}

/// Works on the database, in the name of the command line.
pub(super) fn writing<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Arc<dyn Store>) -> Outcome<T>,
) -> Outcome<T> {
    block_on(async {
        let store = Writing::open(config).await?;
        let outcome = work(&store).await;
        store.close().await;
        outcome
    })?
}

impl Writing {
    pub(super) async fn open(config: &Config) -> Outcome<Self> {
        let store = open_store_in_step(config).await?;
        let keys = store.keys().await?;
        if keys.is_empty() {
            begin(config, &*store).await?;
        }
        let chain = chain(config, &keys)?;
        let now = SystemClock.now().into();
        store.sign_events(signer(&chain)?, now).await?;
        let keeper = Keeper::new(chain);
        Ok(Self { store, keeper })
    }

    /// Seals what was done and lets go of the database.
    pub(super) async fn close(self) {
        let now = SystemClock.now().into();
        if let Err(error) = self.keeper.seal(&*self.store, now).await {
            eprintln!("jeton: the audit trail was not sealed, which the service does then: {error}");
        }
        self.store.close().await;
    }
}

impl Deref for Writing {
    type Target = Arc<dyn Store>;

    fn deref(&self) -> &Arc<dyn Store> {
        &self.store
    }
}

/// The signer of events for a database whose sealed keys these are.
pub(super) fn signing(config: &Config) -> impl Fn(&[SealedKey]) -> Result<Signer, String> + Sync {
    |keys| {
        chain(config, keys)
            .and_then(|chain| signer(&chain))
            .map_err(|error| error.to_string())
    }
}

/// The master key is made where nothing is sealed yet, as a service does that starts.
fn chain(config: &Config, keys: &[SealedKey]) -> Outcome<Chain> {
    let sealer = KeySealer::new(config.master_keys(!keys.is_empty(), &SystemRandom)?)?;
    Ok(Chain::new(&sealer.root(keys)?)?)
}

fn signer(chain: &Chain) -> Outcome<Signer> {
    let random: &dyn Random = &SystemRandom;
    Ok(Signer::new(chain.key().clone(), random.bytes()?))
}
