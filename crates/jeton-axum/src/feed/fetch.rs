//! Requests to the service: for a token, and then for news.

use std::{fmt, time::Duration};

use http::StatusCode;
use jeton::json;
use reqwest::{Response, Url};
use serde::{Deserialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::outbound::{self, Broken, Manners, NoClient, Outbound};

/// Ten thousand entries, the service's longest page, take a little over a megabyte.
const MAX_SIZE: usize = 4 * 1024 * 1024;

/// How much longer a request may take than it waits for news.
const SLACK: Duration = Duration::from_secs(10);

/// Why the service could not be asked. Known revocations stay.
///
/// ```
/// # use jeton_axum::FeedError;
/// fn is_ours_to_mend(error: &FeedError) -> bool {
///     matches!(error, FeedError::InvalidClient | FeedError::Scope)
/// }
/// # assert!(!is_ours_to_mend(&FeedError::Timeout));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The service took longer than the limit.
    #[error("the service did not answer in time")]
    Timeout,
    /// There was no connection, or it broke off.
    #[error("the service could not be reached")]
    Connection,
    /// The server could not show that it is the service's.
    #[error(
        "the service's certificate is not trusted, is of another name or has expired: an authority of your own is \
         named by `certificate_authority`"
    )]
    Certificate,
    /// The client is unknown, disabled, or its secret another.
    #[error("the service does not know the client, or its secret is wrong")]
    InvalidClient,
    /// The client has not the scope `revocations:read`.
    #[error("the client has not the scope `revocations:read`")]
    Scope,
    /// The access token was refused: a new one is asked for.
    #[error("the service refused the access token")]
    Token,
    /// Another status. Redirects are not followed.
    #[error("the service answered with status {0}")]
    Status(u16),
    /// The answer is larger than any page.
    #[error("the service's answer is larger than allowed")]
    TooLarge,
    /// The answer is not what a Jeton service says.
    #[error("the service's answer is not the JSON object it has to be")]
    Malformed,
    /// The answer has entries, or says that there are more, and leads no further than the one before.
    #[error("the service's answer leads no further than the one before")]
    NoProgress,
}

impl From<Broken> for FeedError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Timeout => Self::Timeout,
            Broken::Connection => Self::Connection,
            Broken::Certificate => Self::Certificate,
            Broken::TooLarge => Self::TooLarge,
        }
    }
}

/// A client's id and secret.
pub(super) struct Credentials {
    id: String,
    secret: Zeroizing<String>,
}

impl Credentials {
    pub(super) fn new(id: String, secret: String) -> Self {
        Self {
            id,
            secret: Zeroizing::new(secret),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An access token of the client.
pub(super) struct Token(Zeroizing<String>);

/// A page of the feed.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) revocations: Vec<Entry>,
    pub(super) next: i64,
    pub(super) more: bool,
    pub(super) now: i64,
    /// The time before which issued tokens are refused, once a back-up was restored.
    pub(super) accepted_from: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) below: Option<i64>,
    pub(super) until: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Token,
    Session,
    User,
    /// A kind of target that a later service may revoke by.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
}

pub(super) struct Fetcher {
    outbound: Outbound,
    token_url: Url,
    feed_url: Url,
    credentials: Credentials,
    wait: Duration,
}

impl Fetcher {
    pub(super) fn new(
        service: &Url,
        credentials: Credentials,
        wait: Duration,
        manners: &Manners,
    ) -> Result<Self, NoClient> {
        Ok(Self {
            outbound: Outbound::with(wait + SLACK, manners)?,
            token_url: below(service, "oauth/token"),
            feed_url: below(service, "revocations"),
            credentials,
            wait,
        })
    }

    /// Signs in (RFC 6749 §4.4).
    pub(super) async fn token(&self) -> Result<Token, FeedError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", "revocations:read")
            .append_pair("client_id", &self.credentials.id)
            .append_pair("client_secret", &self.credentials.secret)
            .finish();
        let request = self
            .outbound
            .post(self.token_url.clone())
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let response = request.send().await.map_err(Broken::from)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(FeedError::InvalidClient),
            StatusCode::BAD_REQUEST => return Err(FeedError::Scope),
            status => return Err(FeedError::Status(status.as_u16())),
        }
        let TokenAnswer { access_token } = read(response).await?;
        Ok(Token(Zeroizing::new(access_token)))
    }

    /// Asks for entries after a number; waits at the service for news, unless there is more to read first.
    pub(super) async fn news(&self, token: &Token, since: i64, is_complete: bool) -> Result<Page, FeedError> {
        let wait = if is_complete { self.wait.as_secs() } else { 0 };
        let mut url = self.feed_url.clone();
        url.query_pairs_mut()
            .append_pair("since", &since.to_string())
            .append_pair("wait", &wait.to_string());
        let request = self.outbound.get(url).bearer_auth(token.0.as_str());
        let response = request.send().await.map_err(Broken::from)?;
        match response.status() {
            StatusCode::OK => read(response).await,
            StatusCode::UNAUTHORIZED => Err(FeedError::Token),
            StatusCode::FORBIDDEN => Err(FeedError::Scope),
            status => Err(FeedError::Status(status.as_u16())),
        }
    }
}

/// A path of the service, whose own address may have one too.
fn below(service: &Url, path: &str) -> Url {
    outbound::at(
        service,
        &format!("{}/{path}", service.path().trim_end_matches('/')),
    )
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, FeedError> {
    let body = outbound::body(response, MAX_SIZE).await?;
    json::from_slice(&body).map_err(|_| FeedError::Malformed)
}
