use std::sync::Arc;

use crate::store::{StoreError, error::Gone};

/// Why a group was not committed, for each of its callers.
#[derive(Clone, Debug)]
pub(super) enum Lost {
    /// Nothing of the group was kept.
    Refused(Arc<sqlx::Error>),
    /// The answer to COMMIT is missing: the group may have been kept or not.
    Unknown(Arc<sqlx::Error>),
    /// The database's files are not in place: the group was kept nowhere, or where nobody will look for it.
    Gone(Gone),
    /// A job had a defect, and nothing was kept.
    Panicked,
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Refused(error) => error.into(),
            Lost::Unknown(error) => Self::OutcomeUnknown(error),
            Lost::Gone(gone) => Self::Gone(gone),
            Lost::Panicked => Self::Panicked,
        }
    }
}
