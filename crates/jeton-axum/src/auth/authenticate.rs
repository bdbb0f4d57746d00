//! Verifying a token, authenticating a request by it, and authorizing the request by a policy.

use std::{
    pin::pin,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
    time::SystemTime,
};

use http::request::Parts;
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use super::{
    Auth, CsrfRule,
    authenticated::{Authenticated, LookedFor},
};
use crate::{
    csrf::{self, CsrfError},
    location::{self, FoundIn},
    policy::Policy,
    rejection::Rejection,
    revocation::TokenStatus,
    verifiers::Verifiers,
};

impl<C: Claims + DeserializeOwned + Send + Sync + 'static> Auth<C> {
    /// Verifies one token: signature, claims, revocation.
    ///
    /// For code that has a token but no request: a message over a socket, a form. Where the token came from
    /// is not known here, so nothing is asked about CSRF.
    ///
    /// Never waits: what a [`Blocklist`](crate::Blocklist) cannot say at once is [`Rejection::Unavailable`],
    /// and keys that have to be fetched first are [`Rejection::KeysUnavailable`]. A guard that has those is
    /// asked by [`check_async`](Self::check_async).
    ///
    /// ```
    /// # use jeton::testkit::TestIssuer;
    /// # use jeton_axum::{Auth, Rejection};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let issuer = TestIssuer::new("https://id.example")?;
    /// let auth = Auth::<Access>::new(issuer.verifier("api"), issuer.clock().clone());
    ///
    /// let text = issuer.token("user-1", "api", &Access {})?;
    /// assert_eq!(auth.check(&text)?.subject(), Some("user-1"));
    /// assert!(matches!(auth.check("a.b.c"), Err(Rejection::Invalid(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, token: &str) -> Result<Arc<Verified<C>>, Rejection> {
        self.at_once(self.check_async(token))
    }

    /// Verifies one token, and waits where a blocklist or remote keys have to be waited for.
    ///
    /// ```
    /// # use jeton_axum::{Auth, Rejection, claims::Jeton};
    /// async fn first_message(auth: &Auth<Jeton>, message: &str) -> Result<String, Rejection> {
    ///     let token = auth.check_async(message).await?;
    ///     Ok(format!("Hello, {}", token.subject().unwrap_or_default()))
    /// }
    /// ```
    pub async fn check_async(&self, token: &str) -> Result<Arc<Verified<C>>, Rejection> {
        self.verify(token, self.rules.clock.now()).await
    }

    /// Authenticates a request: finds its token and verifies it. A request without one is `Ok(None)`; a
    /// broken or a bad one is an error, also where a token is optional.
    ///
    /// Never waits, as [`check`](Self::check).
    ///
    /// ```
    /// # use axum::{extract::State, response::{IntoResponse, Response}};
    /// # use http::request::Parts;
    /// # use jeton_axum::{Auth, claims::Jeton};
    /// async fn greet(State(auth): State<Auth<Jeton>>, parts: Parts) -> Response {
    ///     match auth.authenticate(&parts) {
    ///         Ok(Some(token)) => format!("Hello, {}", token.subject().unwrap_or_default()).into_response(),
    ///         Ok(None) => "Hello, stranger".into_response(),
    ///         Err(rejection) => auth.refuse(rejection).into_response(),
    ///     }
    /// }
    /// ```
    pub fn authenticate(&self, parts: &Parts) -> Result<Option<Arc<Verified<C>>>, Rejection> {
        self.at_once(self.authenticate_async(parts))
    }

    /// Authenticates a request: finds its token and verifies it, and waits where a blocklist or remote keys
    /// have to be waited for.
    ///
    /// ```
    /// # use http::request::Parts;
    /// # use jeton_axum::{Auth, Rejection, claims::Jeton};
    /// async fn who(auth: &Auth<Jeton>, parts: &Parts) -> Result<Option<String>, Rejection> {
    ///     let token = auth.authenticate_async(parts).await?;
    ///     Ok(token.and_then(|token| token.subject().map(str::to_owned)))
    /// }
    /// ```
    pub async fn authenticate_async(&self, parts: &Parts) -> Result<Option<Arc<Verified<C>>>, Rejection> {
        match self.authenticated(parts) {
            Some(token) => Ok(Some(token)),
            None => Ok(self.find_and_check(parts).await?.map(|(token, _)| token)),
        }
    }

    /// [`authenticate_async`](Self::authenticate_async), remembered in the request for the next one who asks.
    pub(crate) async fn authenticate_once(
        &self,
        parts: &mut Parts,
    ) -> Result<Option<Arc<Verified<C>>>, Rejection> {
        if let Some(token) = self.authenticated(parts) {
            return Ok(Some(token));
        }
        let Some((token, place)) = self.find_and_check(parts).await? else {
            parts.extensions.insert(LookedFor);
            return Ok(None);
        };
        self.tell_watch(parts, &token, place)?;
        parts
            .extensions
            .insert(Authenticated::new(&token, &self.rules, place));
        Ok(Some(token))
    }

    /// Authorizes a request by a policy. The token must be there.
    pub(crate) async fn authorize<P>(&self, parts: &mut Parts) -> Result<Arc<Verified<C>>, Rejection>
    where
        P: Policy<Claims = C>,
    {
        let token = self.authenticate_once(parts).await?.ok_or(Rejection::Missing)?;
        P::allows(&token, self.rules.clock.now())?;
        Ok(token)
    }

    /// [`authorize`](Self::authorize) where nothing [`may_wait`](Self::may_wait).
    pub(crate) fn authorize_now<P>(&self, parts: &mut Parts) -> Result<Arc<Verified<C>>, Rejection>
    where
        P: Policy<Claims = C>,
    {
        self.at_once(self.authorize::<P>(parts))
    }

    /// Whether verifying may have to wait for a blocklist or for keys.
    pub(crate) fn may_wait(&self) -> bool {
        self.rules.blocklist.is_some() || self.verifiers().may_wait()
    }

    /// The outcome of what is ready without waiting.
    fn at_once<T>(&self, question: impl Future<Output = Result<T, Rejection>>) -> Result<T, Rejection> {
        match pin!(question).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending if self.rules.blocklist.is_some() => Err(Rejection::Unavailable),
            Poll::Pending => Err(Rejection::KeysUnavailable),
        }
    }

    async fn find_and_check(&self, parts: &Parts) -> Result<Option<(Arc<Verified<C>>, FoundIn)>, Rejection> {
        if self.needs_guard() && !self.is_guarding(parts) {
            return Err(Rejection::GuardMissing);
        }
        let now = self.rules.clock.now();
        if let Some(cache) = &self.rules.cache
            && let Some(token) = location::plain(&self.rules.locations, parts)
            && let Some(token) = cache.get(token, now)
        {
            return Ok(Some((self.accept(token, now).await?, FoundIn::Header)));
        }
        let Some(found) = location::find(&self.rules.locations, parts)? else {
            return Ok(None);
        };
        let token = self.verify(&found.token, now).await?;
        if found.place.is_ambient() {
            self.check_csrf(parts, &token)?;
        }
        Ok(Some((token, found.place)))
    }

    async fn verify(&self, token: &str, now: SystemTime) -> Result<Arc<Verified<C>>, Rejection> {
        let remembered = self
            .rules
            .cache
            .as_ref()
            .and_then(|cache| cache.get(token.as_bytes(), now));
        let token = match remembered {
            Some(token) => token,
            None => self.verify_anew(token, now).await?,
        };
        self.accept(token, now).await
    }

    async fn verify_anew(&self, text: &str, now: SystemTime) -> Result<Arc<Verified<C>>, Rejection> {
        let keys = self.verifiers().keys_for(text)?;
        let verified = keys.verify(text, now).await?;
        if let Some(cache) = &self.rules.cache {
            cache.insert(text, &verified);
        }
        Ok(verified.token)
    }

    /// Asks of a token that verifies what the guard asks of all.
    async fn accept(&self, token: Arc<Verified<C>>, now: SystemTime) -> Result<Arc<Verified<C>>, Rejection> {
        match self.status(&token).await {
            TokenStatus::Live => {}
            TokenStatus::Revoked => return Err(Rejection::Revoked),
            TokenStatus::Unknown => return Err(Rejection::Unavailable),
        }
        if let Some(allows) = self.rules.always {
            allows(&token, now)?;
        }
        Ok(token)
    }

    /// A token's status by the lists. The one in memory goes first: a token that it refuses needs no second
    /// opinion.
    pub(super) async fn status(&self, token: &Verified<C>) -> TokenStatus {
        if let Some(revocations) = &self.rules.revocations {
            let status = revocations.check(token);
            if status != TokenStatus::Live {
                return status;
            }
        }
        match &self.rules.blocklist {
            Some(blocklist) => blocklist.ask(token).await,
            None => TokenStatus::Live,
        }
    }

    fn verifiers(&self) -> Verifiers {
        self.rules
            .verifiers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn authenticated(&self, parts: &Parts) -> Option<Arc<Verified<C>>> {
        parts.extensions.get::<Authenticated>()?.to(&self.rules)
    }

    fn check_csrf(&self, parts: &Parts, token: &Verified<C>) -> Result<(), CsrfError> {
        match self.rules.csrf.as_deref() {
            Some(CsrfRule::NotAsked) => Ok(()),
            Some(CsrfRule::Asked { csrf, .. }) if !csrf.asks_of(&parts.method) => Ok(()),
            Some(CsrfRule::Asked { csrf, session }) => {
                let session = session(token).ok_or(CsrfError::NoSession)?;
                csrf.check_request(parts, session)
            }
            None if csrf::is_safe(&parts.method) => Ok(()),
            None => Err(CsrfError::NotConfigured),
        }
    }
}
