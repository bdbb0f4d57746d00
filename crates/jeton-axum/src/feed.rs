//! The revocations of a Jeton service, followed from elsewhere.

mod fetch;
mod follower;
mod set;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jeton::Verified;
use reqwest::Url;
use tokio::{runtime::Handle, sync::watch};

pub use self::{fetch::FeedError, follower::FeedEvent};
use self::{
    fetch::{Credentials, Fetcher},
    follower::Follower,
    set::{Names, Set},
};
use crate::{
    outbound::{Http, Manners, NoClient},
    revocation::{Revocations, TokenStatus},
};

/// Revocations of a Jeton service, followed over its feed (`GET /revocations`) and kept in memory: a resource
/// server then refuses a token a moment after its session ended, and not when it expires.
///
/// Give it to [`Auth::revocations`](crate::Auth::revocations). It signs in with the id and secret of a service
/// account that has the scope `revocations:read` (RFC 6749 §4.4), reads everything that still matters, and then
/// waits for news at the service, so that they come at once.
///
/// - A check never waits and asks nobody.
/// - Before the whole picture was read, and when the service was not heard of for longer than
///   [`max_lag`](RevocationFeedBuilder::max_lag), tokens it knows nothing of are [`TokenStatus::Unknown`]: 503, never a
///   guess. What it knows to be revoked stays refused.
/// - A service that is away is asked again, at growing intervals; nothing known is forgotten meanwhile.
///
/// Cloning shares the feed. It ends with its last clone, or with the runtime on which it was begun; then tokens become
/// unknown.
///
/// ```no_run
/// # use jeton::{KeySet, Verifier};
/// # use jeton_axum::{Auth, RemoteKeys, Revocable, RevocationFeed, SystemClock};
/// #[derive(serde::Deserialize)]
/// struct Access { sid: Option<String>, uv: i64 }
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// impl Revocable for Access {
///     fn session(&self) -> Option<&str> { self.sid.as_deref() }
///     fn version(&self) -> Option<i64> { Some(self.uv) }
/// }
///
/// # async fn example(secret: String) -> Result<(), Box<dyn std::error::Error>> {
/// # let rules = Verifier::builder(KeySet::default()).issuer("https://id.example").audience("api").build();
/// # let keys = RemoteKeys::discover("https://id.example", rules).build()?;
/// let id = "019b0000-0000-7000-8000-000000000000";
/// let feed = RevocationFeed::of("https://id.example", id, secret).follow()?;
/// let auth = Auth::<Access>::new(keys, SystemClock).revocations(feed);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RevocationFeed {
    set: Arc<Set>,
    ready: watch::Receiver<bool>,
}

/// Claims by which a revocation may name a token, beside its `jti` and `sub`. [`RevocationFeed`] has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say by what its tokens are revoked",
    label = "these claims have to implement `jeton_axum::Revocable`",
    note = "`RevocationFeed` reads the session and the user's version from them: the claims `sid` and `uv`"
)]
pub trait Revocable {
    /// The `sid`: the session that the token was issued to. None in tokens that clients got for themselves.
    fn session(&self) -> Option<&str>;

    /// The `uv`: the version its user had when the token was issued.
    fn version(&self) -> Option<i64>;
}

impl RevocationFeed {
    /// The feed of the service at this address, for this client.
    ///
    /// ```
    /// # use jeton_axum::RevocationFeed;
    /// # fn example(secret: String) -> jeton_axum::RevocationFeedBuilder {
    /// RevocationFeed::of("https://id.example", "019b0000-0000-7000-8000-000000000000", secret)
    /// # }
    /// ```
    pub fn of(
        service: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> RevocationFeedBuilder {
        RevocationFeedBuilder {
            service: service.into(),
            credentials: Credentials::new(client_id.into(), client_secret.into()),
            limits: Limits::default(),
            manners: Manners::default(),
            hook: Arc::new(|_: &FeedEvent| {}),
        }
    }

    /// Whether the feed can tell what is revoked now: for a readiness check.
    ///
    /// ```
    /// # use http::StatusCode;
    /// # use jeton_axum::RevocationFeed;
    /// fn readyz(feed: &RevocationFeed) -> StatusCode {
    ///     if feed.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    /// }
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.set.is_fresh()
    }

    /// Waits until the whole picture was read for the first time.
    ///
    /// ```
    /// # use jeton_axum::RevocationFeed;
    /// # use std::time::Duration;
    /// async fn start(feed: &RevocationFeed) -> bool {
    ///     tokio::time::timeout(Duration::from_secs(10), feed.ready()).await.is_ok()
    /// }
    /// ```
    pub async fn ready(&self) {
        let mut ready = self.ready.clone();
        // An error means that nobody follows any more, which `is_ready` tells.
        let _ = ready.wait_for(|ready| *ready).await;
    }

    /// How many entries are remembered.
    ///
    /// ```
    /// # use jeton_axum::RevocationFeed;
    /// fn metric(feed: &RevocationFeed) -> String {
    ///     format!("revoked {}", feed.len())
    /// }
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether nothing is revoked that could still be valid.
    ///
    /// ```
    /// # use jeton_axum::RevocationFeed;
    /// fn is_quiet(feed: &RevocationFeed) -> bool {
    ///     feed.is_empty()
    /// }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<C: Revocable> Revocations<C> for RevocationFeed {
    fn check(&self, token: &Verified<C>) -> TokenStatus {
        let claims = token.claims();
        self.set.status(&Names {
            id: token.id(),
            issued_at: token.issued_at().map(seconds),
            session: claims.session(),
            user: token.subject(),
            version: claims.version(),
        })
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl fmt::Debug for RevocationFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationFeed")
            .field("entries", &self.len())
            .field("is_ready", &self.is_ready())
            .finish_non_exhaustive()
    }
}

/// Why a feed cannot be followed at all.
///
/// ```
/// # use jeton_axum::{FeedSetUpError, RevocationFeed};
/// let plain = RevocationFeed::of("http://id.example", "id", "secret").follow();
/// assert!(matches!(plain, Err(FeedSetUpError::NotHttps(_))));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedSetUpError {
    /// The address is not a URL.
    #[error("'{0}' is not a URL")]
    Url(String),
    /// The address is not https.
    #[error(
        "'{0}' is not https: the client's secret would travel in the clear; for a service on this machine, say \
         `danger_allow_http()`"
    )]
    NotHttps(String),
    /// The certificate authority that was given is no certificate in PEM.
    #[error("the certificate authority is not a certificate in PEM (`-----BEGIN CERTIFICATE-----`)")]
    CertificateAuthority,
    /// The bound is not longer than twice the time a request waits for news.
    #[error("`max_lag` is not longer than twice `wait`: every quiet moment would count as an outage")]
    Lag,
    /// The time to wait for news is a fraction of a second, and the service is asked for whole ones.
    #[error("`wait` is less than a second: the service would be asked without a pause")]
    Wait,
    /// The first pause after a failure is none, or longer than the longest.
    #[error("`pauses`: the first has to be longer than nothing and not longer than the longest")]
    Pauses,
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: there are no certificates to trust, or no randomness")]
    Client,
    /// The call was not made within tokio's runtime.
    #[error("a feed is followed by a task: call this within tokio's runtime")]
    NoRuntime,
}

/// Sets up a [`RevocationFeed`].
///
/// ```
/// # use std::time::Duration;
/// # use jeton_axum::{FeedSetUpError, RevocationFeed};
/// # fn example(secret: String) -> Result<RevocationFeed, FeedSetUpError> {
/// RevocationFeed::of("https://id.example", "019b0000-0000-7000-8000-000000000000", secret)
///     .wait(Duration::from_secs(10))
///     .max_lag(Duration::from_secs(30))
///     .on_event(|event| eprintln!("{event:?}"))
///     .follow()
/// # }
/// ```
#[must_use = "a builder becomes a feed by `follow`"]
pub struct RevocationFeedBuilder {
    service: String,
    credentials: Credentials,
    limits: Limits,
    manners: Manners,
    hook: Arc<Hook>,
}

type Hook = dyn Fn(&FeedEvent) + Send + Sync;

/// Times. Each default says why.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Proxies give up after 30 seconds or more.
    wait: Duration,
    /// An answer is as old as its question, and the next takes as long: one more may come late.
    max_lag: Duration,
    /// An outage of a moment is over as soon.
    first_pause: Duration,
    /// A service that comes back is noticed before the bound is over.
    longest_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(20),
            max_lag: Duration::from_mins(1),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
        }
    }
}

impl Limits {
    fn check(&self) -> Result<(), FeedSetUpError> {
        // Not to wait at all is a decision.
        if self.wait.as_secs() == 0 && !self.wait.is_zero() {
            return Err(FeedSetUpError::Wait);
        }
        if self.max_lag <= 2 * self.wait {
            return Err(FeedSetUpError::Lag);
        }
        if self.first_pause.is_zero() || self.first_pause > self.longest_pause {
            return Err(FeedSetUpError::Pauses);
        }
        Ok(())
    }
}

impl RevocationFeedBuilder {
    /// How long a request waits at the service for news, in whole seconds; 20 unless set, and never more than 25.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RevocationFeedBuilder;
    /// fn behind_a_proxy(builder: RevocationFeedBuilder) -> RevocationFeedBuilder {
    ///     builder.wait(Duration::from_secs(5))
    /// }
    /// ```
    pub fn wait(mut self, time: Duration) -> Self {
        self.limits.wait = time;
        self
    }

    /// How old the last answer may be before tokens count as unknown; 60 seconds unless set.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RevocationFeedBuilder;
    /// fn patient(builder: RevocationFeedBuilder) -> RevocationFeedBuilder {
    ///     builder.max_lag(Duration::from_mins(5))
    /// }
    /// ```
    pub fn max_lag(mut self, time: Duration) -> Self {
        self.limits.max_lag = time;
        self
    }

    /// How long after a failure the service is asked again for the first time, and at most; half a second and 10
    /// seconds
    /// unless set.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::RevocationFeedBuilder;
    /// fn slowly(builder: RevocationFeedBuilder) -> RevocationFeedBuilder {
    ///     builder.pauses(Duration::from_secs(1), Duration::from_mins(1))
    /// }
    /// ```
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.limits.first_pause = first;
        self.limits.longest_pause = longest;
        self
    }

    /// The hook that hears what happens, for metrics and logs. It must not block.
    ///
    /// ```
    /// # use jeton_axum::{FeedEvent, RevocationFeedBuilder};
    /// fn telling(builder: RevocationFeedBuilder) -> RevocationFeedBuilder {
    ///     builder.on_event(|event| match event {
    ///         FeedEvent::Failed(error) => eprintln!("the feed: {error}"),
    ///         other => eprintln!("the feed: {other:?}"),
    ///     })
    /// }
    /// ```
    pub fn on_event(mut self, hook: impl Fn(&FeedEvent) + Send + Sync + 'static) -> Self {
        self.hook = Arc::new(hook);
        self
    }

    /// Trusts the certificates of this authority, as PEM, beside those the machine trusts: for a service inside a
    /// company. May be called for several.
    ///
    /// ```
    /// # use jeton_axum::RevocationFeedBuilder;
    /// fn inside(builder: RevocationFeedBuilder, pem: &str) -> RevocationFeedBuilder {
    ///     builder.certificate_authority(pem)
    /// }
    /// ```
    pub fn certificate_authority(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.manners.authorities.push(pem.as_ref().to_vec());
        self
    }

    /// Lets the feed come over http, where anybody on the way can read the secret and keep back revocations.
    /// For a service on the same machine.
    ///
    /// ```
    /// # use jeton_axum::RevocationFeed;
    /// # fn example(secret: String) -> jeton_axum::RevocationFeedBuilder {
    /// RevocationFeed::of("http://127.0.0.1:5000", "019b0000-0000-7000-8000-000000000000", secret).danger_allow_http()
    /// # }
    /// ```
    pub fn danger_allow_http(mut self) -> Self {
        self.manners.http = Http::Everywhere;
        self
    }

    /// Begins to follow, in a task of its own.
    ///
    /// ```
    /// # use jeton_axum::{FeedSetUpError, RevocationFeed};
    /// let outside_of_a_runtime = RevocationFeed::of("https://id.example", "id", "secret").follow();
    /// assert_eq!(outside_of_a_runtime.unwrap_err(), FeedSetUpError::NoRuntime);
    /// ```
    pub fn follow(self) -> Result<RevocationFeed, FeedSetUpError> {
        let url = Url::parse(&self.service).map_err(|_| FeedSetUpError::Url(self.service.clone()))?;
        let is_http = url.scheme() == "http" && self.manners.http == Http::Everywhere;
        if url.scheme() != "https" && !is_http {
            return Err(FeedSetUpError::NotHttps(self.service));
        }
        self.limits.check()?;
        let runtime = Handle::try_current().map_err(|_| FeedSetUpError::NoRuntime)?;
        let fetcher = Fetcher::new(&url, self.credentials, self.limits.wait, &self.manners).map_err(
            |error| match error {
                NoClient::Authority => FeedSetUpError::CertificateAuthority,
                NoClient::Other => FeedSetUpError::Client,
            },
        )?;
        let set = Arc::new(Set::new(self.limits.max_lag));
        let (sender, ready) = watch::channel(false);
        let follower = Follower {
            fetcher,
            set: Arc::downgrade(&set),
            ready: sender,
            limits: self.limits,
            hook: self.hook,
        };
        runtime.spawn(follower.run());
        Ok(RevocationFeed { set, ready })
    }
}

impl fmt::Debug for RevocationFeedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationFeedBuilder")
            .field("service", &self.service)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
