//! Policies: conditions of a route on a token beyond being good.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc, time::SystemTime};

use axum::extract::FromRequestParts;
use http::request::Parts;
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use crate::{
    auth::{Auth, HoldsAuth},
    refused::Refused,
    rejection::Denied,
};

/// A rule over verified tokens, named by a type.
///
/// ```
/// # use std::time::SystemTime;
/// # use jeton::{Claims, Verified};
/// # use jeton_axum::{Denied, Policy};
/// # #[derive(serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// struct Admin;
///
/// impl Policy for Admin {
///     type Claims = Access;
///
///     fn allows(token: &Verified<Access>, _now: SystemTime) -> Result<(), Denied> {
///         if token.claims().roles.iter().any(|role| role == "admin") { Ok(()) } else { Err(Denied::Role) }
///     }
/// }
/// ```
///
/// Used as `Authorized<Admin>` in one handler or as `auth.require::<Admin>()` over many.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "this type has to implement `jeton_axum::Policy`",
    note = "a role is asked for by `HasRole<{Self}>`, a scope by `HasScope<{Self}>`, no more than a good token by `Bearer`"
)]
pub trait Policy: 'static {
    /// The claims the rule reads.
    type Claims: Claims + DeserializeOwned + Send + Sync + 'static;

    /// Whether this token, which is good, is good enough at this time.
    fn allows(token: &Verified<Self::Claims>, now: SystemTime) -> Result<(), Denied>;
}

/// The policy that asks for a good token and no more, for layers.
///
/// ```
/// use axum::{Router, routing::get};
/// use jeton_axum::{Auth, SignedIn};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn example(auth: Auth<Access>) -> Router {
/// Router::new()
///     .route("/stats", get(async || "all is well"))
///     .route_layer(auth.require::<SignedIn<Access>>())
/// # }
/// ```
pub struct SignedIn<C>(PhantomData<fn() -> C>);

impl<C: Claims + DeserializeOwned + Send + Sync + 'static> Policy for SignedIn<C> {
    type Claims = C;

    fn allows(_token: &Verified<C>, _now: SystemTime) -> Result<(), Denied> {
        Ok(())
    }
}

/// A token that the policy `P` has allowed, for this request. Reads as the [`Verified`] token it holds.
///
/// Its field is private and this crate makes it in one place: a function that takes an
/// `Authorized<Admin>` cannot be reached by a request whose token the policy has not seen.
///
/// ```
/// # use jeton_axum::{Authorized, Policy, claims::Jeton};
/// // Called by handlers that take the same argument, and by nobody else.
/// fn purge<Admin: Policy<Claims = Jeton>>(token: &Authorized<Admin>) -> String {
///     format!("purged for {}", token.subject().unwrap_or_default())
/// }
/// ```
pub struct Authorized<P: Policy> {
    token: Arc<Verified<P::Claims>>,
}

impl<P: Policy> Authorized<P> {
    /// The token, to be kept beyond the request. What it is allowed to do stays behind.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::Verified;
    /// # use jeton_axum::{Authorized, SignedIn, claims::Jeton};
    /// fn keep(token: Authorized<SignedIn<Jeton>>) -> Arc<Verified<Jeton>> {
    ///     token.into_token()
    /// }
    /// ```
    #[must_use]
    pub fn into_token(self) -> Arc<Verified<P::Claims>> {
        self.token
    }
}

impl<P: Policy> Deref for Authorized<P> {
    type Target = Verified<P::Claims>;

    fn deref(&self) -> &Self::Target {
        &self.token
    }
}

impl<S, P> FromRequestParts<S> for Authorized<P>
where
    S: HoldsAuth<P::Claims> + Send + Sync,
    P: Policy,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let auth = Auth::of(parts, state);
        match auth.authorize::<P>(parts).await {
            Ok(token) => Ok(Self { token }),
            Err(rejection) => Err(auth.refuse_request(parts, rejection)),
        }
    }
}

impl<P: Policy> fmt::Debug for Authorized<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized").finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for SignedIn<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIn")
    }
}
