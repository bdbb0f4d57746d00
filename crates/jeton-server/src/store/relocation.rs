//! The part of a database in a move from one to another: most have none.

use std::fmt;

/// A database's part in a move. Shown to people, it says what to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Relocation {
    /// In use; no part in a move.
    #[default]
    InUse,
    /// The target of a move that has not ended: half filled, and not served from.
    Arriving { from: String },
    /// The source of a move that is ending: it can be read and takes nothing new.
    Leaving { to: String },
    /// The source of a move that has ended: the service goes on with the other database.
    Moved { to: String },
}

impl fmt::Display for Relocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str("the database is in use"),
            Self::Arriving { from } => write!(
                f,
                "the database is half filled: a move from {from} was begun and has not ended. Run the same `jeton \
                 migrate --from … --to …` again, which goes on where it stopped"
            ),
            Self::Leaving { to } => write!(
                f,
                "the database is being moved to {to} and takes nothing new. Run the same `jeton migrate --from … --to …` \
                 again to finish, or `jeton migrate --reopen` with its URL to stay here"
            ),
            Self::Moved { to } => write!(
                f,
                "the database was moved to {to}: name that one in database-url. To come back, and lose what has \
                 happened there, run `jeton migrate --reopen` with its URL"
            ),
        }
    }
}

impl Relocation {
    /// The values of the columns `move` and `other`.
    pub(super) fn columns(&self) -> (Option<&'static str>, Option<&str>) {
        match self {
            Self::InUse => (None, None),
            Self::Arriving { from } => (Some("arriving"), Some(from)),
            Self::Leaving { to } => (Some("leaving"), Some(to)),
            Self::Moved { to } => (Some("moved"), Some(to)),
        }
    }

    pub(super) fn from_columns(state: Option<&str>, other: Option<String>) -> Option<Self> {
        match (state, other) {
            (None, None) => Some(Self::InUse),
            (Some("arriving"), Some(from)) => Some(Self::Arriving { from }),
            (Some("leaving"), Some(to)) => Some(Self::Leaving { to }),
            (Some("moved"), Some(to)) => Some(Self::Moved { to }),
            _ => None,
        }
    }
}
