//! One fetch: metadata if need be, then keys.

use std::time::Duration;

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
};
use jeton::{Algorithm, KeyError, KeySet};
use reqwest::Url;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Limits, Where};
use crate::outbound::{self, Broken};

/// Why keys could not be fetched. Known keys stay as they are.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It took longer than the limit.
    #[error("the issuer did not answer in time")]
    Timeout,
    /// There was no connection, it broke off, or it was not the issuer's by its certificate.
    #[error("the issuer could not be reached")]
    Connection,
    /// The answer was neither 200 nor, to a question for news, 304. Redirects are not followed.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// The answer is larger than the limit.
    #[error("the issuer's answer is larger than allowed")]
    TooLarge,
    /// The metadata is not what OIDC Discovery or RFC 8414 says.
    #[error("the issuer's metadata is not the JSON object it has to be")]
    Metadata,
    /// The metadata is about another issuer.
    #[error("the metadata names another issuer")]
    WrongIssuer,
    /// The keys' address in the metadata is not https.
    #[error("the metadata's address of the keys is not https")]
    NotHttps,
    /// The answer is no set of keys.
    #[error("the issuer's keys are no set of keys: {0}")]
    Keys(KeyError),
    /// The set has no key that can be used.
    #[error("the issuer's set has no key that can be used")]
    NoKeys,
    /// The set has a shared secret in it, which is nobody's secret any more.
    #[error("the issuer publishes a shared secret: whoever reads it can make tokens")]
    Symmetric,
}

impl From<Broken> for FetchError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Timeout => Self::Timeout,
            Broken::Connection => Self::Connection,
            Broken::TooLarge => Self::TooLarge,
        }
    }
}

/// What a fetch brought.
pub(super) enum News {
    Keys {
        set: KeySet,
        etag: Option<HeaderValue>,
        good_for: Option<Duration>,
    },
    Unchanged {
        good_for: Option<Duration>,
    },
}

/// Knows where the keys are and how to ask for them.
pub(super) struct Fetcher {
    client: reqwest::Client,
    place: Where,
    url: Url,
    limits: Limits,
    algorithm: Option<Algorithm>,
    allow_http: bool,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Fetcher {
    pub(super) fn new(
        place: Where,
        url: Url,
        limits: Limits,
        algorithm: Option<Algorithm>,
        allow_http: bool,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: outbound::client(limits.timeout, allow_http)?,
            place,
            url,
            limits,
            algorithm,
            allow_http,
        })
    }

    /// Asks for the keys, or for news since those of this tag.
    pub(super) async fn fetch(&self, etag: Option<&HeaderValue>) -> Result<News, FetchError> {
        let whole = async {
            let jwks_uri = match &self.place {
                Where::Known(_) => self.url.clone(),
                Where::Discovered(issuer) => self.discover(issuer).await?,
            };
            self.keys(jwks_uri, etag).await
        };
        tokio::time::timeout(self.limits.timeout, whole)
            .await
            .map_err(|_| FetchError::Timeout)?
    }

    async fn discover(&self, issuer: &str) -> Result<Url, FetchError> {
        let mut answer = Err(FetchError::Metadata);
        for url in well_known(&self.url) {
            answer = self.get(url, None).await;
            // Only an issuer that says it has none is asked for the other kind.
            if !matches!(answer, Err(FetchError::Status(404))) {
                break;
            }
        }
        let Answer { body, .. } = answer?;
        let metadata: Metadata = serde_json::from_slice(&body).map_err(|_| FetchError::Metadata)?;
        if metadata.issuer != issuer {
            return Err(FetchError::WrongIssuer);
        }
        let jwks_uri = Url::parse(&metadata.jwks_uri).map_err(|_| FetchError::Metadata)?;
        if jwks_uri.scheme() != "https" && !self.allow_http {
            return Err(FetchError::NotHttps);
        }
        Ok(jwks_uri)
    }

    async fn keys(&self, jwks_uri: Url, etag: Option<&HeaderValue>) -> Result<News, FetchError> {
        let Answer {
            status,
            headers,
            body,
        } = self.get(jwks_uri, etag).await?;
        let good_for = max_age(&headers);
        if status == StatusCode::NOT_MODIFIED {
            return Ok(News::Unchanged { good_for });
        }
        let set = self.parse(&body)?;
        let etag = headers.get(ETAG).cloned();
        Ok(News::Keys { set, etag, good_for })
    }

    fn parse(&self, body: &[u8]) -> Result<KeySet, FetchError> {
        let json = str::from_utf8(body).map_err(|_| FetchError::NoKeys)?;
        let set = match self.algorithm {
            Some(algorithm) => KeySet::from_jwks_as(algorithm, json),
            None => KeySet::from_jwks(json),
        };
        let set = set.map_err(FetchError::Keys)?;
        if set.is_empty() {
            return Err(FetchError::NoKeys);
        }
        if set.iter().any(|key| key.to_jwk().is_err()) {
            return Err(FetchError::Symmetric);
        }
        Ok(set)
    }

    async fn get(&self, url: Url, etag: Option<&HeaderValue>) -> Result<Answer, FetchError> {
        let mut request = self.client.get(url);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let mut response = request.send().await.map_err(Broken::from)?;
        let status = response.status();
        let is_answer = status == StatusCode::OK || (status == StatusCode::NOT_MODIFIED && etag.is_some());
        if !is_answer {
            return Err(FetchError::Status(status.as_u16()));
        }
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer {
            status,
            headers,
            body: outbound::body(response, self.limits.max_size).await?,
        })
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Zeroizing<Vec<u8>>,
}

/// Where an issuer's metadata may be. OIDC appends to the issuer's path; RFC 8414 §3.1 puts the
/// well-known part before it.
fn well_known(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/');
    [
        outbound::at(issuer, &format!("{path}/.well-known/openid-configuration")),
        outbound::at(issuer, &format!("/.well-known/oauth-authorization-server{path}")),
    ]
}

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2.1), nothing where the answer is not to be kept at all.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(CACHE_CONTROL)?.to_str().ok()?;
    let mut directives = value
        .split(',')
        .map(|directive| directive.trim().to_ascii_lowercase());
    if directives
        .clone()
        .any(|directive| directive == "no-store" || directive == "no-cache")
    {
        return Some(Duration::ZERO);
    }
    let age = directives.find_map(|directive| directive.strip_prefix("max-age=").map(str::to_owned))?;
    age.trim_matches('"').parse().ok().map(Duration::from_secs)
}
