//! Whose keys verify a token, and whether an earlier result still stands.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use jeton::{Claims, Unverified, Verified, Verifier, VerifyError};
use serde::de::DeserializeOwned;

use crate::{expired::Expired, rejection::Rejection};

/// The verifier of tokens: one [`Verifier`], or one of several [`Issuers`] chosen by the token's `iss`.
///
/// ```
/// # use jeton::{Algorithm, SigningKey, Verifier};
/// use jeton_axum::{Issuers, Verifiers};
/// # let key = SigningKey::generate(Algorithm::Hs256)?;
/// let one = Verifier::builder(key.verifying_key()).issuer("https://one.example").audience("api").build();
/// let tenants = Issuers::new();
/// tenants.set("https://one.example", one);
/// let verifiers = Verifiers::from(tenants);       // what Auth::new takes
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifiers(Choice);

#[derive(Clone, Debug)]
enum Choice {
    One(Arc<IssuerKeys>),
    Many(Issuers),
}

/// The verifiers of several issuers, the tenants of a service: the token's `iss` chooses.
///
/// The text of `iss` is not verified when it is read; it only chooses whose keys the token has to be signed
/// with, and a token that another tenant signed fails on the signature. Cloning shares the list: tenants
/// come and go while requests are served.
///
/// ```
/// # use jeton::{SigningKey, Verifier};
/// # use jeton_axum::{Auth, Issuers, SystemClock};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn keys_of(tenant: u8) -> jeton::VerifyingKey { SigningKey::hs256(std::array::from_fn::<u8, 32, _>(|n| tenant + 7 * n as u8)).unwrap().verifying_key() }
/// let issuers = Issuers::new();
/// for (tenant, issuer) in [(1, "https://one.example"), (2, "https://two.example")] {
///     issuers.set(issuer, Verifier::builder(keys_of(tenant)).issuer(issuer).audience("api").build());
/// }
/// let auth = Auth::<Access>::new(issuers.clone(), SystemClock);
/// issuers.remove("https://two.example");      // from now on its tokens are refused
/// ```
#[derive(Clone, Default)]
pub struct Issuers {
    by_name: Arc<RwLock<HashMap<String, Verifiers>>>,
}

impl Issuers {
    /// No issuer yet: every token is refused.
    ///
    /// ```
    /// # use jeton_axum::Issuers;
    /// let tenants = Issuers::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Verifies tokens whose `iss` is this text by this verifier from now on.
    ///
    /// ```
    /// # use jeton::Verifier;
    /// # use jeton_axum::Issuers;
    /// fn admit(tenants: &Issuers, issuer: &str, verifier: Verifier) {
    ///     tenants.set(issuer, verifier);
    /// }
    /// ```
    pub fn set(&self, issuer: impl Into<String>, verifiers: impl Into<Verifiers>) {
        let old = self
            .by_name
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(issuer.into(), verifiers.into());
        old.iter().for_each(Verifiers::retire);
    }

    /// Refuses this issuer's tokens from now on. Says whether there was such an issuer.
    ///
    /// ```
    /// # use jeton_axum::Issuers;
    /// assert!(!Issuers::new().remove("https://nobody.example"));
    /// ```
    #[must_use = "an issuer that was not known may be a misspelt one"]
    pub fn remove(&self, issuer: &str) -> bool {
        let old = self
            .by_name
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(issuer);
        old.iter().for_each(Verifiers::retire);
        old.is_some()
    }

    fn get(&self, issuer: &str) -> Option<Verifiers> {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        by_name.get(issuer).cloned()
    }

    fn all(&self) -> Vec<Verifiers> {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        by_name.values().cloned().collect()
    }
}

impl Verifiers {
    /// Where keys come from elsewhere and may have to be waited for.
    #[cfg(feature = "remote")]
    pub(crate) fn from_keys(keys: Arc<IssuerKeys>) -> Self {
        Self(Choice::One(keys))
    }

    /// The keys and rules that this token has to satisfy.
    pub(crate) fn keys_for(self, token: &str) -> Result<Arc<IssuerKeys>, VerifyError> {
        let issuers = match self.0 {
            Choice::One(keys) => return Ok(keys),
            Choice::Many(issuers) => issuers,
        };
        let issuer = Unverified::parse(token)?
            .issuer()?
            .ok_or_else(|| VerifyError::MissingClaim("iss".to_owned()))?;
        issuers
            .get(&issuer)
            .ok_or(VerifyError::WrongIssuer)?
            .keys_for(token)
    }

    /// Whether verifying may have to wait for something.
    pub(crate) fn may_wait(&self) -> bool {
        match &self.0 {
            Choice::One(keys) => keys.source.is_some(),
            Choice::Many(issuers) => issuers.all().iter().any(Self::may_wait),
        }
    }

    /// Takes another verifier from now on.
    pub(crate) fn replace(&mut self, verifier: Verifier) {
        match &self.0 {
            Choice::One(keys) if keys.source.is_none() => keys.replace(verifier, None),
            _ => {
                let old = std::mem::replace(self, verifier.into());
                old.retire();
            }
        }
    }

    /// Lets nothing stand that these have verified.
    fn retire(&self) {
        match &self.0 {
            Choice::One(keys) => keys.retire(),
            Choice::Many(issuers) => issuers.all().iter().for_each(Self::retire),
        }
    }
}

impl From<Verifier> for Verifiers {
    fn from(verifier: Verifier) -> Self {
        Self(Choice::One(Arc::new(IssuerKeys::new(verifier, None))))
    }
}

impl From<Issuers> for Verifiers {
    fn from(issuers: Issuers) -> Self {
        Self(Choice::Many(issuers))
    }
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_name = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_set().entries(by_name.keys()).finish()
    }
}

/// Fetches keys, when a token names one that is not there.
pub(crate) trait KeySource: Send + Sync {
    /// How many fetches have begun.
    fn begun(&self) -> u64;

    /// Tries to bring newer keys than the first `begun` fetches did; ready when they are there or cannot be had now.
    fn refresh<'s>(
        &'s self,
        begun: u64,
        kid: Option<&'s str>,
    ) -> Pin<Box<dyn Future<Output = Brought> + Send + 's>>;

    /// Has the fetches go on that no request asks for, if the runtime they were made on has ended.
    fn keep_going(&self);
}

/// How far the keys can be relied on after a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brought {
    /// Keys as the issuer publishes them now: a key that is not among them does not exist.
    Current,
    /// Keys of a fetch that had begun before.
    #[cfg_attr(
        not(feature = "remote"),
        expect(dead_code, reason = "only what is fetched can be old")
    )]
    Older,
    /// No keys: they could not be had.
    Nothing,
}

/// A verifier whose keys may change, and how often they have.
pub(crate) struct IssuerKeys {
    /// Read for as long as it takes to raise a counter, written for as long as it takes to swap a pointer:
    /// nobody waits for a lock that anybody holds while working, so std's lock will do.
    current: RwLock<Arc<Edition>>,
    /// The current edition's, for a look without the lock.
    generation: AtomicU64,
    /// Seconds since 1970 after which the keys are too old to rely on.
    good_until: AtomicU64,
    source: Option<Arc<dyn KeySource>>,
}

impl IssuerKeys {
    pub(crate) fn new(verifier: Verifier, source: Option<Arc<dyn KeySource>>) -> Self {
        // Keys that come from elsewhere have to come first.
        let good_until = if source.is_some() { 0 } else { u64::MAX };
        Self {
            current: RwLock::new(Arc::new(Edition {
                verifier,
                generation: 0,
            })),
            generation: AtomicU64::new(0),
            good_until: AtomicU64::new(good_until),
            source,
        }
    }

    /// Verifies by this verifier from now on, and not beyond this time.
    pub(crate) fn replace(&self, verifier: Verifier, good_until: Option<SystemTime>) {
        let mut slot = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let old = self.succeed(&mut slot, verifier);
        self.extend(good_until);
        drop(slot);
        // Only now, so that wiping its keys holds nobody up.
        drop(old);
    }

    fn succeed(&self, slot: &mut Arc<Edition>, verifier: Verifier) -> Arc<Edition> {
        let generation = slot.generation + 1;
        self.generation.store(generation, Ordering::Release);
        std::mem::replace(slot, Arc::new(Edition { verifier, generation }))
    }

    /// Relies on the same keys until this time.
    pub(crate) fn extend(&self, good_until: Option<SystemTime>) {
        self.good_until
            .store(good_until.map_or(u64::MAX, seconds), Ordering::Release);
    }

    fn retire(&self) {
        let mut slot = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let verifier = slot.verifier.clone();
        self.succeed(&mut slot, verifier);
    }

    /// Whether what was verified by these keys in that generation stands.
    pub(crate) fn stands(&self, generation: u64, now: SystemTime) -> bool {
        self.generation.load(Ordering::Acquire) == generation && self.is_good(now)
    }

    pub(crate) fn is_good(&self, now: SystemTime) -> bool {
        let until = self.good_until.load(Ordering::Acquire);
        until == u64::MAX || seconds(now) <= until
    }

    fn current(&self) -> Arc<Edition> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Verifies a token; where it names a key that is not there, asks the source for newer ones and verifies it
    /// once more.
    pub(crate) async fn verify<C: Claims + DeserializeOwned>(
        self: Arc<Self>,
        token: &str,
        now: SystemTime,
    ) -> Result<VerifiedBy<C>, Rejection> {
        let verdict = match (self.verify_now(token, now), &self.source) {
            (verdict, Some(source)) => {
                source.keep_going();
                if needs_keys(&verdict) {
                    self.look_up(&**source, token, now).await
                } else {
                    verdict
                }
            }
            (verdict, None) => verdict,
        };
        let (token, by) = verdict?;
        Ok(VerifiedBy {
            token,
            by,
            keys: self,
        })
    }

    async fn look_up<C: Claims + DeserializeOwned>(
        &self,
        source: &dyn KeySource,
        token: &str,
        now: SystemTime,
    ) -> Result<(Arc<Verified<C>>, Arc<Edition>), Rejection> {
        let begun = source.begun();
        let unverified = Unverified::parse(token).ok();
        let kid = unverified.as_ref().and_then(Unverified::kid);
        // Twice, because a fetch that is under way may have begun before the key was published.
        for _ in 0..2 {
            let brought = source.refresh(begun, kid).await;
            let verdict = self.verify_now(token, now);
            if brought == Brought::Current || !needs_keys(&verdict) {
                return verdict;
            }
            if brought == Brought::Nothing {
                break;
            }
        }
        // The key may be a new one. A 401 would make clients throw a good token away.
        Err(Rejection::KeysUnavailable)
    }

    fn verify_now<C: Claims + DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<(Arc<Verified<C>>, Arc<Edition>), Rejection> {
        if !self.is_good(now) {
            return Err(Rejection::KeysUnavailable);
        }
        let by = self.current();
        match by.verifier.verify_at(token, now) {
            Ok(token) => Ok((Arc::new(token), by)),
            Err(VerifyError::Expired { ago }) => Err(Rejection::Expired(Expired::new(
                token,
                by.verifier.clone(),
                now.checked_sub(ago),
            ))),
            Err(error) => Err(error.into()),
        }
    }
}

impl fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerKeys")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// A verifier between two changes.
pub(crate) struct Edition {
    pub(crate) verifier: Verifier,
    /// Raised with every change.
    pub(crate) generation: u64,
}

/// A verdict, with who gave it.
pub(crate) struct VerifiedBy<C> {
    pub(crate) token: Arc<Verified<C>>,
    pub(crate) by: Arc<Edition>,
    pub(crate) keys: Arc<IssuerKeys>,
}

/// Whether newer keys could change this verdict.
fn needs_keys<T>(verdict: &Result<T, Rejection>) -> bool {
    matches!(
        verdict,
        Err(Rejection::KeysUnavailable | Rejection::Invalid(VerifyError::UnknownKey))
    )
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}
