//! The feed of revocations, for those who verify tokens elsewhere.

use std::time::Duration;

use tokio::time::timeout_at;

use crate::{
    model::{revocation::Numbered, time::Timestamp},
    service::{Failure, Service},
    store::REVOCATIONS_PAGE,
};

/// Revocations since the reader last asked.
#[derive(Debug)]
pub struct News {
    pub revocations: Vec<Numbered>,
    /// The number to go on from.
    pub next: i64,
    /// Whether there is more to read at once.
    pub more: bool,
    /// The time before which issued tokens are refused, in a restored back-up.
    pub accepted_from: Option<Timestamp>,
    pub now: Timestamp,
}

impl Service {
    /// Entries numbered above `since`, in order. Where there are none, waits for one to come, at most for `wait`.
    ///
    /// A number that was never drawn comes from before a back-up was restored: the reader begins anew.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn revocations_since(&self, since: i64, wait: Duration) -> Result<News, Failure> {
        let since = if since > self.store.last_revocation().await? {
            0
        } else {
            since
        };
        let until = self.clock.instant() + wait;
        // Before the table is read, so that nothing is missed between the two.
        let mut news = self.revocations.news();
        loop {
            news.mark_unchanged();
            let now = self.now();
            // Only entries that are certainly over are left out: the reader goes on from the last number and never
            // hears of them.
            let passed = self.passed(self.clock.instant()).unwrap_or(Timestamp::EARLIEST);
            let revocations = self.store.revocations_after(since, passed).await?;
            let over = self.revocations.is_closed() || self.clock.instant() >= until;
            if !revocations.is_empty() || over {
                return Ok(News {
                    next: revocations.last().map_or(since, |entry| entry.number),
                    more: revocations.len() == REVOCATIONS_PAGE,
                    accepted_from: self.revocations.set().accepted_from(),
                    revocations,
                    now,
                });
            }
            // Woken or not, the table is read once more.
            let _ = timeout_at(until.into(), news.changed()).await;
        }
    }
}
