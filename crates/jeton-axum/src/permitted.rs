//! Rules that look beyond the token: at the request, at the application's state, into a database.

use std::{fmt, future::Future, ops::Deref};

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use jeton::{Claims, Verified};
use serde::de::DeserializeOwned;

use crate::{
    auth::{Auth, HoldsAuth},
    refused::Refused,
    rejection::{Denied, Rejection},
};

/// A rule that may look at the request and the application's state, and wait: what a [`Policy`](crate::Policy) cannot.
///
/// A permit answers with what it looked up, so that the handler need not ask again. A rule that combines
/// others asks them:
/// `if HasRole::<Admin>::allows(token, now).is_ok()`.
///
/// ```
/// use axum::extract::{FromRequestParts, Path};
/// use http::{StatusCode, request::Parts};
/// use jeton::Verified;
/// use jeton_axum::{Auth, Denied, NotPermitted, Permit, Permitted};
/// # use std::{collections::HashMap, sync::Arc};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # #[derive(Clone)] struct Note { owner: String, text: String }
/// # #[derive(Clone)] struct Database(Arc<HashMap<u64, Note>>);
/// # impl Database { async fn note(&self, id: u64) -> Result<Option<Note>, StatusCode> { Ok(self.0.get(&id).cloned()) } }
/// # #[derive(Clone, axum::extract::FromRef)] struct App { auth: Auth<Access>, database: Database }
///
/// struct OwnNote(Note);
///
/// impl Permit<App> for OwnNote {
///     type Claims = Access;
///     type Error = StatusCode;
///
///     async fn permit(
///         token: &Verified<Access>,
///         request: &mut Parts,
///         app: &App,
///     ) -> Result<Self, NotPermitted<StatusCode>> {
///         let id = Path::<u64>::from_request_parts(request, app).await;
///         let Path(id) = id.map_err(|_| NotPermitted::Other(StatusCode::NOT_FOUND))?;
///         let note = app.database.note(id).await.map_err(NotPermitted::Other)?;
///         let note = note.ok_or(NotPermitted::Other(StatusCode::NOT_FOUND))?;
///         if token.subject() == Some(&*note.owner) { Ok(Self(note)) } else { Err(Denied::Role.into()) }
///     }
/// }
///
/// async fn read(note: Permitted<OwnNote>) -> String {
///     note.0.text.clone()
/// }
/// # use axum::{Router, routing::get};
/// # let _: Router<App> = Router::new().route("/notes/{id}", get(read));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it permits in an application with the state `{S}`",
    label = "this type has to implement `jeton_axum::Permit<{S}>`",
    note = "a rule about the token alone is a `jeton_axum::Policy`, and the argument for it `Authorized<{Self}>`"
)]
pub trait Permit<S>: Sized + 'static {
    /// The claims the rule reads.
    type Claims: Claims + DeserializeOwned + Send + Sync + 'static;
    /// The answer where it is neither yes nor no: the database is away, or there is nothing of that name.
    type Error: IntoResponse;

    /// Whether this token, which is good, is good enough for this request; and what was looked up for it.
    fn permit(
        token: &Verified<Self::Claims>,
        request: &mut Parts,
        state: &S,
    ) -> impl Future<Output = Result<Self, NotPermitted<Self::Error>>> + Send;
}

/// Why [`Permit::permit`] does not let a request through.
///
/// ```
/// # use jeton_axum::{Denied, NotPermitted};
/// # use http::StatusCode;
/// fn only_mine(owner: &str, me: &str) -> Result<(), NotPermitted<StatusCode>> {
///     if owner == me { Ok(()) } else { Err(Denied::Role.into()) }       // 403, in the guard's own words
/// }
/// fn gone() -> Result<(), NotPermitted<StatusCode>> {
///     Err(NotPermitted::Other(StatusCode::NOT_FOUND))
/// }
/// # assert!(only_mine("ada", "bob").is_err() && gone().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPermitted<E> {
    /// The token does not suffice. The guard answers, as for a [`Policy`](crate::Policy).
    Denied(Denied),
    /// The application answers.
    Other(E),
}

impl<E> From<Denied> for NotPermitted<E> {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

/// The proof that the rule `P` permits this request, with what it looked up. Reads as the `P` it holds.
///
/// As an argument of a handler it turns away requests that the rule does not permit; over many routes it is laid by
/// `axum::middleware::from_extractor_with_state::<Permitted<P>, _>(state)`. [`Permit`] has an example.
///
/// Its field is private and this crate makes it in one place, as [`Authorized`](crate::Authorized).
pub struct Permitted<P> {
    permit: P,
}

impl<P> Permitted<P> {
    /// The outcome of the look-up, to be kept beyond the request.
    ///
    /// ```
    /// # use jeton_axum::Permitted;
    /// # struct OwnNote { text: String }
    /// async fn read(note: Permitted<OwnNote>) -> String {
    ///     note.into_inner().text
    /// }
    /// ```
    #[must_use]
    pub fn into_inner(self) -> P {
        self.permit
    }
}

impl<P> Deref for Permitted<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.permit
    }
}

impl<S, P> FromRequestParts<S> for Permitted<P>
where
    S: HoldsAuth<P::Claims> + Send + Sync,
    P: Permit<S>,
{
    type Rejection = PermitRefused<P::Error>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PermitRefused<P::Error>> {
        let auth = Auth::of(parts, state);
        let token = auth
            .authenticate_once(parts)
            .await
            .and_then(|token| token.ok_or(Rejection::Missing));
        let token = token.map_err(|rejection| PermitRefused::Token(auth.refuse_request(parts, rejection)))?;
        match P::permit(&token, parts, state).await {
            Ok(permit) => Ok(Self { permit }),
            Err(NotPermitted::Denied(denied)) => {
                Err(PermitRefused::Token(auth.refuse_request(parts, denied.into())))
            }
            Err(NotPermitted::Other(error)) => Err(PermitRefused::Other(error)),
        }
    }
}

/// Why a request was not [`Permitted`]: what the extractor fails with.
///
/// ```
/// # use jeton_axum::PermitRefused;
/// fn line_for_the_log(refused: &PermitRefused<std::io::Error>) -> String {
///     match refused {
///         PermitRefused::Token(refused) => refused.to_string(),
///         PermitRefused::Other(error) => error.to_string(),
///     }
/// }
/// ```
#[derive(Debug)]
pub enum PermitRefused<E> {
    /// The token is absent or bad, or does not suffice.
    Token(Refused),
    /// The rule's own answer.
    Other(E),
}

impl<E: IntoResponse> IntoResponse for PermitRefused<E> {
    fn into_response(self) -> Response {
        match self {
            Self::Token(refused) => refused.into_response(),
            Self::Other(error) => error.into_response(),
        }
    }
}

impl<P> fmt::Debug for Permitted<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permitted").finish_non_exhaustive()
    }
}
