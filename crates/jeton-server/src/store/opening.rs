//! Opening a database by its URL, which names the engine.

use std::{sync::Arc, time::Duration};

use super::{Store, StoreError, postgres, sqlite, transfer::side::Side};

/// Limits on a node's use of a database server.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Connections that read; one more writes.
    pub connections: u32,
    /// How long opening a connection, a lock or a statement may take.
    pub timeout: Duration,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            connections: 10,
            timeout: Duration::from_secs(5),
        }
    }
}

/// Opens the store a database URL names and brings its schema up to date.
///
/// # Errors
///
/// [`StoreError`] when the URL names no engine that is built in, or the database cannot be opened.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    open_with(url, &Pool::default()).await
}

/// Opens the store with limits on its connections. SQLite is a part of the process and has no use for them.
///
/// # Errors
///
/// As for [`open`].
pub async fn open_with(url: &str, pool: &Pool) -> Result<Arc<dyn Store>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Arc::new(sqlite::open(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(postgres::open(url, pool).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}

/// Opens the source of a move, which must be there.
pub(super) async fn source_side(url: &str) -> Result<Box<dyn Side>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Box::new(sqlite::source(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Box::new(postgres::end(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}

/// Opens the target of a move; a database is made if the engine makes them.
pub(super) async fn target_side(url: &str) -> Result<Box<dyn Side>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Box::new(sqlite::target(url).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Box::new(postgres::end(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}
