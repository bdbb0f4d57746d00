use std::time::Duration;

use axum::{Extension, extract::State, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    extract::{HasScope, Query, RequiredScope},
    middleware::errors::ErrorBody,
    no_store::NoStore,
    server::LongPoll,
    state::App,
};
use crate::{
    model::{
        revocation::{Numbered, Target},
        scope::READ_REVOCATIONS,
        time::Timestamp,
    },
    service::tokens::feed::News,
};

/// The longest a request waits for news: shorter than any request may take.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

pub(super) struct ReadRevocations;

impl RequiredScope for ReadRevocations {
    const NAME: &'static str = READ_REVOCATIONS;
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedQuery {
    /// The `next` of the answer before; 0 for everything that still matters.
    #[serde(default)]
    since: i64,
    /// How many seconds to wait for news when there are none; more than 25 are 25.
    #[serde(default)]
    wait: u64,
}

/// A page of revocations. Times are seconds since the epoch.
#[derive(Serialize, ToSchema)]
pub(super) struct RevocationFeed {
    /// In the order in which they were written.
    revocations: Vec<FeedEntry>,
    /// For `since` of the next request.
    next: i64,
    /// Whether there is more at once: whoever begins has the whole picture when this is false.
    more: bool,
    /// After a restored back-up: no token whose `iat` is below this is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_from: Option<i64>,
    now: i64,
}

#[derive(Serialize, ToSchema)]
struct FeedEntry {
    number: i64,
    /// `token`, `session` or `user`.
    kind: &'static str,
    /// The `jti`, `sid` or `sub` it revokes.
    id: String,
    /// Of a `user` alone: only tokens whose `uv` is below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<i64>,
    /// From here on nothing it could hit is still valid, and it may be forgotten.
    until: i64,
}

/// Lists what was revoked since a number.
///
/// For resource servers that check tokens themselves.
#[utoipa::path(
    get, path = "/revocations", tag = "standards", security(("bearer" = [])), params(FeedQuery),
    responses(
        (status = 200, description = "The entries, at most 10,000 at a time.", body = RevocationFeed),
        (status = 401, description = "`token_missing`, `invalid_token`, `token_expired` or `token_revoked`.", body = ErrorBody),
        (status = 403, description = "`insufficient_scope`: the client has not the scope `revocations:read`.", body = ErrorBody),
        (status = 422, description = "`invalid_request`: the query has a member that is unknown or cannot be.", body = ErrorBody),
    ),
)]
pub(super) async fn revocations(
    State(app): State<App>,
    _: HasScope<ReadRevocations>,
    long_poll: Option<Extension<LongPoll>>,
    Query(query): Query<FeedQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let wait = Duration::from_secs(query.wait).min(LONGEST_WAIT);
    if let (false, Some(long_poll)) = (wait.is_zero(), long_poll) {
        long_poll.begin();
    }
    let news = app.service.revocations_since(query.since.max(0), wait).await?;
    Ok(NoStore(RevocationFeed::from(news)))
}

impl From<News> for RevocationFeed {
    fn from(news: News) -> Self {
        Self {
            revocations: news.revocations.iter().map(FeedEntry::from).collect(),
            next: news.next,
            more: news.more,
            accepted_from: news.accepted_from.map(Timestamp::seconds),
            now: news.now.seconds(),
        }
    }
}

impl From<&Numbered> for FeedEntry {
    fn from(Numbered { number, revocation }: &Numbered) -> Self {
        let (kind, id, below) = match revocation.target {
            Target::Token(id) => ("token", id.to_string(), None),
            Target::Session(id) => ("session", id.to_string(), None),
            Target::User { id, below } => ("user", id.to_string(), Some(below.0)),
        };
        Self {
            number: *number,
            kind,
            id,
            below,
            until: revocation.until.seconds(),
        }
    }
}
