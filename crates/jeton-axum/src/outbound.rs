//! Requests to servers elsewhere: what keys and the feed have in common.

use std::{error::Error, fmt, net::IpAddr, panic, time::Duration};

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

/// How servers elsewhere are spoken to.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    pub(crate) allow_http: bool,
    /// Certificates of authorities that are trusted beside the machine's, as PEM.
    pub(crate) authorities: Vec<Vec<u8>>,
}

/// Why there is no client.
pub(crate) enum NoClient {
    /// The certificate that was given is none.
    Authority,
    Other,
}

/// A client that follows no redirects and speaks https alone, unless it is told otherwise.
pub(crate) struct Outbound {
    client: Client,
    /// For this machine's own addresses: a proxy could not reach them, and would be sent what is meant for a
    /// service beside us, secrets included.
    direct: Client,
}

impl Outbound {
    pub(crate) fn new(timeout: Duration, manners: &Manners) -> Result<Self, NoClient> {
        let mut authorities = Vec::new();
        for pem in &manners.authorities {
            let found = Certificate::from_pem_bundle(pem).map_err(|_| NoClient::Authority)?;
            if found.is_empty() {
                return Err(NoClient::Authority);
            }
            authorities.extend(found);
        }
        let builder = || builder(timeout, manners.allow_http).tls_certs_merge(authorities.iter().cloned());
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
        Ok(Self {
            client: build(builder())?,
            direct: build(builder().no_proxy())?,
        })
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

fn builder(timeout: Duration, allow_http: bool) -> ClientBuilder {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .https_only(!allow_http)
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
