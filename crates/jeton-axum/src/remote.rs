//! The keys of a remote issuer.

mod fetch;
mod keeper;
mod look_ups;

use std::{
    fmt,
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::{Duration, SystemTime},
};

use jeton::{Algorithm, Claims, Verified, Verifier};
use reqwest::Url;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

pub use self::{fetch::FetchError, keeper::Event};
use self::{
    fetch::Fetcher,
    keeper::{Keeper, State},
};
use crate::{
    clock::{Clock, SystemClock},
    outbound::{Http, Manners, NoClient, Outbound},
    rejection::Rejection,
    verifiers::{IssuerKeys, Verifiers},
};

/// The published keys of an issuer elsewhere (RFC 7517 §5), fetched and kept up to date.
///
/// Give it to [`Auth::new`](crate::Auth::new), or to [`Issuers::set`](crate::Issuers::set) for one of
/// several. Keys are fetched when the first token comes, again before they are out of date by the issuer's
/// `Cache-Control`, and when a token names a key that is not there, as after a rotation.
///
/// - Only https, no redirects, a time limit over the whole fetch, a limit on its size.
/// - One fetch at a time; requests that need it wait for it, others do not. Unknown keys cause at most one per
///   cooldown in the long run, however many tokens name them; a few look-ups are saved up, so that a stranger's
///   token does not use up the one that a rotation needs. A key that was looked for is not looked for again within
///   the cooldown.
/// - A token whose key is unknown is refused with 401 only when the issuer was asked after the token came. While it
///   is away, or all look-ups are used up, that cannot be known: 503 `keys_unavailable`.
/// - A fetch that fails changes nothing: known keys keep verifying, until they are older than the limit of
///   [`keep_for`](RemoteKeysBuilder::keep_for). Then, and before the first fetch, requests get 503
///   `keys_unavailable`, never a guess.
/// - One unusable key does not spoil its set; a set without any usable one, or with a shared secret in it,
///   is a failed fetch.
///
/// Tokio's runtime is needed. Cloning shares the keys. Nothing is logged: what is waited for and why a fetch failed
/// is told to [`on_event`](RemoteKeysBuilder::on_event), and by [`warm_up`](RemoteKeys::warm_up).
///
/// ```no_run
/// use jeton::{KeySet, Verifier};
/// use jeton_axum::{Auth, RemoteKeys, SystemClock};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Everything a token is asked but its signature; the keys come from the issuer.
/// let rules = Verifier::builder(KeySet::default()).issuer("https://id.example").audience("api").build();
/// let keys = RemoteKeys::discover("https://id.example", rules).build()?;
/// let auth = Auth::<Access>::new(keys, SystemClock);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RemoteKeys {
    keys: Arc<IssuerKeys>,
    keeper: Arc<Keeper>,
}

impl RemoteKeys {
    /// Keys whose address is in the issuer's metadata: `/.well-known/openid-configuration` below the issuer
    /// (OIDC Discovery 1.0 §4), or else `/.well-known/oauth-authorization-server` (RFC 8414 §3).
    ///
    /// The metadata has to name this very issuer.
    ///
    /// ```
    /// # use jeton::{KeySet, Verifier};
    /// # use jeton_axum::{RemoteKeys, RemoteKeysError};
    /// let rules = Verifier::builder(KeySet::default()).issuer("https://id.example").audience("api").build();
    /// let keys = RemoteKeys::discover("https://id.example", rules).build()?;
    /// # Ok::<(), RemoteKeysError>(())
    /// ```
    pub fn discover(issuer: impl Into<String>, rules: Verifier) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(Where::Discovered(issuer.into()), rules)
    }

    /// Keys at this address.
    ///
    /// ```
    /// # use jeton::{KeySet, Verifier};
    /// # use jeton_axum::{RemoteKeys, RemoteKeysError};
    /// # let rules = Verifier::builder(KeySet::default()).issuer("https://id.example").audience("api").build();
    /// let keys = RemoteKeys::at("https://id.example/.well-known/jwks.json", rules).build()?;
    /// # Ok::<(), RemoteKeysError>(())
    /// ```
    pub fn at(jwks_uri: impl Into<String>, rules: Verifier) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(Where::Known(jwks_uri.into()), rules)
    }

    /// Fetches now, unless a fetch is under way or was a moment ago, and waits for the end of it: for a start
    /// that fails early, or a service that reports ready only with keys.
    ///
    /// `Ok` when there are keys to rely on, else why there are none.
    ///
    /// ```no_run
    /// # async fn example(keys: jeton_axum::RemoteKeys) -> Result<(), Box<dyn std::error::Error>> {
    /// keys.warm_up().await?;      // "https://id.example/keys answered with status 404"
    /// # Ok(())
    /// # }
    /// ```
    pub async fn warm_up(&self) -> Result<(), FetchError> {
        self.keeper.warm_up().await
    }

    /// Verifies a token that came by another way than a request's header or cookie, such as a client's assertion. The
    /// keys are fetched as for a guard: when the first token comes, and when one names a key that is not there.
    ///
    /// ```no_run
    /// # use std::time::SystemTime;
    /// # use jeton_axum::{Rejection, RemoteKeys, claims::Jeton};
    /// async fn sender(keys: &RemoteKeys, token: &str, now: SystemTime) -> Result<Option<String>, Rejection> {
    ///     let token = keys.verify::<Jeton>(token, now).await?;
    ///     Ok(token.subject().map(str::to_owned))
    /// }
    /// ```
    pub async fn verify<C: Claims + DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Arc<Verified<C>>, Rejection> {
        Ok(Arc::clone(&self.keys).verify(token, now).await?.token)
    }
}

impl From<RemoteKeys> for Verifiers {
    fn from(keys: RemoteKeys) -> Self {
        Self::from_keys(keys.keys)
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys")
            .field("keeper", &self.keeper)
            .finish_non_exhaustive()
    }
}

/// Where the keys are.
#[derive(Clone, Debug)]
enum Where {
    Known(String),
    Discovered(String),
}

/// Why remote keys cannot be set up.
///
/// ```
/// # use std::time::Duration;
/// # use jeton::{KeySet, Verifier};
/// # use jeton_axum::{RemoteKeys, RemoteKeysError};
/// # let rules = || Verifier::builder(KeySet::default()).issuer("https://id.example").audience("api").build();
/// let plain = RemoteKeys::at("http://id.example/keys", rules()).build();
/// assert!(matches!(plain, Err(RemoteKeysError::NotHttps(_))));
/// let hasty = RemoteKeys::at("https://id.example/keys", rules()).timeout(Duration::ZERO).build();
/// assert_eq!(hasty.unwrap_err(), RemoteKeysError::Limit("timeout"));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteKeysError {
    /// The address or issuer is not a URL.
    #[error("'{0}' is not a URL")]
    Url(String),
    /// The address or issuer is not https.
    #[error(
        "'{0}' is not https: whoever is on the way could put in keys of their own; for an issuer on this machine, say \
         `danger_allow_http()`"
    )]
    NotHttps(String),
    /// A time or size is zero, and nothing could be fetched or kept within it.
    #[error("`{0}` is too small: nothing could be fetched, or kept, within it")]
    Limit(&'static str),
    /// The certificate authority that was given is no certificate in PEM.
    #[error("the certificate authority is not a certificate in PEM (`-----BEGIN CERTIFICATE-----`)")]
    CertificateAuthority,
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: there are no certificates to trust, or no randomness")]
    Client,
}

impl From<NoClient> for RemoteKeysError {
    fn from(error: NoClient) -> Self {
        match error {
            NoClient::Authority => Self::CertificateAuthority,
            NoClient::Other => Self::Client,
        }
    }
}

/// Sets up [`RemoteKeys`].
///
/// ```
/// # use std::time::Duration;
/// # use jeton::{Algorithm, Verifier};
/// # use jeton_axum::{RemoteKeys, RemoteKeysError};
/// fn keys(rules: Verifier) -> Result<RemoteKeys, RemoteKeysError> {
///     RemoteKeys::discover("https://login.example", rules)
///         .algorithm(Algorithm::Rs256)            // for keys that name none
///         .timeout(Duration::from_secs(2))
///         .on_event(|event| eprintln!("{event:?}"))
///         .build()
/// }
/// ```
#[must_use = "a builder becomes keys by `build`"]
pub struct RemoteKeysBuilder {
    place: Where,
    rules: Verifier,
    limits: Limits,
    algorithm: Option<Algorithm>,
    manners: Manners,
    outbound: Option<Outbound>,
    clock: Arc<dyn Clock>,
    hook: Arc<Hook>,
}

type Hook = dyn Fn(&Event) + Send + Sync;

/// Times and sizes. Each default says why.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Longer than a slow issuer takes, shorter than clients wait.
    timeout: Duration,
    /// Large sets have tens of keys of up to 2 KB, ML-DSA included.
    max_size: usize,
    /// An issuer that rotates is noticed within half a minute, and hardly notices us.
    cooldown: Duration,
    /// How often an issuer is asked whose answers have no time limit of their own.
    refresh_every: Duration,
    /// An issuer may be away for a day; keys it withdraws in that day stay good as long.
    keep_for: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            max_size: 256 * 1024,
            cooldown: Duration::from_secs(30),
            refresh_every: Duration::from_mins(5),
            keep_for: Duration::from_hours(24),
        }
    }
}

impl Limits {
    fn check(&self) -> Result<(), RemoteKeysError> {
        for (name, is_enough) in [
            ("timeout", !self.timeout.is_zero()),
            ("max_size", self.max_size > 0),
            ("cooldown", !self.cooldown.is_zero()),
            ("refresh_every", !self.refresh_every.is_zero()),
            // The age of keys is counted in seconds.
            ("keep_for", self.keep_for.as_secs() > 0),
        ] {
            if !is_enough {
                return Err(RemoteKeysError::Limit(name));
            }
        }
        Ok(())
    }
}

impl RemoteKeysBuilder {
    fn new(place: Where, rules: Verifier) -> Self {
        Self {
            place,
            rules,
            limits: Limits::default(),
            algorithm: None,
            manners: Manners::default(),
            outbound: None,
            clock: Arc::new(SystemClock),
            hook: Arc::new(|_: &Event| {}),
        }
    }

    /// How long a whole fetch may take, discovery included; 5 seconds unless set. No request waits longer.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn impatient(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.timeout(Duration::from_secs(2))
    /// }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// The largest answer that is read, in bytes; 256 KiB unless set.
    ///
    /// ```
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn few_keys(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.max_size(16 * 1024)
    /// }
    /// ```
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.limits.max_size = bytes;
        self
    }

    /// How long it takes until another look-up of unknown keys is free; 30 seconds unless set. Up to five are saved
    /// up. A failed fetch is tried again after as long.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn considerate(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.cooldown(Duration::from_mins(1))
    /// }
    /// ```
    pub fn cooldown(mut self, cooldown: Duration) -> Self {
        self.limits.cooldown = cooldown;
        self
    }

    /// How often keys are fetched from an issuer whose answers have no `Cache-Control: max-age`; 5 minutes
    /// unless set.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn seldom(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.refresh_every(Duration::from_hours(1))
    /// }
    /// ```
    pub fn refresh_every(mut self, interval: Duration) -> Self {
        self.limits.refresh_every = interval;
        self
    }

    /// How long keys are relied on when no fetch succeeds; 24 hours unless set.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn wary(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.keep_for(Duration::from_hours(1))
    /// }
    /// ```
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.limits.keep_for = time;
        self
    }

    /// The algorithm of keys that name none: some issuers publish RSA keys so, and mean RS256.
    ///
    /// ```
    /// # use jeton::Algorithm;
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn of_an_issuer_that_names_none(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.algorithm(Algorithm::Rs256)
    /// }
    /// ```
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Tells the age of the keys by this clock; the guard's own, in tests that move it.
    ///
    /// ```
    /// # use jeton_axum::{Clock, RemoteKeysBuilder};
    /// fn in_a_test(builder: RemoteKeysBuilder, clock: impl Clock) -> RemoteKeysBuilder {
    ///     builder.clock(clock)
    /// }
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The hook that hears what happens, for metrics and logs. It must not block.
    ///
    /// ```
    /// # use jeton_axum::{Event, RemoteKeysBuilder};
    /// fn telling(builder: RemoteKeysBuilder) -> RemoteKeysBuilder {
    ///     builder.on_event(|event| match event {
    ///         Event::Failed(error) => eprintln!("keys: {error}"),
    ///         other => eprintln!("keys: {other:?}"),
    ///     })
    /// }
    /// ```
    pub fn on_event(mut self, hook: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.hook = Arc::new(hook);
        self
    }

    /// Trusts the certificates of this authority, as PEM, beside those the machine trusts: for an issuer inside a
    /// company. May be called for several.
    ///
    /// ```
    /// # use jeton_axum::RemoteKeysBuilder;
    /// fn inside(builder: RemoteKeysBuilder, pem: &str) -> RemoteKeysBuilder {
    ///     builder.certificate_authority(pem)
    /// }
    /// ```
    pub fn certificate_authority(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.manners.authorities.push(pem.as_ref().to_vec());
        self
    }

    /// Lets keys come over http, where anybody on the way can put in their own. For an issuer on the same
    /// machine.
    ///
    /// ```
    /// # use jeton::{KeySet, Verifier};
    /// # use jeton_axum::{RemoteKeys, RemoteKeysError};
    /// # let rules = Verifier::builder(KeySet::default()).issuer("http://127.0.0.1:5000").audience("api").build();
    /// let keys = RemoteKeys::discover("http://127.0.0.1:5000", rules).danger_allow_http().build()?;
    /// # Ok::<(), RemoteKeysError>(())
    /// ```
    pub fn danger_allow_http(mut self) -> Self {
        self.manners.http = Http::Everywhere;
        self
    }

    /// Fetches by these connections, so that many keys share them: with their trust, and over http only where they
    /// allow it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton::{KeySet, Verifier};
    /// # use jeton_axum::{Outbound, RemoteKeys, RemoteKeysError};
    /// # let rules = Verifier::builder(KeySet::default()).any_issuer().audience("https://id.example").build();
    /// let outbound = Outbound::new(Duration::from_secs(5)).map_err(|_| RemoteKeysError::Client)?;
    /// let keys = RemoteKeys::at("https://app.example/keys", rules.clone()).by(&outbound).build()?;
    /// let plain = RemoteKeys::at("http://app.example/keys", rules).by(&outbound).build();
    /// assert!(matches!(plain, Err(RemoteKeysError::NotHttps(_))));
    /// # Ok::<(), RemoteKeysError>(())
    /// ```
    pub fn by(mut self, outbound: &Outbound) -> Self {
        self.outbound = Some(outbound.clone());
        self
    }

    /// The keys. Nothing is fetched yet.
    ///
    /// ```
    /// # use jeton::{KeySet, Verifier};
    /// # use jeton_axum::{Auth, RemoteKeys, RemoteKeysError, SystemClock, claims::Jeton};
    /// # let rules = Verifier::builder(KeySet::default()).issuer("https://id.example").audience("api").build();
    /// let keys = RemoteKeys::discover("https://id.example", rules).build()?;
    /// let auth = Auth::<Jeton>::new(keys, SystemClock);
    /// # Ok::<(), RemoteKeysError>(())
    /// ```
    pub fn build(self) -> Result<RemoteKeys, RemoteKeysError> {
        let (Where::Known(text) | Where::Discovered(text)) = &self.place;
        let url = Url::parse(text).map_err(|_| RemoteKeysError::Url(text.clone()))?;
        self.limits.check()?;
        let outbound = match self.outbound {
            Some(outbound) => outbound,
            None => Outbound::with(self.limits.timeout, &self.manners)?,
        };
        if !outbound.allows(&url) {
            return Err(RemoteKeysError::NotHttps(text.clone()));
        }
        let fetcher = Fetcher::new(outbound, self.place, url, self.limits, self.algorithm);
        let keeper = Arc::new_cyclic(|me| Keeper {
            me: me.clone(),
            keys: std::sync::OnceLock::new(),
            fetcher,
            rules: self.rules.clone(),
            limits: self.limits,
            clock: self.clock,
            hook: self.hook,
            state: Mutex::new(State::default()),
            is_going: AtomicBool::new(false),
            done: watch::Sender::new(()),
        });
        let keys = Arc::new(IssuerKeys::new(self.rules, Some(Arc::clone(&keeper) as _)));
        keeper.watch_over(&keys);
        Ok(RemoteKeys { keys, keeper })
    }
}

impl fmt::Debug for RemoteKeysBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeysBuilder")
            .field("place", &self.place)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
