//! The layer of a guard, around the routes it is laid over.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, REFERRER_POLICY, SET_COOKIE},
    request::Parts,
};
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use super::{Auth, CsrfRule, HoldsAuth};
use crate::{
    body::{Kind, ReadBody},
    guard::EXPIRES_IN,
    location::{FoundIn, TokenLocation},
    rejection::Rejection,
    revocation::TokenStatus,
};

/// The guard laid over a route, among its request's extensions.
struct Here<C>(Auth<C>);

/// Where extractors leave word of the token they found, for when the answer comes back.
pub(crate) struct Watch<C>(Arc<OnceLock<Seen<C>>>);

struct Seen<C> {
    token: Arc<Verified<C>>,
    place: FoundIn,
}

impl<C: Send + Sync + 'static> Auth<C> {
    /// The guard that authenticates this request: the one laid over its route, or else the state's.
    pub(crate) fn of<S: HoldsAuth<C>>(parts: &Parts, state: &S) -> Self {
        match parts.extensions.get::<Here<C>>() {
            Some(Here(auth)) => auth.clone(),
            None => state.auth(),
        }
    }

    pub(super) fn needs_guard(&self) -> bool {
        let reads_forms = match self.rules.csrf.as_deref() {
            Some(CsrfRule::Asked { csrf, .. }) => csrf.reads_forms(),
            _ => false,
        };
        reads_forms || self.rules.locations.iter().any(TokenLocation::needs_guard)
    }

    /// Whether this guard, and not only another one, is laid over the request's route.
    pub(super) fn is_guarding(&self, parts: &Parts) -> bool {
        let here = parts.extensions.get::<Here<C>>();
        here.is_some_and(|Here(auth)| Arc::ptr_eq(&auth.rules, &self.rules))
    }

    /// Without the guard's layer nobody is there to be told, and what waits for the answer would never be done.
    pub(super) fn tell_watch(
        &self,
        parts: &Parts,
        token: &Arc<Verified<C>>,
        place: FoundIn,
    ) -> Result<(), Rejection> {
        let Some(Watch(slot)) = parts.extensions.get::<Watch<C>>() else {
            let is_in_vain = self.rules.renewal.is_some() || self.rules.hints.is_some();
            return if is_in_vain {
                Err(Rejection::GuardMissing)
            } else {
                Ok(())
            };
        };
        let token = Arc::clone(token);
        // The first stays: two guards over one route check the same request.
        let _ = slot.set(Seen { token, place });
        Ok(())
    }

    /// Whether the body of a request has to be at hand before it is verified.
    pub(crate) fn asks_for_body(&self, parts: &Parts) -> Option<Kind> {
        // A guard outside of this one may have read it already, for its own reasons.
        let is_read = parts.extensions.get::<ReadBody>().is_some();
        Kind::of(&parts.headers).filter(|kind| !is_read && self.reads(*kind, parts))
    }

    /// Reads a body, and gives it back for the routes below.
    pub(crate) async fn read(&self, kind: Kind, parts: &mut Parts, body: Body) -> Result<Body, Response> {
        let read = ReadBody::read(kind, body, self.rules.body_limit).await;
        let (read, body) = read.map_err(|defect| self.refuse(defect.into()).into_response())?;
        parts.extensions.insert(read);
        Ok(body)
    }

    /// Tells the routes below that this guard authenticates the request.
    pub(crate) fn enter(&self, parts: &mut Parts) -> Watch<C> {
        let watch = Watch(Arc::default());
        parts.extensions.insert(Here(self.clone()));
        parts.extensions.insert(watch.clone());
        watch
    }

    fn reads(&self, kind: Kind, parts: &Parts) -> bool {
        match (kind, self.rules.csrf.as_deref()) {
            (Kind::Json, _) => self.rules.locations.iter().any(TokenLocation::is_json),
            (Kind::Form | Kind::Multipart, Some(CsrfRule::Asked { csrf, .. })) => csrf.looks_into_body(parts),
            (Kind::Form | Kind::Multipart, _) => false,
        }
    }
}

impl<C: Claims + DeserializeOwned + Send + Sync + 'static> Auth<C> {
    /// Adds to an answer what this guard has to say.
    pub(crate) async fn leave(&self, watch: Watch<C>, mut response: Response) -> Response {
        if self.rules.locations.iter().any(TokenLocation::is_query) {
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        }
        if let Some(seen) = watch.0.get() {
            let new = if self.is_due(seen, &response) {
                self.renewed(seen).await
            } else {
                Vec::new()
            };
            if new.is_empty() {
                self.hint(seen, &mut response);
            } else {
                let headers = response.headers_mut();
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                headers.extend(new.into_iter().map(|cookie| (SET_COOKIE, cookie)));
            }
        }
        response
    }

    fn is_due(&self, seen: &Seen<C>, response: &Response) -> bool {
        let Some(renewal) = &self.rules.renewal else {
            return false;
        };
        let is_error = response.status().is_client_error() || response.status().is_server_error();
        let is_late = seen.place == FoundIn::Cookie && self.left(seen) < renewal.within;
        is_late && !is_error && !self.sets_token_cookie(response)
    }

    async fn renewed(&self, seen: &Seen<C>) -> Vec<HeaderValue> {
        // The handler may have ended the session without touching the cookie; so may another request.
        match (&self.rules.renewal, self.status(&seen.token).await) {
            (Some(renewal), TokenStatus::Live) => (renewal.renew)(Arc::clone(&seen.token)).await,
            _ => Vec::new(),
        }
    }

    fn sets_token_cookie(&self, response: &Response) -> bool {
        let mut set = response.headers().get_all(SET_COOKIE).iter();
        set.any(|line| {
            let name = line
                .as_bytes()
                .split(|&byte| byte == b'=')
                .next()
                .unwrap_or_default();
            let mut names = self.rules.locations.iter().filter_map(TokenLocation::cookie_name);
            names.any(|token| token.as_bytes() == name)
        })
    }

    fn hint(&self, seen: &Seen<C>, response: &mut Response) {
        let left = self.left(seen);
        if self.rules.hints.is_some_and(|within| left < within) {
            response.headers_mut().insert(EXPIRES_IN, left.as_secs().into());
        }
    }

    /// How long the token still lives.
    fn left(&self, seen: &Seen<C>) -> Duration {
        seen.token
            .expires_at()
            .duration_since(self.rules.clock.now())
            .unwrap_or_default()
    }
}

// Written by hand because derived ones would ask for `C: Clone`.
impl<C> Clone for Here<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C> Clone for Watch<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
