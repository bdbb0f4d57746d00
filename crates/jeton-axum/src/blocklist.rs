//! Revoked tokens, in memory.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use jeton::Verified;

use crate::revocation::{Revocations, TokenStatus};

/// How long an entry outlives its token: verifiers allow clocks to differ, and by far less than this.
const MARGIN: Duration = Duration::from_hours(1);

/// How many entries are kept before expired ones are looked for first.
const FIRST_SWEEP: usize = 1024;

/// The tokens of one process that were revoked, by their `jti`.
///
/// Cloning shares the list. It is lost when the process ends: for more than one process, or for longer, keep
/// the list elsewhere and write a [`Blocklist`](crate::Blocklist). Tokens without a `jti` cannot be in it, so
/// have the verifier `require("jti")`.
///
/// ```
/// # use jeton_axum::{Auth, Bearer, Clock, MemoryBlocklist, SystemClock};
/// # struct Access {}
/// # async fn example(auth: Auth<Access>) {
/// let blocklist = MemoryBlocklist::new();
/// let auth = auth.revocations(blocklist.clone());
/// let logout = async move |Bearer(token): Bearer<Access>| {
///     blocklist.revoke(&token, SystemClock.now()).map_err(|no_id| no_id.to_string())
/// };
/// # }
/// ```
#[derive(Clone, Default)]
pub struct MemoryBlocklist {
    revoked: Arc<RwLock<Revoked>>,
}

struct Revoked {
    /// Until when each has to be remembered.
    by_id: HashMap<String, SystemTime>,
    sweep_at: usize,
}

/// The token has no `jti`, so it cannot be told from others.
///
/// ```
/// # use jeton_axum::NoId;
/// assert_eq!(NoId.to_string(), "the token has no `jti` and cannot be revoked alone: have the verifier require one");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token has no `jti` and cannot be revoked alone: have the verifier require one")]
pub struct NoId;

impl MemoryBlocklist {
    /// An empty list.
    ///
    /// ```
    /// # use jeton_axum::MemoryBlocklist;
    /// assert!(MemoryBlocklist::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses this token from now on.
    ///
    /// ```
    /// # use jeton::testkit::TestIssuer;
    /// # use jeton_axum::{MemoryBlocklist, NoId, TokenStatus};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let issuer = TestIssuer::new("https://id.example")?;
    /// # let now = issuer.clock().now();
    /// # let text = issuer.token("user-1", "api", &Access {})?;
    /// let token = issuer.verifier("api").verify_at::<Access>(&text, now)?;
    /// let list = MemoryBlocklist::new();
    /// match token.id() {
    ///     Some(id) => {
    ///         list.revoke(&token, now)?;
    ///         assert_eq!(list.status_of(id), TokenStatus::Revoked);
    ///     }
    ///     None => assert_eq!(list.revoke(&token, now), Err(NoId)),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revoke<C>(&self, token: &Verified<C>, now: SystemTime) -> Result<(), NoId> {
        self.revoke_id(token.id().ok_or(NoId)?, token.expires_at(), now);
        Ok(())
    }

    /// Refuses the token of this `jti`, which expires then, from now on: for a refresh token that is ended
    /// together with its access token.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::{Clock, MemoryBlocklist, TokenStatus, SystemClock};
    /// let (list, now) = (MemoryBlocklist::new(), SystemClock.now());
    /// list.revoke_id("refresh-7", now + Duration::from_hours(24), now);
    /// assert_eq!(list.status_of("refresh-7"), TokenStatus::Revoked);
    /// ```
    pub fn revoke_id(&self, id: &str, expires_at: SystemTime, now: SystemTime) {
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        if revoked.by_id.len() >= revoked.sweep_at {
            revoked.by_id.retain(|_, until| *until > now);
            revoked.sweep_at = FIRST_SWEEP.max(2 * revoked.by_id.len());
        }
        let until = expires_at.checked_add(MARGIN).unwrap_or(expires_at);
        revoked.by_id.insert(id.to_owned(), until);
    }

    /// The status of this id. Ids need not be those of tokens: an application that ends sessions lists
    /// them here, and asks by its own claim.
    ///
    /// ```
    /// # use jeton::Verified;
    /// # use jeton_axum::{Auth, MemoryBlocklist, TokenStatus, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>, ended: MemoryBlocklist) -> Auth<Jeton> {
    /// // A list of sessions, rather than of tokens.
    /// auth.revocations(move |token: &Verified<Jeton>| match &token.claims().sid {
    ///     Some(session) => ended.status_of(session),
    ///     None => TokenStatus::Live,
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn status_of(&self, id: &str) -> TokenStatus {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        if revoked.by_id.contains_key(id) {
            TokenStatus::Revoked
        } else {
            TokenStatus::Live
        }
    }

    /// How many tokens it holds, expired ones included.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::{Clock, MemoryBlocklist, SystemClock};
    /// let (list, now) = (MemoryBlocklist::new(), SystemClock.now());
    /// list.revoke_id("7", now + Duration::from_mins(15), now);
    /// assert_eq!(list.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        revoked.by_id.len()
    }

    /// Whether it holds none.
    ///
    /// ```
    /// # use jeton_axum::MemoryBlocklist;
    /// assert!(MemoryBlocklist::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<C> Revocations<C> for MemoryBlocklist {
    fn check(&self, token: &Verified<C>) -> TokenStatus {
        token.id().map_or(TokenStatus::Live, |id| self.status_of(id))
    }
}

impl Default for Revoked {
    fn default() -> Self {
        Self {
            by_id: HashMap::new(),
            sweep_at: FIRST_SWEEP,
        }
    }
}

impl fmt::Debug for MemoryBlocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBlocklist")
            .field("len", &self.len())
            .finish()
    }
}
