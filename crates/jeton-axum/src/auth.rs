//! The guard's set-up. What it decides is in `judge`.

mod find;
mod judge;
mod proved;
mod routes;

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use axum::response::Response;
use http::{HeaderValue, Method};
use jeton::{Claims, Verified, Verifier};

use crate::{
    cache::Cache,
    clock::Clock,
    csrf::Csrf,
    guard::Guard,
    location::TokenLocation,
    policy::Policy,
    refused::{Answers, Refused},
    rejection::{Denied, Rejection},
    revocation::{AnyBlocklist, Blocklist, Revocations},
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

/// [`Policy::allows`].
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
    /// A guard that takes `Authorization: Bearer` tokens, judges them at the time of `clock` by one
    /// [`Verifier`] or by those of several [`Issuers`](crate::Issuers), and knows of no revocations.
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

    /// Asks this list about every token that verifies.
    #[must_use]
    pub fn revocations(self, revocations: impl Revocations<C>) -> Self {
        self.with(|rules| rules.revocations = Some(Arc::new(revocations)))
    }

    /// Asks this list, which may have to be waited for, about every token that verifies.
    #[must_use]
    pub fn blocklist(self, blocklist: impl Blocklist<C>) -> Self
    where
        C: Send + Sync + 'static,
    {
        self.with(|rules| rules.blocklist = Some(Arc::new(blocklist)))
    }

    /// Asks this policy of every token that verifies, on routes where a token is optional too.
    #[must_use]
    pub fn always<P: Policy<Claims = C>>(self) -> Self {
        self.with(|rules| rules.always = Some(P::allows))
    }

    /// Lets revoked tokens pass: for the few routes that need no more than to know who someone was.
    #[must_use]
    pub fn skip_revocations(self) -> Self {
        self.with(|rules| {
            rules.revocations = None;
            rules.blocklist = None;
        })
    }

    /// Remembers up to so many verified tokens by their exact text, so that the next request with one costs
    /// no signature check. All guards made from this one share them.
    ///
    /// A remembered token is still asked about everything that may have changed: whether the keys were
    /// replaced, what the verifier [looks at again](Verifier::recheck_at), and the revocations.
    ///
    /// Each takes its text, its claims and about 300 bytes. Tokens that need no second look are handed out
    /// shared, not copied.
    #[must_use]
    pub fn cached(self, tokens: usize) -> Self
    where
        C: Claims,
    {
        self.with(|rules| rules.cache = Some(Arc::new(Cache::new(tokens))))
    }

    /// Looks for tokens here, in this order, instead of in the `Authorization` header alone.
    ///
    /// A guard that knows of cookies alone challenges nobody: no `WWW-Authenticate` asks a browser for a cookie.
    ///
    /// # Panics
    ///
    /// While the application is set up, if no request could bring a token: there is no location, or one without a
    /// name, or a header whose scheme is no single word, or empty without [`or_bare`](TokenLocation::or_bare).
    #[must_use]
    pub fn locations(self, locations: impl IntoIterator<Item = TokenLocation>) -> Self {
        let locations: Arc<[_]> = locations.into_iter().collect();
        assert!(
            !locations.is_empty(),
            "Auth::locations: without a location no request can bring a token"
        );
        locations.iter().for_each(TokenLocation::assert_useful);
        let only_cookies = locations.iter().all(|location| location.cookie_name().is_some());
        self.with(|rules| {
            rules.locations = locations;
            Arc::make_mut(&mut rules.answers).challenges = !only_cookies;
        })
    }

    /// Lets cookies authenticate requests that change something, if those carry a CSRF token of the session
    /// that `session` reads from the token.
    ///
    /// Without this, a token from a cookie is good for GET, HEAD, OPTIONS and TRACE only. A token for which
    /// `session` answers `None` is too.
    #[must_use]
    pub fn csrf(
        self,
        csrf: Csrf,
        session: impl Fn(&Verified<C>) -> Option<&[u8]> + Send + Sync + 'static,
    ) -> Self {
        self.with(|rules| {
            rules.csrf = Some(Arc::new(CsrfRule::Asked {
                csrf: Box::new(csrf),
                session: Box::new(session),
            }));
        })
    }

    /// Lets cookies authenticate every request, without a CSRF token.
    ///
    /// Any page on the web can then have its visitors' browsers send requests that change something here.
    /// This is bearable only where something else tells such requests apart: `SameSite=Strict` cookies, or
    /// a check of `Origin` in front.
    #[must_use]
    pub fn danger_without_csrf(self) -> Self {
        self.with(|rules| rules.csrf = Some(Arc::new(CsrfRule::NotAsked)))
    }

    /// Holds back at most so many bytes of a body that may have a token in it; 2 MiB unless set, as axum
    /// does. A larger body is answered with 413.
    ///
    /// # Panics
    ///
    /// While the application is set up, if `bytes` is zero: every body would be too large.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        assert!(bytes > 0, "Auth::body_limit: no body fits into zero bytes");
        self.with(|rules| rules.body_limit = bytes)
    }

    /// Renews tokens that came in a cookie and have less than `within` to live, after the handler is done
    /// and below [`guard`](Self::guard): `renew` gives the `Set-Cookie` values of what takes their place, or
    /// none.
    ///
    /// `renew` is asked only for an answer that is no error, that does not set or clear that cookie itself, and
    /// for a token that is still not revoked by then: who logs out stays logged out. Give the new token the
    /// old one's session, so that ending the session ends it as well.
    ///
    /// Where the guard's layer is missing over a route, requests with a token get 500 `guard_missing`: they would
    /// never be renewed.
    ///
    /// # Panics
    ///
    /// While the application is set up, if `within` is zero, since no token would be renewed then; and
    /// [`guard`](Self::guard) does if no location is a cookie.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton::{Issuer, Verified};
    /// # use jeton_axum::{Auth, Clock, SystemClock, cookies::{Cookie, CookieMode}};
    /// # #[derive(Clone, serde::Serialize, serde::Deserialize)] struct Access { sid: String }
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(auth: Auth<Access>, issuer: std::sync::Arc<Issuer<Access>>) -> Auth<Access> {
    /// auth.renewal(Duration::from_mins(5), move |old| {
    ///     let issuer = issuer.clone();
    ///     async move {
    ///         let subject = old.subject().unwrap_or_default();
    ///         let token = issuer.issue_at(subject, "api", old.claims().clone(), SystemClock.now());
    ///         let cookie = |token: String| CookieMode::Host.set(Cookie::Access, &token, Duration::from_mins(15));
    ///         token.ok().and_then(|token| cookie(token).ok()).into_iter().collect()
    ///     }
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn renewal<F, Fut>(self, within: Duration, renew: F) -> Self
    where
        F: Fn(Arc<Verified<C>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Vec<HeaderValue>> + Send + 'static,
    {
        assert!(
            !within.is_zero(),
            "Auth::renewal: within zero seconds nothing is renewed"
        );
        let renew = Box::new(move |token| Box::pin(renew(token)) as NewCookies);
        self.with(|rules| rules.renewal = Some(Arc::new(Renewal { within, renew })))
    }

    /// Marks answers, below [`guard`](Self::guard), when the request's token has less than `within` to
    /// live: in the header `X-Token-Expires-In`, in whole seconds. For clients that ask before they log out.
    ///
    /// Where the guard's layer is missing over a route, requests with a token get 500 `guard_missing`.
    ///
    /// # Panics
    ///
    /// While the application is set up, if `within` is zero: no answer would have a hint.
    #[must_use]
    pub fn hints(self, within: Duration) -> Self {
        assert!(
            !within.is_zero(),
            "Auth::hints: within zero seconds nothing is hinted"
        );
        self.with(|rules| rules.hints = Some(within))
    }

    /// Lets OPTIONS requests through [`require`](Self::require) without a token, for services behind it that
    /// answer CORS preflights themselves: browsers send those without credentials.
    ///
    /// Extractors still ask for a token. Not the default, because a route for any method, guarded by the
    /// layer alone, would run for everybody; and a CORS layer outside of the guard needs none of it.
    #[must_use]
    pub fn exempt_options(self) -> Self {
        self.with(|rules| rules.exempt_options = true)
    }

    /// The protection space named in challenges (RFC 9110 §11.5); `api` unless set.
    ///
    /// Printable ASCII without quotes and backslashes; other characters are sent as `?`.
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        self.with(|rules| Arc::make_mut(&mut rules.answers).realm = realm.into())
    }

    /// Writes the body of every refusal.
    ///
    /// Status, `WWW-Authenticate` and `Cache-Control: no-store` are put on the answer afterwards, whatever
    /// it says itself, so that no body can forget them.
    #[must_use]
    pub fn rejections(self, body: impl Fn(&Rejection) -> Response + Send + Sync + 'static) -> Self {
        self.with(|rules| Arc::make_mut(&mut rules.answers).body = Some(Arc::new(body)))
    }

    /// Judges by this verifier from now on, in this guard and in all its clones: how keys are rotated
    /// without a restart. Requests under way keep the one they started with; remembered tokens are judged
    /// anew. It takes the place of several issuers and of remote keys too.
    pub fn replace_verifier(&self, verifier: Verifier) {
        self.rules
            .verifiers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(verifier);
    }

    /// The time by this guard's clock.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.rules.clock.now()
    }

    /// The answer to a request turned away by [`check`](Self::check) or [`authenticate`](Self::authenticate).
    #[must_use]
    pub fn refuse(&self, rejection: Rejection) -> Refused {
        Refused::new(rejection, Arc::clone(&self.rules.answers))
    }

    pub(crate) fn lets_through(&self, method: &Method) -> bool {
        self.rules.exempt_options && method == Method::OPTIONS
    }

    /// A layer that makes this guard the one that judges the routes below it, whatever their state holds,
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
