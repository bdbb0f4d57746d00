//! How long a thread has run: a share of a busy machine's time says little, the time it worked says much.

use std::{fs, path::PathBuf, time::Duration};

/// A thread's account with the scheduler. Linux keeps one; elsewhere it stays empty.
pub struct Account(PathBuf);

impl Account {
    pub fn of_this_thread() -> Self {
        let thread = fs::read_link("/proc/thread-self").unwrap_or_default();
        Self(PathBuf::from("/proc").join(thread).join("schedstat"))
    }

    pub fn spent(&self) -> Duration {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
        Duration::from_nanos(nanoseconds.unwrap_or_default())
    }
}
