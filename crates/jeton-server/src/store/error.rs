use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::error::DatabaseError;

use super::Relocation;

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

/// The engines' codes for "not now": SQLite's for a lock that somebody else holds, base and extended; PostgreSQL's
/// for collisions, locks and statements that took too long, too many connections, and a server that starts or stops.
const BUSY_CODES: [&str; 15] = [
    "5", "6", "261", "262", "517", "773", "40001", "40P01", "55P03", "57014", "53300", "57P01", "57P02",
    "57P03", "25P03",
];

/// The engines' codes for a disk that does not take what is written: SQLite's for one that is full, for a write that
/// failed (a quota, a limit on a file's size) and for its index of the WAL; PostgreSQL's for one that is full.
const FULL_CODES: [&str; 4] = ["13", "778", "4874", "53100"];

/// The engines' codes for damaged pages: SQLite's for damage of any kind and for a file that is no database;
/// PostgreSQL's for tables and indexes.
const DAMAGE_CODES: [&str; 7] = ["11", "26", "267", "523", "779", "XX001", "XX002"];

/// The engines' codes for a table that a move has shut: SQLite's for a trigger that refuses, and the one our trigger
/// raises on PostgreSQL.
const SHUT_CODES: [&str; 2] = ["1811", "JETON"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Arc::new(error).into()
    }
}

impl From<Arc<sqlx::Error>> for StoreError {
    fn from(error: Arc<sqlx::Error>) -> Self {
        let code = error.as_database_error().and_then(DatabaseError::code);
        let is_one_of = |codes: &[&str]| code.as_deref().is_some_and(|code| codes.contains(&code));
        if is_one_of(&SHUT_CODES) {
            Self::ReadOnly
        } else if is_one_of(&FULL_CODES) {
            Self::Full(error)
        } else if is_one_of(&DAMAGE_CODES) {
            Self::Damaged(error)
        } else if is_one_of(&BUSY_CODES) || matches!(*error, sqlx::Error::PoolTimedOut) {
            Self::Busy(error)
        } else {
            Self::Engine(error)
        }
    }
}
