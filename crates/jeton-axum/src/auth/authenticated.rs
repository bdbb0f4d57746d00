//! Proofs that a request has given, kept for those who ask again.

use std::{any::Any, ptr, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{Extensions, request::Parts};
use jeton::Verified;

use super::Rules;
use crate::{location::FoundIn, refused::Refused, rejection::Rejection};

/// A token this request has authenticated with already, to which guard, and where it was found.
///
/// One entry among the request's extensions, of one type for all claims: every further entry costs each
/// request an allocation and may make the map grow.
#[derive(Clone)]
pub(super) struct Authenticated {
    token: Arc<dyn Any + Send + Sync>,
    to: Arc<dyn Any + Send + Sync>,
    place: FoundIn,
}

impl Authenticated {
    pub(super) fn new<C>(token: &Arc<Verified<C>>, to: &Arc<Rules<C>>, place: FoundIn) -> Self
    where
        C: Send + Sync + 'static,
    {
        let (token, to) = (Arc::clone(token), Arc::clone(to));
        Self { token, to, place }
    }

    /// The token, if this very guard verified it. One that another guard of the application verified, by
    /// other rules, counts for nothing here.
    pub(super) fn to<C: Send + Sync + 'static>(&self, guard: &Arc<Rules<C>>) -> Option<Arc<Verified<C>>> {
        if !ptr::addr_eq(Arc::as_ptr(&self.to), Arc::as_ptr(guard)) {
            return None;
        }
        Arc::clone(&self.token).downcast().ok()
    }
}

/// Marks a request in which a guard has looked for a token and found none.
#[derive(Clone)]
pub(super) struct LookedFor;

impl FoundIn {
    /// Where the token was found that this request's guard has verified, for services that are not axum's.
    ///
    /// `None` as long as no guard has found one.
    ///
    /// ```
    /// # use axum::body::Body;
    /// # use http::Request;
    /// # use jeton_axum::FoundIn;
    /// fn is_a_page(request: &Request<Body>) -> bool {
    ///     FoundIn::of(request.extensions()) == Some(FoundIn::Cookie)
    /// }
    /// # assert!(!is_a_page(&Request::new(Body::empty())));
    /// ```
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Authenticated>().map(|found| found.place)
    }

    /// No token is an answer only after one was looked for.
    fn if_looked_for(extensions: &Extensions) -> Result<Option<Self>, Refused> {
        let place = Self::of(extensions);
        if place.is_none() && extensions.get::<LookedFor>().is_none() {
            return Err(Refused::new(Rejection::NotLookedFor, Arc::default()));
        }
        Ok(place)
    }
}

/// Stands behind the argument, or below the layer, that asks for the token; without a token there the
/// request is turned away with 401 `token_missing`. Before that argument it is a mistake: 500 `guard_missing`.
impl<S: Send + Sync> FromRequestParts<S> for FoundIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refused> {
        let place = Self::if_looked_for(&parts.extensions)?;
        place.ok_or_else(|| Refused::new(Rejection::Missing, Arc::default()))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for FoundIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Refused> {
        Self::if_looked_for(&parts.extensions)
    }
}
