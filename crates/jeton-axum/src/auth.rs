//! The guard's set-up, and the two questions everything else here asks of it.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use axum::response::Response;
use http::request::Parts;
use jeton::{Claims, Verified, Verifier};
use serde::de::DeserializeOwned;

use crate::{
    clock::Clock,
    csrf::{self, Csrf, CsrfError},
    location::{self, TokenLocation},
    policy::Policy,
    refused::{Answers, Refused},
    rejection::Rejection,
    require::Require,
    revocation::{Revocations, Standing},
};

/// How an application checks its tokens: the value it keeps in its state.
///
/// Cloning is cheap and shares everything. A clone that is then changed by one of the methods below is a
/// guard of its own, for a route with other rules; it still shares the verifier, so that replacing the keys
/// reaches both:
///
/// ```
/// # use jeton::{Claims, SigningKey, Verifier};
/// # use jeton_axum::{Auth, SystemClock, TokenLocation, cookies::{Cookie, CookieMode}};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # let key = SigningKey::hs256([7; 32])?;
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
    /// Read on every request for as long as it takes to raise a counter, written for as long as it takes to
    /// swap a pointer: nobody waits for a lock that anybody holds while working, so std's lock will do.
    verifier: Arc<RwLock<Verifier>>,
    clock: Arc<dyn Clock>,
    revocations: Option<Arc<dyn Revocations<C>>>,
    locations: Arc<[TokenLocation]>,
    csrf: Option<Arc<CsrfRule<C>>>,
    answers: Arc<Answers>,
}

type SessionOf<C> = dyn Fn(&Verified<C>) -> Option<&[u8]> + Send + Sync;

struct CsrfRule<C> {
    csrf: Csrf,
    session: Box<SessionOf<C>>,
}

/// A token this request has proved already, and to which guard.
struct Proved<C> {
    token: Arc<Verified<C>>,
    to: Arc<Rules<C>>,
}

impl<C> Auth<C> {
    /// A guard that takes `Authorization: Bearer` tokens, judges them by `verifier` at the time of `clock`,
    /// and knows of no revocations.
    #[must_use]
    pub fn new(verifier: Verifier, clock: impl Clock) -> Self {
        let rules = Rules {
            verifier: Arc::new(RwLock::new(verifier)),
            clock: Arc::new(clock),
            revocations: None,
            locations: Arc::new([TokenLocation::header()]),
            csrf: None,
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

    /// Looks for tokens here, in this order, instead of in the `Authorization` header alone.
    #[must_use]
    pub fn locations(self, locations: impl IntoIterator<Item = TokenLocation>) -> Self {
        self.with(|rules| rules.locations = locations.into_iter().collect())
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
            rules.csrf = Some(Arc::new(CsrfRule {
                csrf,
                session: Box::new(session),
            }));
        })
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
    /// without a restart. Requests under way keep the one they started with.
    pub fn replace_verifier(&self, verifier: Verifier) {
        let slot = &self.rules.verifier;
        // The old one leaves the lock before it is dropped, so that wiping its keys holds nobody up.
        let _old = std::mem::replace(
            &mut *slot.write().unwrap_or_else(PoisonError::into_inner),
            verifier,
        );
    }

    /// The answer to a request turned away by [`check`](Self::check) or [`authenticate`](Self::authenticate).
    #[must_use]
    pub fn refuse(&self, rejection: Rejection) -> Refused {
        Refused::new(rejection, Arc::clone(&self.rules.answers))
    }

    /// A layer for [`Router::route_layer`](axum::Router::route_layer) that lets a request through only with
    /// a token that `P` allows.
    ///
    /// [`SignedIn`](crate::SignedIn) is the policy that asks for no more than a good token.
    #[must_use]
    pub fn require<P: Policy<Claims = C>>(&self) -> Require<P> {
        Require::new(self.clone())
    }

    fn with(mut self, change: impl FnOnce(&mut Rules<C>)) -> Self {
        change(Arc::make_mut(&mut self.rules));
        self
    }

    fn verifier(&self) -> Verifier {
        self.rules
            .verifier
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl<C: Claims + DeserializeOwned + Send + Sync + 'static> Auth<C> {
    /// Judges one token: signature, claims, revocation.
    ///
    /// For whoever has a token but no request: a message over a socket, a form. Where the token came from
    /// is not known here, so nothing is asked about CSRF.
    pub fn check(&self, token: &str) -> Result<Arc<Verified<C>>, Rejection> {
        let token = self.verifier().verify_at::<C>(token, self.rules.clock.now())?;
        match self
            .rules
            .revocations
            .as_ref()
            .map_or(Standing::Live, |list| list.check(&token))
        {
            Standing::Live => Ok(Arc::new(token)),
            Standing::Revoked => Err(Rejection::Revoked),
            Standing::Unknown => Err(Rejection::Unavailable),
        }
    }

    /// Finds a request's token and leaves it unjudged: for a route that also knows tokens of other kinds and
    /// must look before it decides who judges this one.
    pub fn find<'r>(&self, parts: &'r Parts) -> Result<Option<&'r str>, Rejection> {
        let found = location::find(&self.rules.locations, &parts.headers)?;
        Ok(found.map(|found| found.token))
    }

    /// Finds a request's token and judges it. A request without one is `Ok(None)`; a broken or a bad one is
    /// an error, also where a token is optional.
    pub fn authenticate(&self, parts: &Parts) -> Result<Option<Arc<Verified<C>>>, Rejection> {
        match self.proved(parts) {
            Some(token) => Ok(Some(token)),
            None => self.find_and_check(parts),
        }
    }

    /// [`authenticate`](Self::authenticate), remembered in the request for the next one who asks.
    pub(crate) fn authenticate_once(&self, parts: &mut Parts) -> Result<Option<Arc<Verified<C>>>, Rejection> {
        if let Some(token) = self.proved(parts) {
            return Ok(Some(token));
        }
        let Some(token) = self.find_and_check(parts)? else {
            return Ok(None);
        };
        parts.extensions.insert(Proved {
            token: Arc::clone(&token),
            to: Arc::clone(&self.rules),
        });
        Ok(Some(token))
    }

    /// Judges a request by a policy. The token must be there.
    pub(crate) fn authorize<P>(&self, parts: &mut Parts) -> Result<Arc<Verified<C>>, Rejection>
    where
        P: Policy<Claims = C>,
    {
        let token = self.authenticate_once(parts)?.ok_or(Rejection::Missing)?;
        P::allows(&token, self.rules.clock.now())?;
        Ok(token)
    }

    fn find_and_check(&self, parts: &Parts) -> Result<Option<Arc<Verified<C>>>, Rejection> {
        let Some(found) = location::find(&self.rules.locations, &parts.headers)? else {
            return Ok(None);
        };
        let token = self.check(found.token)?;
        if found.ambient && !csrf::is_safe(&parts.method) {
            self.check_csrf(parts, &token)?;
        }
        Ok(Some(token))
    }

    /// What this request proved to this very guard. A token proved to another guard of the application
    /// was judged by other rules and counts for nothing here.
    fn proved(&self, parts: &Parts) -> Option<Arc<Verified<C>>> {
        let proved = parts.extensions.get::<Proved<C>>()?;
        Arc::ptr_eq(&proved.to, &self.rules).then(|| Arc::clone(&proved.token))
    }

    fn check_csrf(&self, parts: &Parts, token: &Verified<C>) -> Result<(), CsrfError> {
        let rule = self.rules.csrf.as_ref().ok_or(CsrfError::NotConfigured)?;
        let session = (rule.session)(token).ok_or(CsrfError::NoSession)?;
        rule.csrf.check(&parts.headers, session)
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
            verifier: Arc::clone(&self.verifier),
            clock: Arc::clone(&self.clock),
            revocations: self.revocations.clone(),
            locations: Arc::clone(&self.locations),
            csrf: self.csrf.clone(),
            answers: Arc::clone(&self.answers),
        }
    }
}

impl<C> Clone for Proved<C> {
    fn clone(&self) -> Self {
        Self {
            token: Arc::clone(&self.token),
            to: Arc::clone(&self.to),
        }
    }
}

impl<C> fmt::Debug for Auth<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("locations", &self.rules.locations)
            .field("realm", &self.rules.answers.realm)
            .field("revocations", &self.rules.revocations.is_some())
            .field("csrf", &self.rules.csrf.is_some())
            .finish_non_exhaustive()
    }
}
