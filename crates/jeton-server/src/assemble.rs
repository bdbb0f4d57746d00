//! Puts the parts of the service together, as the settings say.

use std::{path::PathBuf, sync::Arc};

use crate::{
    config::{Config, MasterKeyError},
    http::{App, Browser, CsrfKeyError, Face, Network},
    pages::Pages,
    redis::Redis,
    service::{
        Failure, Service,
        audit::{Chain, Keeper},
        machinery::{
            addresses::AddressLimit,
            clock::Clock,
            derived::Derived,
            hasher::Hasher,
            keys::{KeyManager, KeyManagerError, KeySealer},
            random::Random,
            seal::SealError,
        },
    },
    store::{Signer, Store, StoreError},
};

/// Why the service could not be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssembleError {
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    #[error(
        "the database {database} is empty, and {} holds the master key of one before: that one was lost, or database-url \
         names another. Bring it back; or, for a new beginning, take the key file away, without which nothing of the one \
         before can be opened. If you have put the key there yourself, say so with --master-key-file {}",
        key_file.display(), key_file.display()
    )]
    DatabaseLost { database: String, key_file: PathBuf },
    #[error(transparent)]
    Keys(#[from] KeyManagerError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("the CSRF key does not fit: {0}")]
    Csrf(#[from] CsrfKeyError),
    #[error("{0}")]
    Cost(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Puts the service together, with its keys and revocations read: a node that has not heard of them answers nobody.
///
/// # Errors
///
/// [`AssembleError`] when a key does not open, a setting cannot be worked with, or the database fails.
pub async fn assemble(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<App, AssembleError> {
    let keys = store.keys().await?;
    if keys.is_empty() {
        begin(config, &*store).await?;
    }
    let sealer = KeySealer::new(config.master_keys(!keys.is_empty(), &*random)?)?;
    let root = sealer.root(&keys)?;
    let chain = Chain::new(&root)?;
    let signer = Signer::new(chain.key().clone(), random.bytes().map_err(Failure::from)?);
    store.sign_events(signer, clock.now().into()).await?;
    let (secrets, rules) = (config.secrets.clone(), config.rules.clone());
    let keys = KeyManager::open(&*store, keys, sealer, secrets, &rules, &*clock, &*random).await?;
    let hasher = Hasher::new(config.cost, &*root.subkey("decoy")?).map_err(AssembleError::Cost)?;
    let derived = Derived::new(&root)?;
    let service = Service::new(store, clock, random, hasher, keys, derived, rules);
    service.catch_up(service.clock().instant()).await?;
    service.know_schemes().await?;
    let face = config
        .brand
        .clone()
        .map(|brand| Arc::new(Pages::new(brand)) as Arc<dyn Face>);
    let browser = Browser::new(
        config.issuer.origin(),
        config.issuer.is_loopback(),
        &root.subkey("csrf")?[..],
        config.cors_origins.clone().into(),
        face,
    )?;
    let redis = match &config.redis_url {
        // The label is a format: nodes of two releases meet in Redis by names made under it.
        Some(url) => Some(Arc::new(Redis::start(url, &*root.subkey("commons")?))),
        None => None,
    };
    let limit = |per_minute| Arc::new(AddressLimit::new(per_minute, redis.clone()));
    let network = Network {
        trusted_proxies: config.trusted_proxies.clone().into(),
        limit: config.address_limit.map(limit),
    };
    Ok(App::new(
        Arc::new(service),
        Keeper::new(chain),
        browser,
        network,
        redis,
        config.setup(),
    ))
}

/// Notes that a first master key is about to be made for this database, which has no keys. Where nothing was noted and a
/// master key is there, the database is not the one it was. A start that was killed between the two goes on.
pub(crate) async fn begin(config: &Config, store: &dyn Store) -> Result<(), AssembleError> {
    // Before the database is asked: whoever makes the file has noted it there first.
    let left_behind = config.key_file_left_behind();
    if store.has_begun().await? {
        return Ok(());
    }
    if let Some(key_file) = left_behind {
        return Err(AssembleError::DatabaseLost {
            database: config.database_url.to_string(),
            key_file: key_file.to_owned(),
        });
    }
    tracing::info!("the database {} is new: its keys are made", config.database_url);
    Ok(store.begin().await?)
}
