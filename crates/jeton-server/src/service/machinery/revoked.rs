//! Revocations that still matter, in memory: a check costs no query.

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
pub struct RevocableClaims<'a> {
    pub id: Option<&'a str>,
    pub issued_at: Option<Timestamp>,
    /// None in the tokens of clients.
    pub session: Option<SessionId>,
    /// The user, or the client.
    pub user: UserId,
    pub version: UserVersion,
}

/// The status of a token, as far as this node knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    Live,
    Revoked,
    /// The table was not read for too long to tell.
    Unknown,
}

/// The fate of a token that may have been revoked without this node knowing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenStale {
    /// The request is refused with 503.
    #[default]
    Refuse,
    /// The token passes, where a revoked token is thought better than no service.
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
