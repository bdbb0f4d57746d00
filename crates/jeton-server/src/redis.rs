//! Counts and wake-ups that nodes share, in Redis or Valkey.
//!
//! Redis makes things faster or fairer and is never needed. Nothing is kept there that anybody misses when it is gone,
//! and whoever asks has an answer within [`ANSWERS_IN`] or does without: dead, slow, hung or flushed, it costs speed
//! and nothing else. No request ever waits for a connection; a task of its own sees to that.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::hmac;
use redis::Cmd;
use tokio::task::AbortHandle;

mod link;
mod server;

pub use server::{RedisUrl, RedisUrlError};

use crate::model::hex;
use link::Link;

/// How long anybody waits for an answer. Whatever takes longer is given up, with its connection.
pub const ANSWERS_IN: Duration = Duration::from_millis(100);

/// A bucket is the moment at which it is full again, in microseconds by this server's clock. What is stored and is no
/// such moment counts for nothing. Gives the microseconds until there is an attempt again, zero when one was taken.
const TAKE: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local attempt, fills_in = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = tonumber(redis.pcall('GET', KEYS[1])) or now
full_at = math.max(now, math.min(full_at, now + fills_in)) + attempt
local missing = full_at - now - fills_in
if missing > 0 then return missing end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
return 0";

/// A Redis that any number of nodes share. Ends its task with it.
pub struct Redis {
    link: Arc<Link>,
    /// Names are hashed under it: addresses are nobody's business, and services that share a server share no names.
    key: hmac::Key,
    channel: String,
    keeper: AbortHandle,
}

impl Redis {
    /// Begins to reach for the server, from within the runtime, and returns at once. Nodes that are given the same
    /// key meet there.
    #[must_use]
    pub fn start(url: &RedisUrl, key: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let channel = name(&key, "revocations", b"");
        let trial = take(
            &name(&key, "trial", b""),
            Duration::from_millis(1),
            Duration::from_secs(1),
        );
        let link = Arc::new(Link::new(url.clone(), channel.clone(), trial));
        let keeper = tokio::spawn(link::keep(Arc::clone(&link))).abort_handle();
        Self {
            link,
            key,
            channel,
            keeper,
        }
    }

    /// Takes an attempt out of a bucket that all nodes share: an empty one fills in `fills_in`, an attempt takes out
    /// what flows in during `attempt`. The error is the time until there is one again.
    ///
    /// Nothing when nobody can tell in time.
    pub async fn take(
        &self,
        bucket: &[u8],
        attempt: Duration,
        fills_in: Duration,
    ) -> Option<Result<(), Duration>> {
        let command = take(&name(&self.key, "address", bucket), attempt, fills_in);
        match self.link.ask::<u64>(&command).await? {
            0 => Some(Ok(())),
            missing => {
                let missing = Duration::from_micros(missing);
                // No bucket is emptier than empty.
                (missing <= attempt).then_some(Err(missing))
            }
        }
    }

    /// Tells the other nodes that there are new revocations.
    pub async fn announce(&self) {
        let mut command = redis::cmd("PUBLISH");
        command.arg(&self.channel).arg("");
        // How many heard it.
        self.link.ask::<u64>(&command).await;
    }

    /// Ready when some node has announced something since this was last ready; also when a connection came about
    /// anew, for nobody knows what was announced before. Any number of announcements become one.
    pub async fn announced(&self) {
        self.link.announced().await;
    }

    /// How many announcements have come.
    #[must_use]
    pub fn announcements(&self) -> u64 {
        self.link.announcements()
    }

    /// Whether it is there, as far as is known.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.link.is_up()
    }
}

fn take(bucket: &str, attempt: Duration, fills_in: Duration) -> Cmd {
    let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    let mut command = redis::cmd("EVAL");
    command
        .arg(TAKE)
        .arg(1)
        .arg(bucket)
        .arg(micros(attempt))
        .arg(micros(fills_in));
    command
}

/// `jeton:<kind>:<hash>`.
fn name(key: &hmac::Key, kind: &str, what: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(kind.as_bytes());
    context.update(b":");
    context.update(what);
    let hash = context.sign();
    format!("jeton:{kind}:{}", hex::encode(&hash.as_ref()[..16]))
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("is_up", &self.is_up())
            .finish_non_exhaustive()
    }
}
