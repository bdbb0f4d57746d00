//! Asking whether a token that verifies has been taken back.

use std::{future::Future, pin::Pin, sync::Arc};

use jeton::Verified;

/// Knows which tokens were taken back before they expired.
///
/// The question is asked on every guarded request and answered from memory: a list that has to be fetched
/// is fetched in the background, and answers [`TokenStatus::Unknown`] once its copy is too old to rely on.
/// A closure is a list too:
///
/// ```
/// use jeton::Verified;
/// use jeton_axum::{Auth, TokenStatus};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn example(auth: Auth<Access>) -> Auth<Access> {
/// auth.revocations(|token: &Verified<Access>| match token.id() {
///     Some("stolen") | None => TokenStatus::Revoked,
///     Some(_) => TokenStatus::Live,
/// })
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know which tokens with the claims `{C}` were revoked",
    label = "not a list of revoked tokens",
    note = "`jeton_axum::MemoryBlocklist` is one, and so is a closure: `|token: &Verified<{C}>| TokenStatus::Live`",
    note = "a list that has to be waited for goes into `Auth::blocklist`"
)]
pub trait Revocations<C>: Send + Sync + 'static {
    /// The status of this token now. Signature and claims have been checked already.
    fn check(&self, token: &Verified<C>) -> TokenStatus;
}

/// The status of a token by a revocation list. [`Revocations`] and [`Blocklist`] have examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStatus {
    /// Not revoked.
    Live,
    /// Revoked: the request gets 401 `token_revoked`.
    Revoked,
    /// The list is stale and cannot tell: the request gets 503 `revocation_stale`, because a 401 would make
    /// clients throw a good token away and a pass would be a guess.
    Unknown,
}

impl<C, F> Revocations<C> for F
where
    F: Fn(&Verified<C>) -> TokenStatus + Send + Sync + 'static,
{
    fn check(&self, token: &Verified<C>) -> TokenStatus {
        self(token)
    }
}

impl<C, R: Revocations<C> + ?Sized> Revocations<C> for Arc<R> {
    fn check(&self, token: &Verified<C>) -> TokenStatus {
        (**self).check(token)
    }
}

/// A list of revoked tokens that may have to be waited for: a database, a cache on the network.
///
/// Asked after [`Revocations`], on every guarded request. What cannot be asked in time is
/// [`TokenStatus::Unknown`], so put a time limit on the question. The list in memory is
/// [`MemoryBlocklist`](crate::MemoryBlocklist).
///
/// ```
/// # use jeton::Verified;
/// # use jeton_axum::{Blocklist, TokenStatus};
/// # struct Access {}
/// # struct Database;
/// # impl Database { async fn is_revoked(&self, id: &str) -> Result<bool, ()> { Ok(id == "stolen") } }
/// struct Revoked(Database);
///
/// impl Blocklist<Access> for Revoked {
///     async fn status(&self, token: &Verified<Access>) -> TokenStatus {
///         let Some(id) = token.id() else { return TokenStatus::Revoked };
///         match self.0.is_revoked(id).await {
///             Ok(true) => TokenStatus::Revoked,
///             Ok(false) => TokenStatus::Live,
///             Err(_) => TokenStatus::Unknown,
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know which tokens with the claims `{C}` were revoked",
    label = "this type has to implement `jeton_axum::Blocklist<{C}>`",
    note = "a list in memory, or a closure, goes into `Auth::revocations`"
)]
pub trait Blocklist<C>: Send + Sync + 'static {
    /// The status of this token. Signature and claims have been checked already.
    fn status(&self, token: &Verified<C>) -> impl Future<Output = TokenStatus> + Send;
}

/// A [`Blocklist`] behind a pointer.
pub(crate) trait AnyBlocklist<C>: Send + Sync {
    fn ask<'a>(&'a self, token: &'a Verified<C>) -> Pin<Box<dyn Future<Output = TokenStatus> + Send + 'a>>;
}

impl<C, B> AnyBlocklist<C> for B
where
    B: Blocklist<C>,
    C: Send + Sync + 'static,
{
    fn ask<'a>(&'a self, token: &'a Verified<C>) -> Pin<Box<dyn Future<Output = TokenStatus> + Send + 'a>> {
        Box::pin(self.status(token))
    }
}
