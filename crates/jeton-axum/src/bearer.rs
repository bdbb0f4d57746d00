//! The extractor for handlers that need a good token and no more.

use std::{fmt, sync::Arc};

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use crate::{auth::Auth, refused::Refused, rejection::Rejection};

/// The request's verified token.
///
/// As an argument of a handler it turns away requests whose token is absent or bad. As
/// `Option<Bearer<C>>`, an absent token is `None` and a bad one is still turned away.
///
/// The router's state must yield an [`Auth<C>`]; one that does not is a compile error.
pub struct Bearer<C>(pub Arc<Verified<C>>);

impl<S, C> FromRequestParts<S> for Bearer<C>
where
    Auth<C>: FromRef<S>,
    C: Claims + DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let auth = Auth::of(parts, state);
        let token = auth
            .authenticate_once(parts)
            .await
            .and_then(|token| token.ok_or(Rejection::Missing));
        token.map(Self).map_err(|rejection| auth.refuse(rejection))
    }
}

impl<S, C> OptionalFromRequestParts<S> for Bearer<C>
where
    Auth<C>: FromRef<S>,
    C: Claims + DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refused> {
        let auth = Auth::of(parts, state);
        let token = auth
            .authenticate_once(parts)
            .await
            .map_err(|rejection| auth.refuse(rejection))?;
        Ok(token.map(Self))
    }
}

// Written by hand because derived ones would ask for `C: Clone` and `C: Debug`.
impl<C> Clone for Bearer<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Bearer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").finish_non_exhaustive()
    }
}
