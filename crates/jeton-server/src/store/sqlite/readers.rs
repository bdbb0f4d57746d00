//! The connections that read, lent one at a time.
//!
//! sqlx's own pool asks a connection whether it lives, before it is lent and after it came back. For a file that is two
//! more ways to the connection's thread beside the one that reads, and whoever reads meanwhile opens another.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// The most connections that read at once.
const READERS: u32 = 4;
/// How long a request waits for one of them, its opening included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection is taken to live after it was last seen to: its thread may have died.
const TRUSTED: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Readers {
    options: SqliteConnectOptions,
    /// Taken before a place is, so that one is free.
    permits: Arc<Semaphore>,
    places: [Arc<Mutex<Option<Open>>>; READERS as usize],
}

#[derive(Debug)]
struct Open {
    connection: SqliteConnection,
    seen_alive: Instant,
}

impl Readers {
    /// Opens none: each is opened when it is needed, and kept to the end, since one that is opened later might lead to
    /// another file of the same name.
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            permits: Arc::new(Semaphore::new(READERS as usize)),
            places: Default::default(),
        }
    }

    pub(super) async fn lend(&self) -> Result<Reader, sqlx::Error> {
        timeout(ACQUIRE_TIMEOUT, self.lend_in_time())
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }

    async fn lend_in_time(&self) -> Result<Reader, sqlx::Error> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = permit.await.map_err(|_| sqlx::Error::PoolClosed)?;
        let mut places = self.places.iter();
        let free = places.find_map(|place| Arc::clone(place).try_lock_owned().ok());
        let mut place = free.ok_or(sqlx::Error::PoolTimedOut)?;
        let open = match place.take() {
            Some(open) => self.alive(open).await?,
            None => self.open().await?,
        };
        Ok(Reader {
            connection: OwnedMutexGuard::map(place, |place| &mut place.insert(open).connection),
            _permit: permit,
        })
    }

    async fn open(&self) -> Result<Open, sqlx::Error> {
        let connection = self.options.connect().await?;
        let seen_alive = Instant::now();
        Ok(Open {
            connection,
            seen_alive,
        })
    }

    /// The connection, or another in its place.
    async fn alive(&self, mut open: Open) -> Result<Open, sqlx::Error> {
        if open.seen_alive.elapsed() > TRUSTED {
            if open.connection.ping().await.is_err() {
                return self.open().await;
            }
            open.seen_alive = Instant::now();
        }
        Ok(open)
    }

    /// Waits for those that are lent, and closes all.
    pub(super) async fn close(&self) {
        let Ok(_all) = self.permits.acquire_many(READERS).await else {
            return;
        };
        self.permits.close();
        for place in &self.places {
            if let Some(open) = place.lock().await.take()
                && let Err(error) = open.connection.close().await
            {
                tracing::debug!(%error, "a connection that read was not closed properly");
            }
        }
    }
}

/// A connection on loan.
#[derive(Debug)]
pub(in crate::store) struct Reader {
    // Goes back before the permit does.
    connection: OwnedMappedMutexGuard<Option<Open>, SqliteConnection>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;

    fn readers(folder: &Path) -> Readers {
        let options = SqliteConnectOptions::new().filename(folder.join("jeton.db"));
        Readers::new(options.create_if_missing(true))
    }

    #[tokio::test]
    async fn one_after_the_other_reads_on_one_connection_and_four_at_once_on_four() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path());
        let mut open = Vec::new();
        for expected in [1, 1, 4] {
            for _ in 0..expected {
                open.push(readers.lend().await.unwrap());
            }
            open.clear();
            let mut there = 0;
            for place in &readers.places {
                there += usize::from(place.lock().await.is_some());
            }
            assert_eq!(there, expected);
        }
    }

    #[tokio::test]
    async fn a_fifth_waits_for_one_that_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path());
        let mut lent = Vec::new();
        for _ in 0..READERS {
            lent.push(readers.lend().await.unwrap());
        }
        let mut fifth = pin!(readers.lend());
        let mut context = Context::from_waker(Waker::noop());
        assert!(fifth.as_mut().poll(&mut context).is_pending());
        drop(lent.pop());
        assert!(fifth.await.is_ok());
    }

    #[tokio::test]
    async fn nothing_is_lent_once_they_are_closed() {
        let folder = tempfile::tempdir().unwrap();
        let readers = readers(folder.path());
        drop(readers.lend().await.unwrap());
        readers.close().await;
        let refused = readers.lend().await;
        assert!(matches!(refused, Err(sqlx::Error::PoolClosed)), "{refused:?}");
    }
}
