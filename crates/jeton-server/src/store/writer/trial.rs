//! The trial: finding out whether the database takes writes, by writing now and then.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use crate::store::StoreError;

/// How long a passed trial counts, so that frequent questions cost nothing.
const GOOD_FOR: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(in crate::store) struct Trial {
    /// When the last trial passed. The lock is held while one is under way: callers that come meanwhile share its
    /// outcome.
    passed: Mutex<Option<Instant>>,
    /// Whether a write has failed since.
    doubted: AtomicBool,
}

impl Trial {
    /// Doubts the database if this error is about its disk or files.
    pub(super) fn hear<T>(&self, outcome: &Result<T, StoreError>) {
        if let Err(
            StoreError::Full(_) | StoreError::Damaged(_) | StoreError::Gone(_) | StoreError::Engine(_),
        ) = outcome
        {
            self.doubted.store(true, Ordering::Release);
        }
    }

    /// Passes if the last trial passed a few seconds ago and nothing has failed since, or else if `attempt` does now.
    pub(in crate::store) async fn passes(
        &self,
        attempt: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        let mut passed = self.passed.lock().await;
        let doubted = self.doubted.swap(false, Ordering::AcqRel);
        if !doubted && passed.is_some_and(|at| at.elapsed() < GOOD_FOR) {
            return Ok(());
        }
        *passed = None;
        match attempt.await {
            // A database that is being moved can be read, and takes what is written when it has arrived.
            Ok(()) | Err(StoreError::ReadOnly) => {}
            Err(error) => return Err(error),
        }
        *passed = Some(Instant::now());
        Ok(())
    }
}
