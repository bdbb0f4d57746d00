//! How long threads have run: a share of a busy machine's time says little, the time they worked says much.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Threads' accounts with the scheduler. Linux keeps them; elsewhere they stay empty.
#[derive(Clone, Default)]
pub struct Accounts(Arc<Mutex<Vec<PathBuf>>>);

impl Accounts {
    pub fn open_for_this_thread(&self) {
        let thread = fs::read_link("/proc/thread-self").unwrap_or_default();
        let account = Path::new("/proc").join(thread).join("schedstat");
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(account);
    }

    /// By all of them together.
    pub fn spent(&self) -> Duration {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().map(|account| spent(account)).sum()
    }
}

fn spent(account: &Path) -> Duration {
    let text = fs::read_to_string(account).unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}
