//! The extractor for handlers that need a good token and no more.

use std::{fmt, sync::Arc};

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use crate::{
    auth::{Auth, HoldsAuth},
    refused::Refused,
    rejection::Rejection,
};

/// The request's verified token.
///
/// As an argument of a handler it turns away requests whose token is absent or bad. As
/// `Option<Bearer<C>>`, an absent token is `None` and a bad one is still turned away.
///
/// The router's state must yield an [`Auth<C>`]; one that does not is a compile error.
///
/// ```
/// use axum::{Router, routing::get};
/// use jeton_axum::{Auth, Bearer};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// async fn me(Bearer(token): Bearer<Access>) -> String {
///     token.subject().unwrap_or_default().to_owned()
/// }
/// async fn feed(token: Option<Bearer<Access>>) -> &'static str {
///     if token.is_some() { "your feed" } else { "everybody's feed" }
/// }
/// # fn example(auth: Auth<Access>) -> Router {
/// Router::new().route("/me", get(me)).route("/feed", get(feed)).with_state(auth)
/// # }
/// ```
pub struct Bearer<C>(pub Arc<Verified<C>>);

impl<S, C> FromRequestParts<S> for Bearer<C>
where
    S: HoldsAuth<C> + Send + Sync,
    C: Claims + DeserializeOwned + Send + Sync + 'static,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let auth = Auth::of(parts, state);
        let token = auth
            .authenticate_once(parts)
            .await
            .and_then(|token| token.ok_or(Rejection::Missing));
        token
            .map(Self)
            .map_err(|rejection| auth.refuse_request(parts, rejection))
    }
}

impl<S, C> OptionalFromRequestParts<S> for Bearer<C>
where
    S: HoldsAuth<C> + Send + Sync,
    C: Claims + DeserializeOwned + Send + Sync + 'static,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refused> {
        let auth = Auth::of(parts, state);
        let token = auth
            .authenticate_once(parts)
            .await
            .map_err(|rejection| auth.refuse_request(parts, rejection))?;
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
