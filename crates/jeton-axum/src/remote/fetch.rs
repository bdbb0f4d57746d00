//! A fetch: metadata if need be, then keys.

use std::time::Duration;

use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{AGE, CACHE_CONTROL, ETAG, IF_NONE_MATCH},
};
use jeton::{Algorithm, KeyError, KeySet, json};
use reqwest::Url;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Limits, Where};
use crate::outbound::{self, Broken, Outbound};

/// Why keys could not be fetched. Known keys stay as they are.
///
/// ```
/// # use jeton_axum::{FetchError, RemoteKeys};
/// async fn start(keys: &RemoteKeys) -> Result<(), FetchError> {
///     match keys.warm_up().await {
///         // It is away for a moment, and asked again.
///         Err(FetchError::Timeout | FetchError::Connection) => Ok(()),
///         outcome => outcome,
///     }
/// }
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The fetch took longer than the limit.
    #[error("the issuer did not answer in time")]
    Timeout,
    /// There was no connection, or it broke off.
    #[error("the issuer could not be reached")]
    Connection,
    /// The server could not show that it is the issuer's.
    #[error(
        "the issuer's certificate is not trusted, is of another name or has expired: an authority of your own is \
         named by `certificate_authority`"
    )]
    Certificate,
    /// The answer was neither 200 nor, to a question for news, 304. Redirects are not followed.
    #[error("{url} answered with status {status}")]
    Status {
        /// Where it was asked, without query and credentials.
        url: String,
        /// The answer's.
        status: u16,
    },
    /// Neither OIDC Discovery's nor RFC 8414's address has metadata: both answered 404.
    #[error("the issuer publishes no metadata: nothing at {} and nothing at {}; if you know where its keys are, use `RemoteKeys::at`", .tried[0], .tried[1])]
    NoMetadata {
        /// The two addresses.
        tried: [String; 2],
    },
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
    #[error(
        "the keys' address in the metadata, {0}, is not https: have the issuer publish one that is, or, if it is on \
         this machine, say `danger_allow_http()`"
    )]
    NotHttps(String),
    /// The answer is no set of keys.
    #[error("the issuer's keys are no set of keys: {0}")]
    Keys(KeyError),
    /// The set has no key that can be used.
    #[error("the issuer's set has no key that can be used")]
    NoKeys,
    /// The set has a shared secret in it, which is a secret no longer.
    #[error("the issuer publishes a shared secret: whoever reads it can make tokens")]
    Symmetric,
    /// Nothing was fetched, because there was no runtime to do it on.
    #[error("keys are fetched by a task: call this within tokio's runtime")]
    NoRuntime,
}

impl From<Broken> for FetchError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Timeout => Self::Timeout,
            Broken::Connection => Self::Connection,
            Broken::Certificate => Self::Certificate,
            Broken::TooLarge => Self::TooLarge,
        }
    }
}

/// The outcome of a fetch.
pub(super) enum News {
    Keys {
        set: KeySet,
        tag: Option<Tag>,
        good_for: Option<Duration>,
    },
    Unchanged {
        good_for: Option<Duration>,
    },
}

/// A version of the keys at one address (RFC 9110 §8.8.3). At another it may mean something else.
#[derive(Clone)]
pub(super) struct Tag {
    url: Url,
    value: HeaderValue,
}

/// The place of the keys, and the way to ask for them.
pub(super) struct Fetcher {
    outbound: Outbound,
    place: Where,
    url: Url,
    limits: Limits,
    algorithm: Option<Algorithm>,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Fetcher {
    pub(super) fn new(
        outbound: Outbound,
        place: Where,
        url: Url,
        limits: Limits,
        algorithm: Option<Algorithm>,
    ) -> Self {
        Self {
            outbound,
            place,
            url,
            limits,
            algorithm,
        }
    }

    /// The issuer's address, or that of its keys.
    pub(super) fn address(&self) -> String {
        outbound::shown(&self.url)
    }

    /// Asks for the keys, or for news since those of this tag.
    pub(super) async fn fetch(&self, tag: Option<&Tag>) -> Result<News, FetchError> {
        let whole = async {
            let jwks_uri = match &self.place {
                Where::Known(_) => self.url.clone(),
                Where::Discovered(issuer) => self.discover(issuer).await?,
            };
            self.keys(jwks_uri, tag).await
        };
        tokio::time::timeout(self.limits.timeout, whole)
            .await
            .map_err(|_| FetchError::Timeout)?
    }

    async fn discover(&self, issuer: &str) -> Result<Url, FetchError> {
        let [openid, oauth] = well_known(&self.url);
        let tried = [&openid, &oauth].map(outbound::shown);
        let is_absent =
            |answer: &Result<Answer, _>| matches!(answer, Err(FetchError::Status { status: 404, .. }));
        let mut answer = self.get(openid, None).await;
        // Only an issuer that says it has none is asked for the other kind.
        if is_absent(&answer) {
            answer = self.get(oauth, None).await;
        }
        if is_absent(&answer) {
            return Err(FetchError::NoMetadata { tried });
        }
        let Answer { body, .. } = answer?;
        let metadata: Metadata = json::from_slice(&body).map_err(|_| FetchError::Metadata)?;
        if metadata.issuer != issuer {
            return Err(FetchError::WrongIssuer);
        }
        let jwks_uri = Url::parse(&metadata.jwks_uri).map_err(|_| FetchError::Metadata)?;
        if !self.outbound.allows(&jwks_uri) {
            return Err(FetchError::NotHttps(outbound::shown(&jwks_uri)));
        }
        Ok(jwks_uri)
    }

    async fn keys(&self, jwks_uri: Url, tag: Option<&Tag>) -> Result<News, FetchError> {
        let etag = tag.filter(|tag| tag.url == jwks_uri).map(|tag| &tag.value);
        let Answer {
            status,
            headers,
            body,
        } = self.get(jwks_uri.clone(), etag).await?;
        let good_for = freshness(&headers);
        if status == StatusCode::NOT_MODIFIED {
            return Ok(News::Unchanged { good_for });
        }
        let set = self.parse(&body)?;
        let tag = headers.get(ETAG).map(|value| Tag {
            url: jwks_uri,
            value: value.clone(),
        });
        Ok(News::Keys { set, tag, good_for })
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
        let address = outbound::shown(&url);
        let mut request = self.outbound.get(url);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let mut response = request.send().await.map_err(Broken::from)?;
        let status = response.status();
        let is_answer = status == StatusCode::OK || (status == StatusCode::NOT_MODIFIED && etag.is_some());
        if !is_answer {
            return Err(FetchError::Status {
                url: address,
                status: status.as_u16(),
            });
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

/// For how long the answer is fresh: `max-age` (RFC 9111 §5.2.2.1) less the `Age` it came with (§5.1), nothing where
/// it is not to be kept at all.
fn freshness(headers: &HeaderMap) -> Option<Duration> {
    // A list may be spread over several lines (RFC 9110 §5.3).
    let lines = headers.get_all(CACHE_CONTROL).iter();
    let directives: Vec<_> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    if directives
        .iter()
        .any(|one| one == "no-store" || one == "no-cache")
    {
        return Some(Duration::ZERO);
    }
    let max_age = directives.iter().find_map(|one| one.strip_prefix("max-age="))?;
    let max_age: u64 = max_age.trim_matches('"').parse().ok()?;
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.trim().parse().ok());
    Some(Duration::from_secs(max_age.saturating_sub(age.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_is_read_from_every_line_and_shortened_by_age() {
        type Lines = &'static [(&'static str, &'static str)];
        let cases: [(Lines, Option<u64>); 10] = [
            (&[], None),
            (&[("cache-control", "public")], None),
            (&[("cache-control", "max-age=300")], Some(300)),
            (
                &[("cache-control", "public"), ("cache-control", "Max-Age=\"300\"")],
                Some(300),
            ),
            (
                &[("cache-control", "max-age=300"), ("cache-control", "no-cache")],
                Some(0),
            ),
            (&[("cache-control", "no-store, max-age=300")], Some(0)),
            (&[("cache-control", "max-age=300"), ("age", "100")], Some(200)),
            (&[("cache-control", "max-age=300"), ("age", "1000")], Some(0)),
            (
                &[("cache-control", "max-age=300"), ("age", "nonsense")],
                Some(300),
            ),
            (&[("cache-control", "max-age=x"), ("age", "1")], None),
        ];
        for (lines, seconds) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            assert_eq!(freshness(&headers), seconds.map(Duration::from_secs), "{lines:?}");
        }
    }
}
