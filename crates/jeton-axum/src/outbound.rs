//! Requests to servers elsewhere: keys, the feed, and messages that are posted.

use std::{error::Error, fmt, net::IpAddr, panic, time::Duration};

use http::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, Url};
use zeroize::Zeroizing;

/// Why there is no whole answer.
pub(crate) enum Broken {
    Timeout,
    Connection,
    Certificate,
    TooLarge,
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if is_about_certificate(&error) {
            Self::Certificate
        } else {
            Self::Connection
        }
    }
}

/// The TLS library's error stands at the end of the chain, wrapped in types of its own and of others; its text is
/// what can be asked without naming them here.
fn is_about_certificate(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("invalid peer certificate") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Whether servers are spoken to over http.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Http {
    #[default]
    Never,
    OnThisMachine,
    Everywhere,
}

/// How servers elsewhere are spoken to.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    pub(crate) http: Http,
    /// Certificates of authorities that are trusted beside the machine's, as PEM.
    pub(crate) authorities: Vec<Vec<u8>>,
}

/// Why there is no client.
pub(crate) enum NoClient {
    /// The certificate that was given is none.
    Authority,
    Other,
}

/// Requests to servers elsewhere, made with the care that keys are fetched with: no redirects, a time limit over the
/// whole, and https alone but for servers on this machine.
///
/// For messages that a service sends, such as OpenID Connect's logout tokens; several [`RemoteKeys`] can share one
/// ([`RemoteKeysBuilder::by`]). Cloning shares its connections.
///
/// ```no_run
/// # use std::time::Duration;
/// use jeton_axum::{Outbound, OutboundError};
///
/// async fn tell(outbound: &Outbound, logout_token: &str) -> Result<bool, OutboundError> {
///     let form = [("logout_token", logout_token)];
///     let status = outbound.post_form("https://app.example/logout", &form).await?;
///     Ok(matches!(status, 200 | 204))
/// }
/// ```
///
/// [`RemoteKeys`]: crate::RemoteKeys
/// [`RemoteKeysBuilder::by`]: crate::RemoteKeysBuilder::by
#[derive(Clone)]
pub struct Outbound {
    client: Client,
    /// For this machine's own addresses: a proxy could not reach them, and would be sent what is meant for a
    /// service beside us, secrets included.
    direct: Client,
    http: Http,
}

/// Why a server elsewhere could not be told something.
///
/// ```
/// # use std::time::Duration;
/// # use jeton_axum::{Outbound, OutboundError};
/// # async fn example() -> Result<(), OutboundError> {
/// let outbound = Outbound::new(Duration::from_secs(5))?;
/// let plain = outbound.post_form("http://app.example/logout", &[]).await;
/// assert_eq!(plain, Err(OutboundError::NotHttps));
/// # Ok(())
/// # }
/// # struct Woken;
/// # impl std::task::Wake for Woken { fn wake(self: std::sync::Arc<Self>) {} }
/// # let waker = std::task::Waker::from(std::sync::Arc::new(Woken));
/// # let ready = std::pin::pin!(example()).poll(&mut std::task::Context::from_waker(&waker));
/// # assert!(matches!(ready, std::task::Poll::Ready(Ok(()))));
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address is not a URL.
    #[error("the address is not a URL")]
    Url,
    /// The address is not https, nor one of this machine.
    #[error("the address is not https, and not on this machine")]
    NotHttps,
    /// The server took longer than the limit.
    #[error("the server did not answer in time")]
    Timeout,
    /// There was no connection, or it broke off.
    #[error("the server could not be reached")]
    Connection,
    /// The server could not show that it is the one meant.
    #[error("the server's certificate is not trusted, is of another name or has expired")]
    Certificate,
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: there are no certificates to trust, or no randomness")]
    Client,
}

impl From<Broken> for OutboundError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Timeout => Self::Timeout,
            Broken::Connection | Broken::TooLarge => Self::Connection,
            Broken::Certificate => Self::Certificate,
        }
    }
}

impl Outbound {
    /// Over https, and over http to this machine's own addresses. No request takes longer than the limit.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::Outbound;
    /// let outbound = Outbound::new(Duration::from_secs(5))?;
    /// # Ok::<(), jeton_axum::OutboundError>(())
    /// ```
    pub fn new(timeout: Duration) -> Result<Self, OutboundError> {
        let manners = Manners {
            http: Http::OnThisMachine,
            authorities: Vec::new(),
        };
        Self::with(timeout, &manners).map_err(|_| OutboundError::Client)
    }

    /// Posts a form and returns the answer's status. What else the answer says is not read.
    ///
    /// ```no_run
    /// # use jeton_axum::{Outbound, OutboundError};
    /// # async fn example(outbound: &Outbound) -> Result<(), OutboundError> {
    /// let status = outbound.post_form("https://app.example/logout", &[("logout_token", "eyJ…")]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Result<u16, OutboundError> {
        let url = Url::parse(url).map_err(|_| OutboundError::Url)?;
        if !self.allows(&url) {
            return Err(OutboundError::NotHttps);
        }
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let response = request.send().await.map_err(Broken::from)?;
        Ok(response.status().as_u16())
    }

    pub(crate) fn with(timeout: Duration, manners: &Manners) -> Result<Self, NoClient> {
        let mut authorities = Vec::new();
        for pem in &manners.authorities {
            let found = Certificate::from_pem_bundle(pem).map_err(|_| NoClient::Authority)?;
            if found.is_empty() {
                return Err(NoClient::Authority);
            }
            authorities.extend(found);
        }
        let builder = |https_only| builder(timeout, https_only).tls_certs_merge(authorities.iter().cloned());
        let build = |builder: ClientBuilder| {
            // Only here are the authorities looked into.
            let is_theirs = !authorities.is_empty();
            builder.build().map_err(|_| {
                if is_theirs {
                    NoClient::Authority
                } else {
                    NoClient::Other
                }
            })
        };
        let http = manners.http;
        Ok(Self {
            client: build(builder(http != Http::Everywhere))?,
            direct: build(builder(http == Http::Never).no_proxy())?,
            http,
        })
    }

    /// Whether a server at this address may be spoken to.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        match (url.scheme(), self.http) {
            ("https", _) | ("http", Http::Everywhere) => true,
            ("http", Http::OnThisMachine) => is_loopback(url),
            _ => false,
        }
    }

    pub(crate) fn get(&self, url: Url) -> RequestBuilder {
        self.to(&url).get(url)
    }

    pub(crate) fn post(&self, url: Url) -> RequestBuilder {
        self.to(&url).post(url)
    }

    fn to(&self, url: &Url) -> &Client {
        if is_loopback(url) {
            &self.direct
        } else {
            &self.client
        }
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

fn builder(timeout: Duration, https_only: bool) -> ClientBuilder {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .https_only(https_only)
        .timeout(timeout)
        .user_agent(concat!("jeton/", env!("CARGO_PKG_VERSION")))
}

/// Whether the address is this machine's own (RFC 6761 §6.3 for the names).
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    match address {
        Ok(IpAddr::V4(address)) => address.is_loopback(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address
                    .to_ipv4_mapped()
                    .is_some_and(|address| address.is_loopback())
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// An address for a log: without what may be secret in it.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for addresses that can have neither.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// Tells an application's hook what happened. A hook that panics ends nothing but itself.
pub(crate) fn tell<E: fmt::Debug>(hook: &(dyn Fn(&E) + Send + Sync), event: &E) {
    // Nothing of ours is borrowed mutably by the hook; what it leaves half-done is its own.
    let _ = panic::catch_unwind(panic::AssertUnwindSafe(|| hook(event)));
}

/// The body, if it has at most so many bytes.
pub(crate) async fn body(mut response: Response, max_size: usize) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_size {
            return Err(Broken::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Another path of the same server.
pub(crate) fn at(server: &Url, path: &str) -> Url {
    let mut url = server.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for (url, is) in [
            ("http://127.0.0.1:5000/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]:5000/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://localhost/", true),
            ("http://LOCALHOST./", true),
            ("http://id.localhost/", true),
            ("http://0x7f000001/", true),
            ("http://10.0.0.1/", false),
            ("http://localhost.example/", false),
            ("http://notlocalhost/", false),
            ("http://[2001:db8::1]/", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), is, "{url}");
        }
    }

    #[test]
    fn an_address_is_shown_without_secrets() {
        let url = Url::parse("https://ada:secret@id.example/keys?token=secret#secret").unwrap();
        assert_eq!(shown(&url), "https://id.example/keys");
    }
}
