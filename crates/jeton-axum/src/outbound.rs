//! Requests to servers elsewhere: what keys and the feed have in common.

use std::time::Duration;

use reqwest::{Client, Response, Url};
use zeroize::Zeroizing;

/// Why there is no whole answer.
pub(crate) enum Broken {
    Timeout,
    Connection,
    TooLarge,
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Connection
        }
    }
}

/// A client that follows no redirects and speaks https alone, unless it is told otherwise.
pub(crate) fn client(timeout: Duration, allow_http: bool) -> Result<Client, reqwest::Error> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .https_only(!allow_http)
        .timeout(timeout)
        .user_agent(concat!("jeton/", env!("CARGO_PKG_VERSION")))
        .build()
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
