use crate::{
    model::{
        claims::ClaimsError,
        email::EmailError,
        role::{RoleError, TooManyRoles},
        username::UsernameError,
    },
    service::machinery::hasher::error::HashError,
};

/// Why a row is not imported. The row's values are not repeated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("it is longer than a megabyte")]
    TooLong,
    #[error("it is not UTF-8")]
    Encoding,
    #[error("a quotation mark is not closed, or something stands behind a closed one")]
    Quotes,
    #[error("it has {found} fields where the header has {expected}")]
    Fields { found: usize, expected: usize },
    #[error("it is no JSON object (column {0})")]
    Json(usize),
    #[error("it names a member twice")]
    Twice,
    #[error("it nests deeper than {} levels", jeton::MAX_DEPTH)]
    TooDeep,
    #[error("it names a member that begins with `$serde_json::private::`")]
    ParserName,
    #[error("a number in it is out of range")]
    Number,
    #[error("there is no username")]
    NoUsername,
    #[error(transparent)]
    Username(#[from] UsernameError),
    #[error(transparent)]
    Hash(#[from] HashError),
    #[error(transparent)]
    Email(#[from] EmailError),
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error("its roles are neither names nor a list of them")]
    Roles,
    #[error(transparent)]
    TooManyRoles(#[from] TooManyRoles),
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    #[error("its {0} is no text")]
    NoText(&'static str),
    #[error("its creation time is no time, or one to come: write 2024-05-01T12:00:00Z or seconds since 1970")]
    CreatedAt,
    #[error("whether it is disabled is neither true nor false")]
    Disabled,
    #[error("the name, or one that looks like it, belongs to somebody else")]
    UsernameTaken,
    #[error("the id belongs to somebody else")]
    IdTaken,
}
