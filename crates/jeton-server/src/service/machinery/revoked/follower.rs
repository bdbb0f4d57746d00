//! The follower, which keeps the set up to date: with what this node writes, at once; with what others write, from
//! the table.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    time::Instant,
};

use tokio::sync::{Notify, watch};

use super::set::RevocationSet;
use crate::{
    model::{
        revocation::{Numbered, Revocation},
        time::Timestamp,
    },
    store::{REVOCATIONS_PAGE, Store, StoreError},
};

/// The revocation set, and how far it follows the table.
#[derive(Debug)]
pub struct RevocationFollower {
    set: RevocationSet,
    /// The highest number read from the table.
    read_up_to: AtomicI64,
    /// Wakes those who wait for news.
    news: watch::Sender<()>,
    /// Wakes the task that tells other nodes of this one's revocations.
    written: Notify,
    /// Wakes the task that sends messages, some of which are written with revocations.
    perhaps_to_send: Notify,
    /// How often the table was read to its end.
    readings: AtomicU64,
    /// Whether waiting for news is over.
    closed: AtomicBool,
}

impl RevocationFollower {
    #[must_use]
    pub fn new(set: RevocationSet) -> Self {
        Self {
            set,
            read_up_to: AtomicI64::new(0),
            news: watch::Sender::new(()),
            written: Notify::new(),
            perhaps_to_send: Notify::new(),
            readings: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    #[must_use]
    pub const fn set(&self) -> &RevocationSet {
        &self.set
    }

    /// A receiver that wakes when there is something new, here or in the table.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Ready when this node has written something since this was last ready.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// Ready when this node has ended something since this was last ready: others may have to be told.
    pub async fn perhaps_to_send(&self) {
        self.perhaps_to_send.notified().await;
    }

    /// Has the task that sends messages look for some.
    pub fn look_into_outbox(&self) {
        self.perhaps_to_send.notify_one();
    }

    /// How often the table was read to its end.
    #[must_use]
    pub fn readings(&self) -> u64 {
        self.readings.load(Ordering::Relaxed)
    }

    /// Ends all waiting for news: the process is about to end.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.news.send_replace(());
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Takes in revocations that this node has just written, where they revoke everything that the caller wanted gone.
    pub fn apply(&self, revocations: &[Revocation]) {
        self.set.insert_all(revocations);
        if !revocations.is_empty() {
            self.news.send_replace(());
            self.written.notify_one();
            self.perhaps_to_send.notify_one();
        }
    }

    /// Takes in revocations that this node has just written, and those of other processes until now: a session that was
    /// to end may have ended before, and a caller who is told so may rely on it. Every use-case that ends something
    /// does this before it answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the table cannot be read; what this node has written is known all the same.
    pub async fn heed(&self, written: &[Revocation], store: &dyn Store) -> Result<(), StoreError> {
        self.apply(written);
        self.read_on(store, Timestamp::EARLIEST).await
    }

    /// Reads entries written since the last reading, by whatever process, and forgets some that can refuse nothing
    /// since `passed`; none where that is absent. An entry that is skipped here for its time is never read again.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the table cannot be read; what is known stays.
    pub async fn catch_up(
        &self,
        store: &dyn Store,
        passed: Option<Timestamp>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let passed = passed.unwrap_or(Timestamp::EARLIEST);
        if let Some(from) = store.accepted_from().await? {
            self.set.accept_from(from);
        }
        self.read_on(store, passed).await?;
        self.set.read_to_its_end(at);
        self.readings.fetch_add(1, Ordering::Relaxed);
        self.set.forget(passed);
        Ok(())
    }

    /// Reads the table from where it was last read to its end, but for entries whose time is over at `passed`.
    async fn read_on(&self, store: &dyn Store, passed: Timestamp) -> Result<(), StoreError> {
        let mut after = self.read_up_to.load(Ordering::Acquire);
        let before = after;
        loop {
            let page = store.revocations_after(after, passed).await?;
            let Some(Numbered { number, .. }) = page.last() else {
                break;
            };
            after = *number;
            self.set
                .insert_all(page.iter().map(|numbered| &numbered.revocation));
            // Only now: a reading that goes on from here relies on these entries being in the set.
            self.read_up_to.fetch_max(after, Ordering::AcqRel);
            if page.len() < REVOCATIONS_PAGE {
                break;
            }
        }
        if after > before {
            self.news.send_replace(());
        }
        Ok(())
    }
}
