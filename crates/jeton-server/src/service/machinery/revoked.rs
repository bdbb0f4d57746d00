//! The revocations that still matter, in memory: a check costs no query.

use std::{str::FromStr, time::Duration};

use crate::model::{
    id::{SessionId, UserId},
    time::Timestamp,
    user::UserVersion,
};

mod follower;
mod set;
mod shard;
#[cfg(test)]
mod tests;

pub use follower::RevocationFollower;
pub use set::RevocationSet;

/// How often the table is read for entries of other processes.
pub const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Claims by which an access token can be revoked.
#[derive(Clone, Copy, Debug)]
pub struct Bearer<'a> {
    pub id: Option<&'a str>,
    pub issued_at: Option<Timestamp>,
    /// None in the tokens of service accounts.
    pub session: Option<SessionId>,
    /// The user, or the service account.
    pub user: UserId,
    pub version: UserVersion,
}

/// What this node knows of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Live,
    Revoked,
    /// The table was not read for too long to tell.
    Unknown,
}

/// What becomes of a token that may have been called back without this node knowing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenStale {
    /// Its request is refused with 503.
    #[default]
    Refuse,
    /// It passes: for who would rather accept a token that was called back than none at all.
    Allow,
}

impl FromStr for WhenStale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "allow" => Ok(Self::Allow),
            _ => Err("it is neither refuse nor allow"),
        }
    }
}
