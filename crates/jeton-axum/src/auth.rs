//! The guard. Its options are in `set_up`, its decisions in `authenticate`.

mod authenticate;
mod authenticated;
mod find;
mod holds;
mod routes;
mod set_up;

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use http::{HeaderValue, Method, request::Parts};
use jeton::{Verified, Verifier};

pub use self::holds::HoldsAuth;
use crate::{
    cache::Cache,
    clock::Clock,
    csrf::Csrf,
    guard::Guard,
    location::TokenLocation,
    refused::{Answers, Refused},
    rejection::{Denied, Rejection},
    revocation::{AnyBlocklist, Revocations},
    verifiers::Verifiers,
};

/// How an application checks its tokens: the value it keeps in its state.
///
/// Cloning is cheap and shares everything. A clone that is then changed by one of the methods below is a
/// guard of its own, for a route with other rules; it still shares the verifier, so that replacing the keys
/// reaches both:
///
/// ```
/// # use jeton::{Algorithm, Claims, SigningKey, Verifier};
/// # use jeton_axum::{Auth, SystemClock, TokenLocation, cookies::{Cookie, CookieMode}};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// # let verifier = Verifier::builder(key.verifying_key()).issuer("https://id.example").audience("api").build();
/// let auth = Auth::<Access>::new(verifier, SystemClock);
/// let access = CookieMode::Host.name(Cookie::Access);
/// let pages = auth.clone().locations([TokenLocation::header(), TokenLocation::cookie(access)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Auth<C> {
    rules: Arc<Rules<C>>,
}

/// Everything behind an [`Auth`]. Two of them are the same guard exactly when they share this.
struct Rules<C> {
    /// Behind std's lock for the reason given at its inner one.
    verifiers: Arc<RwLock<Verifiers>>,
    cache: Option<Arc<Cache<C>>>,
    clock: Arc<dyn Clock>,
    revocations: Option<Arc<dyn Revocations<C>>>,
    blocklist: Option<Arc<dyn AnyBlocklist<C>>>,
    always: Option<Rule<C>>,
    locations: Arc<[TokenLocation]>,
    csrf: Option<Arc<CsrfRule<C>>>,
    exempt_options: bool,
    body_limit: usize,
    renewal: Option<Arc<Renewal<C>>>,
    hints: Option<Duration>,
    answers: Arc<Answers>,
}

/// The most bytes that axum's own extractors read of a body.
const DEFAULT_BODY_LIMIT: usize = 2 * 1024 * 1024;

/// [`Policy::allows`](crate::Policy::allows).
type Rule<C> = fn(&Verified<C>, SystemTime) -> Result<(), Denied>;

struct Renewal<C> {
    within: Duration,
    renew: Box<dyn Fn(Arc<Verified<C>>) -> NewCookies + Send + Sync>,
}

type NewCookies = Pin<Box<dyn Future<Output = Vec<HeaderValue>> + Send>>;

type SessionOf<C> = dyn Fn(&Verified<C>) -> Option<&[u8]> + Send + Sync;

enum CsrfRule<C> {
    Asked {
        csrf: Box<Csrf>,
        session: Box<SessionOf<C>>,
    },
    /// Switched off by [`Auth::danger_without_csrf`].
    NotAsked,
}

impl<C> Auth<C> {
    /// A guard that takes `Authorization: Bearer` tokens and verifies them at the time of `clock` by one
    /// [`Verifier`] or by those of several [`Issuers`](crate::Issuers), and knows of no revocations.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, Verifier};
    /// # use jeton_axum::{Auth, SystemClock, claims::Jeton};
    /// let key = SigningKey::generate(Algorithm::Hs256)?;
    /// let verifier = Verifier::builder(key.verifying_key()).issuer("https://id.example").audience("api").build();
    /// let auth = Auth::<Jeton>::new(verifier, SystemClock);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(verifiers: impl Into<Verifiers>, clock: impl Clock) -> Self {
        let rules = Rules {
            verifiers: Arc::new(RwLock::new(verifiers.into())),
            cache: None,
            clock: Arc::new(clock),
            revocations: None,
            blocklist: None,
            always: None,
            locations: Arc::new([TokenLocation::header()]),
            csrf: None,
            exempt_options: false,
            body_limit: DEFAULT_BODY_LIMIT,
            renewal: None,
            hints: None,
            answers: Arc::default(),
        };
        Self {
            rules: Arc::new(rules),
        }
    }

    /// Verifies by this verifier from now on, in this guard and in all its clones: how keys are rotated
    /// without a restart. Requests under way keep the one they started with; remembered tokens are verified
    /// anew. It takes the place of several issuers and of remote keys too.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, Verifier};
    /// # use jeton_axum::{Auth, SystemClock, claims::Jeton};
    /// # let verifier = |key: &SigningKey| Verifier::builder(key.verifying_key()).any_issuer().audience("api").build();
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let auth = Auth::<Jeton>::new(verifier(&key), SystemClock);
    /// let next = SigningKey::generate(Algorithm::Hs256)?;
    /// auth.replace_verifier(verifier(&next));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace_verifier(&self, verifier: Verifier) {
        self.rules
            .verifiers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(verifier);
    }

    /// The time by this guard's clock.
    ///
    /// ```
    /// # use jeton_axum::{Auth, Bearer, MemoryBlocklist, NoId, claims::Jeton};
    /// fn sign_out(auth: &Auth<Jeton>, list: &MemoryBlocklist, token: &Bearer<Jeton>) -> Result<(), NoId> {
    ///     list.revoke(&token.0, auth.now())
    /// }
    /// ```
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.rules.clock.now()
    }

    /// The answer to a request turned away by [`check`](Self::check) or [`authenticate`](Self::authenticate).
    ///
    /// ```
    /// # use axum::response::{IntoResponse, Response};
    /// # use jeton_axum::Auth;
    /// # #[derive(serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn greet(auth: &Auth<Access>, token: &str) -> Response {
    ///     match auth.check(token) {
    ///         Ok(token) => token.subject().unwrap_or_default().to_owned().into_response(),
    ///         Err(rejection) => auth.refuse(rejection).into_response(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn refuse(&self, rejection: Rejection) -> Refused {
        Refused::new(rejection, Arc::clone(&self.rules.answers))
    }

    /// [`refuse`](Self::refuse), with the way to the [sign-in page](Self::sign_in_page) where a browser asks for a page.
    ///
    /// ```
    /// # use axum::{extract::State, response::{IntoResponse, Response}};
    /// # use http::request::Parts;
    /// # use jeton_axum::{Auth, Rejection, claims::Jeton};
    /// async fn page(State(auth): State<Auth<Jeton>>, parts: Parts) -> Response {
    ///     match auth.authenticate_async(&parts).await {
    ///         Ok(Some(_)) => "your page".into_response(),
    ///         Ok(None) => auth.refuse_request(&parts, Rejection::Missing).into_response(),
    ///         Err(rejection) => auth.refuse_request(&parts, rejection).into_response(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn refuse_request(&self, parts: &Parts, rejection: Rejection) -> Refused {
        let refused = self.refuse(rejection);
        // A token that came in the address must not go on from there.
        let with_query = !self.rules.locations.iter().any(TokenLocation::is_query);
        refused.showing_the_way(parts, with_query)
    }

    pub(crate) fn lets_through(&self, method: &Method) -> bool {
        self.rules.exempt_options && method == Method::OPTIONS
    }

    /// A layer that makes this guard the one that authenticates on the routes below it, whatever their state holds,
    /// and does there what needs the whole request or its answer: reading tokens from the query or the body
    /// and CSRF tokens from forms, [`renewal`](Self::renewal) and [`hints`](Self::hints).
    ///
    /// So a route has token locations of its own:
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use jeton_axum::{Auth, Bearer, TokenLocation};
    /// # #[derive(serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(auth: Auth<Access>) -> Router {
    /// let downloads = Router::new()
    ///     .route("/report.pdf", get(async |_: Bearer<Access>| "…"))
    ///     .route_layer(auth.clone().locations([TokenLocation::query("token")]).guard());
    /// let app: Router = Router::new()
    ///     .route("/me", get(async |_: Bearer<Access>| "…"))
    ///     .merge(downloads)
    ///     .with_state(auth);
    /// # app
    /// # }
    /// ```
    ///
    /// Where [`require`](Self::require) is used too, this one goes outside of it: it is added later.
    ///
    /// # Panics
    ///
    /// While the application is set up, if there is a [`renewal`](Self::renewal) and no location is a cookie: no
    /// other token can be renewed.
    #[must_use]
    pub fn guard(&self) -> Guard<C> {
        let mut cookies = self.rules.locations.iter().filter_map(TokenLocation::cookie_name);
        assert!(
            self.rules.renewal.is_none() || cookies.next().is_some(),
            "Auth::renewal: renews tokens from cookies, and no location is a cookie"
        );
        Guard::new(self.clone())
    }

    fn with(mut self, change: impl FnOnce(&mut Rules<C>)) -> Self {
        change(Arc::make_mut(&mut self.rules));
        self
    }
}

// The clones are written by hand because derived ones would ask for `C: Clone`.
impl<C> Clone for Auth<C> {
    fn clone(&self) -> Self {
        Self {
            rules: Arc::clone(&self.rules),
        }
    }
}

impl<C> Clone for Rules<C> {
    fn clone(&self) -> Self {
        Self {
            verifiers: Arc::clone(&self.verifiers),
            cache: self.cache.clone(),
            clock: Arc::clone(&self.clock),
            revocations: self.revocations.clone(),
            blocklist: self.blocklist.clone(),
            always: self.always,
            locations: Arc::clone(&self.locations),
            csrf: self.csrf.clone(),
            exempt_options: self.exempt_options,
            body_limit: self.body_limit,
            renewal: self.renewal.clone(),
            hints: self.hints,
            answers: Arc::clone(&self.answers),
        }
    }
}

impl<C> fmt::Debug for Auth<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("locations", &self.rules.locations)
            .field("realm", &self.rules.answers.realm)
            .field("cache", &self.rules.cache)
            .field("revocations", &self.rules.revocations.is_some())
            .field("blocklist", &self.rules.blocklist.is_some())
            .field("csrf", &self.rules.csrf.is_some())
            .finish_non_exhaustive()
    }
}
