//! The task that follows the feed.

use std::{
    cmp::Ordering,
    sync::{Arc, Weak},
    time::Instant,
};

use tokio::{sync::watch, time::sleep};

use super::{
    Hook, Limits,
    fetch::{FeedError, Fetcher, Page, Token},
    set::Set,
};
use crate::outbound;

/// Events while a feed is followed.
///
/// ```
/// # use jeton_axum::{FeedError, FeedEvent};
/// fn line_for_the_log(event: &FeedEvent) -> String {
///     match event {
///         FeedEvent::UpToDate { entries } => format!("{entries} entries are remembered"),
///         FeedEvent::Failed(error) => error.to_string(),
///         _ => String::new(),
///     }
/// }
/// # assert_eq!(line_for_the_log(&FeedEvent::Failed(FeedError::Status(502))), "the service answered with status 502");
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedEvent {
    /// The whole picture was read, for the first time or after a failure.
    UpToDate {
        /// How many entries are remembered.
        entries: usize,
    },
    /// The service could not be asked; it is tried again.
    Failed(FeedError),
}

pub(super) struct Follower {
    pub(super) fetcher: Fetcher,
    pub(super) set: Weak<Set>,
    pub(super) ready: watch::Sender<bool>,
    pub(super) limits: Limits,
    pub(super) hook: Arc<Hook>,
}

/// How far the follower has come.
#[derive(Default)]
struct Position {
    token: Option<Token>,
    since: i64,
    /// Whether the service had no more when it was last asked.
    is_complete: bool,
    /// Whether the service has begun anew since then, as after a restored back-up.
    is_anew: bool,
}

impl Follower {
    /// Follows for as long as somebody uses the set.
    pub(super) async fn run(self) {
        let (mut position, mut pause) = (Position::default(), self.limits.first_pause);
        while self.set.strong_count() > 0 {
            match self.step(&mut position).await {
                Ok(()) => pause = self.limits.first_pause,
                // A token lives for minutes, a feed for months.
                Err(FeedError::Token) if position.token.take().is_some() && position.is_complete => {
                    position.is_complete = false;
                }
                Err(error) => {
                    position.is_complete = false;
                    outbound::tell(&*self.hook, &FeedEvent::Failed(error));
                    sleep(pause).await;
                    pause = (2 * pause).min(self.limits.longest_pause);
                }
            }
        }
    }

    async fn step(&self, position: &mut Position) -> Result<(), FeedError> {
        let token = match position.token.take() {
            Some(token) => token,
            None => self.fetcher.token().await?,
        };
        let token = position.token.insert(token);
        let asked_at = Instant::now();
        let page = self
            .fetcher
            .news(token, position.since, position.is_complete)
            .await?;
        position.heed(&page)?;
        let Some(set) = self.set.upgrade() else {
            return Ok(());
        };
        if let Some(from) = page.accepted_from {
            set.accept_from(from);
        }
        set.take_in(&page.revocations, page.now);
        if page.more {
            return Ok(());
        }
        position.is_anew = false;
        // Every revocation from before the question is in the set now.
        set.is_complete(asked_at);
        // A service that does not wait, or a proxy that does not let it, is not asked without a pause.
        let is_hasty = page.revocations.is_empty() && asked_at.elapsed() < self.limits.first_pause;
        if !std::mem::replace(&mut position.is_complete, true) {
            outbound::tell(&*self.hook, &FeedEvent::UpToDate { entries: set.len() });
            self.ready.send_replace(true);
        }
        drop(set);
        if is_hasty {
            sleep(self.limits.first_pause).await;
        }
        Ok(())
    }
}

impl Position {
    /// Goes on to where a page leads. One that leads nowhere would be asked for without end.
    fn heed(&mut self, page: &Page) -> Result<(), FeedError> {
        let is_step = match page.next.cmp(&self.since) {
            Ordering::Greater => true,
            Ordering::Equal => !page.more && page.revocations.is_empty(),
            // The numbers are from before a back-up was restored: the follower begins anew, once.
            Ordering::Less => !std::mem::replace(&mut self.is_anew, true),
        };
        if !is_step {
            return Err(FeedError::NoProgress);
        }
        self.since = page.next;
        Ok(())
    }
}
