//! State that handlers share, and the set-up of the guard.

mod refused_origins;

use std::{net::IpAddr, ops::Deref, sync::Arc, time::Instant};

use axum::extract::FromRef;
use ipnet::IpNet;
use jeton::Verified;
use jeton_axum::{
    Auth, TokenLocation, TokenStatus,
    cookies::{Cookie, CookieMode},
    csrf::{Csrf, CsrfKeyError},
};

pub use self::refused_origins::RefusedOrigins;
use super::{
    error::{ApiError, REALM},
    face::Face,
    metrics::registry::Metrics,
    requester::{self, Requester},
};
use crate::{
    model::{id::ClientId, time::Timestamp},
    redis::Redis,
    service::{
        Service,
        audit::Keeper,
        doctor::Setup,
        grants::ProviderOff,
        machinery::{
            addresses::AddressLimit,
            claims::{Access, AccessClaims, AnyAccess, ServiceAccess},
            clock::Clock,
            revoked::{self, RevocableClaims, RevocationSet},
            streams::Streams,
        },
    },
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
    /// The keeper of the audit trail, which seals it.
    pub keeper: Arc<Keeper>,
    /// Takes access tokens from the header and from cookies.
    pub guard: Auth<Access>,
    /// Takes access tokens from the header alone.
    pub header: Auth<Access>,
    /// Takes access tokens from wherever they may be, a bare one in the header included, and reads every claim.
    pub inspector: Auth<AnyAccess>,
    /// Takes the access tokens of clients, from the header alone.
    pub programs: Auth<ServiceAccess>,
    pub browser: Browser,
    pub network: Network,
    /// Redis, where nodes share one for speed.
    pub redis: Option<Arc<Redis>>,
    pub metrics: Arc<Metrics>,
    /// The settings in force, for the console and the doctor.
    pub setup: Setup,
    /// When this node was put together.
    pub started: Timestamp,
    /// Room for answers that go on.
    pub(crate) streams: Streams,
    /// Origins whose pages may not call the service, as far as the log has named them.
    pub refused_origins: RefusedOrigins,
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
    /// The pages for people; none where the API stands alone.
    pub face: Option<Arc<dyn Face>>,
}

/// The network that requests come through, as far as it is known.
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

impl Browser {
    /// Serves browsers at an origin; with cookies, unless they would leave the machine in the clear.
    ///
    /// # Errors
    ///
    /// [`CsrfKeyError`] when the key cannot be one.
    pub fn new(
        origin: &str,
        is_loopback: bool,
        csrf_key: &[u8],
        cors_origins: Arc<[String]>,
        face: Option<Arc<dyn Face>>,
    ) -> Result<Self, CsrfKeyError> {
        let mode = if origin.starts_with("https://") {
            Some(CookieMode::Host)
        } else {
            is_loopback.then_some(CookieMode::Loopback)
        };
        let cookies = mode.map(|mode| Csrf::new(csrf_key, mode).map(|csrf| BrowserCookies { mode, csrf }));
        Ok(Self {
            cookies: cookies.transpose()?,
            origin: origin.to_owned(),
            is_loopback,
            cors_origins,
            face,
        })
    }

    /// Whether a path is a page's.
    #[must_use]
    pub fn has_page(&self, path: &str) -> bool {
        self.face.as_ref().is_some_and(|face| face.has(path))
    }

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
    /// Sets the guards up: the service's verifier, its clock, its revocations and its error bodies.
    #[must_use]
    pub fn new(
        service: Arc<Service>,
        keeper: Keeper,
        browser: Browser,
        network: Network,
        redis: Option<Arc<Redis>>,
        setup: Setup,
    ) -> Self {
        let cookie = browser.cookies.as_ref();
        let cookie = cookie.map(|cookies| TokenLocation::cookie(cookies.mode.name(Cookie::Access)));
        let header: Auth<Access> = guarding(&service, &browser).cached(CACHED_TOKENS);
        let guard = header
            .clone()
            .locations([TokenLocation::header()].into_iter().chain(cookie.clone()))
            .hints(service.rules().access_lifetime / HINT_PART);
        let inspector = guarding(&service, &browser)
            .cached(CACHED_TOKENS)
            .locations([TokenLocation::header().or_bare()].into_iter().chain(cookie));
        let programs = guarding(&service, &browser);
        Self(Arc::new(Parts {
            setup,
            started: service.clock().now().into(),
            streams: Streams::default(),
            service,
            keeper: Arc::new(keeper),
            guard,
            programs,
            header,
            inspector,
            browser,
            network,
            redis,
            metrics: Arc::default(),
            refused_origins: RefusedOrigins::default(),
        }))
    }
}

impl App {
    /// Whether people can be signed in for clients: others can verify what is signed, and there are pages to ask on.
    ///
    /// # Errors
    ///
    /// [`ProviderOff`] says why not.
    pub(crate) fn provides(&self) -> Result<(), ProviderOff> {
        self.service.provides()?;
        if self.browser.face.is_some() {
            Ok(())
        } else {
            Err(ProviderOff::NoPages)
        }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

fn guarding<C: AccessClaims>(service: &Service, browser: &Browser) -> Auth<C> {
    let (clock, monotonic) = (Arc::clone(service.clock()), Arc::clone(service.clock()));
    let follower = Arc::clone(service.revocations());
    let auth = Auth::new(service.tokens().access_verifier().clone(), move || {
        Clock::now(&*clock)
    })
    .realm(REALM)
    .revocations(move |token: &Verified<C>| token_status(follower.set(), token, monotonic.instant()))
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

fn token_status<C: AccessClaims>(
    revocations: &RevocationSet,
    token: &Verified<C>,
    at: Instant,
) -> TokenStatus {
    // Every access token is issued to a user or a client; one without a subject is none of ours.
    let Some(user) = token.subject().and_then(|id| id.parse().ok()) else {
        return TokenStatus::Revoked;
    };
    let claims = token.claims();
    let claims = RevocableClaims {
        id: token.id(),
        issued_at: token.issued_at().map(Timestamp::from),
        session: claims.session().copied(),
        user,
        version: claims.version(),
    };
    match revocations.check(&claims, at) {
        revoked::RevocationStatus::Live => {
            requester::note(match claims.session {
                Some(session) => Requester::user(user, Some(session)),
                None => Requester::client(ClientId::of_subject(user)),
            });
            TokenStatus::Live
        }
        revoked::RevocationStatus::Revoked => {
            if let Some(session) = claims.session {
                requester::note_revoked(session);
            }
            TokenStatus::Revoked
        }
        revoked::RevocationStatus::Unknown => TokenStatus::Unknown,
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
