//! Asking whether a token that verifies has been taken back.

use std::sync::Arc;

use jeton::Verified;

/// Knows which tokens were taken back before they expired.
///
/// The question is asked on every guarded request and answered from memory: a list that has to be fetched
/// is fetched in the background, and answers [`Standing::Unknown`] once its copy is too old to rely on.
/// A closure is a list too: `|token: &Verified<Access>| …`.
pub trait Revocations<C>: Send + Sync + 'static {
    /// What is known of this token now. Signature and claims have been checked already.
    fn check(&self, token: &Verified<C>) -> Standing;
}

/// What a revocation list knows of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
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
    F: Fn(&Verified<C>) -> Standing + Send + Sync + 'static,
{
    fn check(&self, token: &Verified<C>) -> Standing {
        self(token)
    }
}

impl<C, R: Revocations<C> + ?Sized> Revocations<C> for Arc<R> {
    fn check(&self, token: &Verified<C>) -> Standing {
        (**self).check(token)
    }
}
