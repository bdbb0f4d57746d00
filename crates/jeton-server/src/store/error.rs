use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::error::DatabaseError;

use super::{Relocation, postgres::codes as postgres, sqlite::codes as sqlite};

/// Why the store could not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error(
        "the database URL must begin with `sqlite:` or `postgres:`, as in `sqlite://jeton.db` or \
         `postgres://user@host/jeton`"
    )]
    UnsupportedUrl,

    #[error("the database cannot be opened: {0}")]
    Open(#[source] sqlx::Error),

    #[error("the database {} cannot be opened: {problem}", path.display())]
    Place { path: PathBuf, problem: String },

    #[error("the database cannot be used: {0}")]
    Unusable(String),

    #[error(
        "the database has schema step {found}, and this version of jeton knows up to {known}: a newer one was here, \
         and only a newer one can work with it"
    )]
    SchemaTooNew { found: i64, known: i64 },

    #[error("the database schema cannot be brought up to date: {0}")]
    Migrate(#[source] sqlx::migrate::MigrateError),

    #[error("{0}")]
    Moving(Relocation),

    #[error("the database is being moved, and takes nothing new until that is over")]
    ReadOnly,

    /// The actor is no enabled administrator any more: asked in the transaction of the act.
    #[error("only an administrator may do this")]
    NotAdministrator,

    #[error("the database does not answer in time: it is locked or overloaded")]
    Busy(#[source] Arc<sqlx::Error>),

    #[error("the database takes nothing new, because its disk is full or fails: {0}")]
    Full(#[source] Arc<sqlx::Error>),

    #[error(
        "the database is damaged: {0}. Stop the service, bring back a back-up, and run `jeton restored` before it starts"
    )]
    Damaged(#[source] Arc<sqlx::Error>),

    #[error(transparent)]
    Gone(#[from] Gone),

    #[error("the database failed: {0}")]
    Engine(#[source] Arc<sqlx::Error>),

    #[error(
        "the connection to the database was lost while it committed, and whether it did is not known: {0}; the same \
         again may find it done"
    )]
    OutcomeUnknown(#[source] Arc<sqlx::Error>),

    #[error("the database has been closed")]
    Closed,

    /// A job had a defect, which the log names. Nothing was written.
    #[error("the work on the database panicked")]
    Panicked,

    #[error("{0}")]
    Corrupt(CorruptRow),
}

impl StoreError {
    /// Whether a row with the same unique value is there already.
    pub(super) fn is_taken(&self) -> bool {
        match self {
            Self::Engine(error) => error
                .as_database_error()
                .is_some_and(DatabaseError::is_unique_violation),
            _ => false,
        }
    }
}

/// A file of the database is no longer where it was opened.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "{file} {what} while this service had it open, and nothing more is taken: what was written to it would be lost. Put \
     back the very file, or stop the service, bring back a back-up, and run `jeton restored` before it starts"
)]
pub struct Gone {
    file: String,
    what: String,
}

impl Gone {
    pub(super) fn replaced(path: &Path) -> Self {
        Self {
            file: path.display().to_string(),
            what: "was replaced by another file".to_owned(),
        }
    }

    pub(super) fn not_there(path: &Path, error: &io::Error) -> Self {
        let what = match error.kind() {
            io::ErrorKind::NotFound => "was deleted or moved".to_owned(),
            _ => format!("cannot be looked at any more ({error})"),
        };
        Self {
            file: path.display().to_string(),
            what,
        }
    }
}

/// A row that the model cannot be read from, named so that somebody can go and look.
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

/// The kinds of database errors that are told apart, each engine by its own codes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Not now.
    Busy,
    /// The disk does not take what is written.
    Full,
    /// Pages are damaged.
    Damaged,
    /// A move has shut the table.
    Shut,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<sqlx::Error>> for StoreError {
    fn from(error: Arc<sqlx::Error>) -> Self {
        let code = error.as_database_error().and_then(DatabaseError::code);
        let kind = code.and_then(|code| sqlite::kind(&code).or_else(|| postgres::kind(&code)));
        match kind {
            Some(Kind::Shut) => Self::ReadOnly,
            Some(Kind::Full) => Self::Full(error),
            Some(Kind::Damaged) => Self::Damaged(error),
            Some(Kind::Busy) => Self::Busy(error),
            None if matches!(*error, sqlx::Error::PoolTimedOut) => Self::Busy(error),
            None => Self::Engine(error),
        }
    }
}
