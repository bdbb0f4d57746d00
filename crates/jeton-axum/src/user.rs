//! The user a token is about, looked up for the handler.

use std::{fmt, ops::Deref, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::request::Parts;
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use crate::{
    auth::{Auth, HoldsAuth},
    refused::Refused,
    rejection::Rejection,
};

/// A type of user that can be looked up by a token, with what the application's state `S` holds.
///
/// ```
/// use std::{collections::HashMap, sync::Arc};
/// use axum::extract::FromRef;
/// use http::StatusCode;
/// use jeton::Verified;
/// use jeton_axum::{Auth, CurrentUser, LoadUser};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// #[derive(Clone)]
/// struct User { name: String }
///
/// #[derive(Clone, FromRef)]
/// struct App { auth: Auth<Access>, users: Arc<HashMap<String, User>> }
///
/// impl LoadUser<App> for User {
///     type Claims = Access;
///     type Error = StatusCode;
///
///     async fn load(token: &Verified<Access>, app: &App) -> Result<Option<Self>, StatusCode> {
///         Ok(token.subject().and_then(|id| app.users.get(id)).cloned())
///     }
/// }
///
/// async fn profile(user: CurrentUser<User>) -> String { user.name.clone() }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be looked up in an application with the state `{S}`",
    label = "this type has to implement `jeton_axum::LoadUser<{S}>`",
    note = "`LoadUser` says which claims are about such a user, and how to find the user they are about"
)]
pub trait LoadUser<S>: Sized + Send + Sync + 'static {
    /// The claims of the tokens that are about such users.
    type Claims: Claims + DeserializeOwned + Send + Sync + 'static;
    /// The answer when the look-up itself fails.
    type Error: IntoResponse;

    /// The user this token is about; `None` if there is no such user any more.
    fn load(
        token: &Verified<Self::Claims>,
        state: &S,
    ) -> impl Future<Output = Result<Option<Self>, Self::Error>> + Send;
}

/// The user the request's token is about. Looked up once per request, however many ask.
///
/// Without a good token the request is turned away as by [`Bearer`](crate::Bearer); with one about nobody,
/// with 401 `user_unknown`; a look-up that fails answers for itself. As `Option<CurrentUser<U>>`, no token is `None`.
/// Asking for a user whose type has no
/// [`LoadUser`] for the router's state is a compile error.
///
/// Laid over routes by `axum::middleware::from_extractor_with_state::<CurrentUser<User>, _>(state)`, it
/// makes the user available to everything below, as `Extension<CurrentUser<User>>`.
///
/// ```
/// # use jeton_axum::CurrentUser;
/// # struct User { name: String }
/// async fn greet(user: Option<CurrentUser<User>>) -> String {
///     user.map_or("Hello".to_owned(), |user| format!("Hello, {}", user.name))
/// }
/// ```
pub struct CurrentUser<U>(pub Arc<U>);

impl<S, U> FromRequestParts<S> for CurrentUser<U>
where
    S: HoldsAuth<U::Claims> + Send + Sync,
    U: LoadUser<S>,
{
    type Rejection = UserRefused<U::Error>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, UserRefused<U::Error>> {
        let user = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        user.ok_or_else(|| {
            let auth = Auth::of(parts, state);
            UserRefused::Token(auth.refuse_request(parts, Rejection::Missing))
        })
    }
}

/// `Option<CurrentUser<U>>`: an absent token is `None`; a bad one, or one about nobody, is still turned away.
impl<S, U> OptionalFromRequestParts<S> for CurrentUser<U>
where
    S: HoldsAuth<U::Claims> + Send + Sync,
    U: LoadUser<S>,
{
    type Rejection = UserRefused<U::Error>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, UserRefused<U::Error>> {
        let auth = Auth::of(parts, state);
        let found = auth.authenticate_once(parts).await;
        let refuse = |rejection| UserRefused::Token(auth.refuse_request(parts, rejection));
        let Some(token) = found.map_err(refuse)? else {
            return Ok(None);
        };
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(Some(known.clone()));
        }
        let user = U::load(&token, state).await.map_err(UserRefused::LookUp)?;
        let user = Self(Arc::new(user.ok_or_else(|| refuse(Rejection::UserUnknown))?));
        parts.extensions.insert(user.clone());
        Ok(Some(user))
    }
}

/// Why there is no current user: what the extractor fails with.
///
/// ```
/// # use jeton_axum::UserRefused;
/// fn line_for_the_log(refused: &UserRefused<std::io::Error>) -> String {
///     match refused {
///         UserRefused::Token(refused) => refused.to_string(),
///         UserRefused::LookUp(error) => error.to_string(),
///     }
/// }
/// ```
#[derive(Debug)]
pub enum UserRefused<E> {
    /// The token is absent or bad, or about nobody.
    Token(Refused),
    /// The look-up failed.
    LookUp(E),
}

impl<E: IntoResponse> IntoResponse for UserRefused<E> {
    fn into_response(self) -> Response {
        match self {
            Self::Token(refused) => refused.into_response(),
            Self::LookUp(error) => error.into_response(),
        }
    }
}

impl<U> Deref for CurrentUser<U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.0
    }
}

// Written by hand because a derived one would ask for `U: Clone`.
impl<U> Clone for CurrentUser<U> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<U> fmt::Debug for CurrentUser<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentUser").finish_non_exhaustive()
    }
}
