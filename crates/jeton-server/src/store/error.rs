use std::{fmt, sync::Arc};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error("the database URL must begin with `sqlite:`, as in `sqlite://jeton.db`")]
    UnsupportedUrl,

    #[error("the database cannot be opened: {0}")]
    Open(#[source] sqlx::Error),

    #[error("the database schema cannot be brought up to date: {0}")]
    Migrate(#[source] sqlx::migrate::MigrateError),

    #[error("the database does not answer in time: it is locked or overloaded")]
    Busy(#[source] Arc<sqlx::Error>),

    #[error("the database failed: {0}")]
    Engine(#[source] Arc<sqlx::Error>),

    #[error("the database has been closed")]
    Closed,

    #[error("{0}")]
    Corrupt(CorruptRow),
}

/// A row that is not what the model says it must be, named so that somebody can go and look.
#[derive(Debug)]
pub struct CorruptRow {
    pub table: &'static str,
    pub column: &'static str,
    pub row: String,
}

impl fmt::Display for CorruptRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, row } = self;
        write!(
            f,
            "the database holds a value that does not belong there: table {table}, column {column}, row {row}"
        )
    }
}
