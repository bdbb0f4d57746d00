use crate::store::{Relocation, StoreError};

/// Why a database was not moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    #[error("--from and --to name the same database: --to must name an empty one")]
    SameDatabase,

    #[error("the source (--from): {0}")]
    Source(#[source] StoreError),

    #[error("the target (--to): {0}")]
    Target(#[source] StoreError),

    #[error("{}", source_schema(*.found, *.known))]
    SourceSchema { found: Option<i64>, known: i64 },

    #[error("the source (--from) is empty: there is nothing to move")]
    NothingThere,

    #[error("the source (--from) cannot be moved: {0}")]
    SourceRelocation(Relocation),

    #[error(
        "the target (--to) has schema step {found}, and this version needs {known}: name an empty database"
    )]
    TargetSchema { found: i64, known: i64 },

    #[error("the target (--to) is in use, or was: name an empty database")]
    TargetInUse,

    #[error(
        "the target (--to) is being filled from {from}: finish that move with the same `jeton migrate --from … --to …`, \
         or name an empty database"
    )]
    TargetOfAnother { from: String },

    #[error(
        "the database is half filled by a move from {from}, and cannot be used without the rest: finish that move, or \
         drop this database"
    )]
    HalfFilled { from: String },

    #[error(
        "the column {column} of the table {table} is not one of jeton's, and would be left behind: nothing was moved"
    )]
    UnknownColumn { table: String, column: String },

    #[error("the table {0} could not be copied: {1}")]
    Copy(&'static str, #[source] StoreError),

    #[error(
        "{0} are not the same on both sides after everything was copied. The source was not touched and stays in use; \
         whoever else writes to the target must stop"
    )]
    Differs(&'static str),
}

fn source_schema(found: Option<i64>, known: i64) -> String {
    match found {
        None => "the source (--from) is no database of jeton's: check its URL".to_owned(),
        Some(found) if found < known => format!(
            "the source (--from) has schema step {found}, and this version moves step {known}: run `jeton migrate` on it \
             first, with its URL as --database-url"
        ),
        Some(found) => format!(
            "the source (--from) has schema step {found}, and this version knows up to {known}: move it with the version \
             that serves it"
        ),
    }
}
