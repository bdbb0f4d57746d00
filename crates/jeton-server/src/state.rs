//! What handlers share, and the set-up of the guard.

use std::{net::IpAddr, ops::Deref, path::PathBuf, sync::Arc, time::Instant};

use axum::extract::FromRef;
use ipnet::IpNet;
use jeton::Verified;
use jeton_axum::{
    Auth, Standing, TokenLocation,
    cookies::{Cookie, CookieMode},
    csrf::Csrf,
};

use crate::{
    commons::Commons,
    config::{Config, Issuer, MasterKeyError},
    http::{
        ApiError, Metrics, REALM,
        requester::{self, Requester},
    },
    model::time::Timestamp,
    service::{
        Failure, Service,
        accounts::throttle::Fingerprints,
        audit::{Chain, Keeper},
        machinery::{
            addresses::AddressLimit,
            claims::{Access, AccessClaims, AnyAccess, ServiceAccess},
            clock::Clock,
            hasher::Hasher,
            keys::{KeyringError, Ring, Vault},
            random::Random,
            revoked::{self, Bearer, RevocationSet},
            seal::SealError,
        },
    },
    store::{Signer, Store, StoreError},
};

/// How many verified tokens each guard of users remembers: a few megabytes when full, and a signature saved for each
/// request of that many users.
const CACHED_TOKENS: usize = 2048;

/// Answers say when their access token is in the last part of its life, of so many.
const HINT_PART: u32 = 5;

/// Everything a handler may need; every layer and handler of a request has a clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub service: Arc<Service>,
    /// What seals the audit trail.
    pub keeper: Arc<Keeper>,
    /// Takes access tokens from the header and from cookies.
    pub guard: Auth<Access>,
    /// Takes access tokens from the header alone.
    pub header: Auth<Access>,
    /// Takes access tokens from wherever they may be, a bare one in the header included, and reads every claim.
    pub inspector: Auth<AnyAccess>,
    /// Takes the access tokens of service accounts, from the header alone.
    pub programs: Auth<ServiceAccess>,
    pub browser: Browser,
    pub network: Network,
    /// What nodes share for speed alone, where there is such a thing.
    pub commons: Option<Arc<Commons>>,
    pub metrics: Arc<Metrics>,
}

/// How browsers are served.
#[derive(Clone, Debug)]
pub struct Browser {
    /// None where cookies would travel in the clear.
    pub cookies: Option<BrowserCookies>,
    /// The service's own origin, from its issuer.
    pub origin: String,
    /// Whether the issuer names this machine.
    pub is_loopback: bool,
    /// Other origins whose pages may call the service.
    pub cors_origins: Arc<[String]>,
}

/// What is known of the way requests come.
#[derive(Clone, Debug)]
pub struct Network {
    /// Proxies that are believed about where a request comes from.
    pub trusted_proxies: Arc<[IpNet]>,
    /// How often an address may try; `None` for as often as it likes.
    pub limit: Option<Arc<AddressLimit>>,
}

/// The cookies' names, and what proves that a page of this site sent them.
#[derive(Clone, Debug)]
pub struct BrowserCookies {
    pub mode: CookieMode,
    pub csrf: Csrf,
}

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
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("the CSRF key does not fit: {0}")]
    Csrf(#[from] jeton_axum::csrf::CsrfKeyError),
    #[error("{0}")]
    Cost(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Browser {
    /// Whether the service is reached over TLS alone.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

impl Network {
    /// Whether an address is a proxy's that is believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}

impl App {
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
    ) -> Result<Self, AssembleError> {
        let keys = store.keys().await?;
        if keys.is_empty() {
            begin(config, &*store).await?;
        }
        let vault = Vault::new(config.master_keys(!keys.is_empty(), &*random)?)?;
        let root = vault.root(&keys)?;
        let chain = Chain::new(&root)?;
        let signer = Signer::new(chain.key().clone(), random.bytes().map_err(Failure::from)?);
        store.sign_events(signer, clock.now().into()).await?;
        let (secrets, rules) = (config.secrets.clone(), config.rules.clone());
        let ring = Ring::open(&*store, keys, vault, secrets, &rules, &*clock, &*random).await?;
        let hasher = Hasher::new(config.cost, &*root.subkey("decoy")?).map_err(AssembleError::Cost)?;
        let fingerprints = Fingerprints::new(&root)?;
        let service = Service::new(store, clock, random, hasher, ring, fingerprints, rules);
        service.catch_up(Instant::now()).await?;
        service.know_schemes().await?;
        let cookies = match cookie_mode(&config.issuer) {
            Some(mode) => Some(BrowserCookies {
                mode,
                csrf: Csrf::new(&root.subkey("csrf")?[..], mode)?,
            }),
            None => None,
        };
        let browser = Browser {
            cookies,
            origin: config.issuer.origin().to_owned(),
            is_loopback: config.issuer.is_loopback(),
            cors_origins: config.cors_origins.clone().into(),
        };
        let commons = match &config.redis_url {
            Some(url) => Some(Arc::new(Commons::start(url, &*root.subkey("commons")?))),
            None => None,
        };
        let limit = |per_minute| Arc::new(AddressLimit::new(per_minute, commons.clone()));
        let network = Network {
            trusted_proxies: config.trusted_proxies.clone().into(),
            limit: config.address_limit.map(limit),
        };
        Ok(Self::new(
            Arc::new(service),
            Keeper::new(chain),
            browser,
            network,
            commons,
        ))
    }

    /// Sets the guards up: the service's verifier, its clock, its revocations and its error bodies.
    #[must_use]
    pub fn new(
        service: Arc<Service>,
        keeper: Keeper,
        browser: Browser,
        network: Network,
        commons: Option<Arc<Commons>>,
    ) -> Self {
        let cookie = browser.cookies.as_ref();
        let cookie = cookie.map(|cookies| TokenLocation::cookie(cookies.mode.name(Cookie::Access)));
        let header: Auth<Access> = guard(&service, &browser).cached(CACHED_TOKENS);
        let guard = header
            .clone()
            .locations([TokenLocation::header()].into_iter().chain(cookie.clone()))
            .hints(service.rules().access_lifetime / HINT_PART);
        let inspector = self::guard(&service, &browser)
            .cached(CACHED_TOKENS)
            .locations([TokenLocation::header().or_bare()].into_iter().chain(cookie));
        let programs = self::guard(&service, &browser);
        Self(Arc::new(Parts {
            service,
            keeper: Arc::new(keeper),
            guard,
            programs,
            header,
            inspector,
            browser,
            network,
            commons,
            metrics: Arc::default(),
        }))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
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

/// Which cookies may be set: none where they would leave the machine in the clear.
const fn cookie_mode(issuer: &Issuer) -> Option<CookieMode> {
    match (issuer.is_https(), issuer.is_loopback()) {
        (true, _) => Some(CookieMode::Host),
        (false, true) => Some(CookieMode::Loopback),
        (false, false) => None,
    }
}

fn guard<C: AccessClaims>(service: &Service, browser: &Browser) -> Auth<C> {
    let clock = Arc::clone(service.clock());
    let follower = Arc::clone(service.revocations());
    let auth = Auth::new(service.tokens().access_verifier().clone(), move || {
        Clock::now(&*clock)
    })
    .realm(REALM)
    .revocations(move |token: &Verified<C>| standing(follower.set(), token))
    .rejections(ApiError::guard_response);
    let auth = match &browser.cookies {
        Some(cookies) => auth.csrf(cookies.csrf.clone(), |token: &Verified<C>| {
            Some(&token.claims().session()?.as_bytes()[..])
        }),
        None => auth,
    };
    // Guards made from this one share its verifier.
    let like_this = auth.clone();
    service.follow_keys(move |verifier| like_this.replace_verifier(verifier.clone()));
    auth
}

fn standing<C: AccessClaims>(revocations: &RevocationSet, token: &Verified<C>) -> Standing {
    // Every access token is issued with a user's id; one without is none of ours.
    let Some(user) = token.subject().and_then(|id| id.parse().ok()) else {
        return Standing::Revoked;
    };
    let claims = token.claims();
    let bearer = Bearer {
        id: token.id(),
        issued_at: token.issued_at().map(Timestamp::from),
        session: claims.session().copied(),
        user,
        version: claims.version(),
    };
    match revocations.check(&bearer, Instant::now()) {
        revoked::Standing::Live => {
            requester::note(match bearer.session {
                Some(session) => Requester::user(user, Some(session)),
                None => Requester::client(user),
            });
            Standing::Live
        }
        revoked::Standing::Revoked => Standing::Revoked,
        revoked::Standing::Unknown => Standing::Unknown,
    }
}

impl FromRef<App> for Auth<ServiceAccess> {
    fn from_ref(app: &App) -> Self {
        app.programs.clone()
    }
}

impl FromRef<App> for Auth<Access> {
    fn from_ref(app: &App) -> Self {
        app.guard.clone()
    }
}
