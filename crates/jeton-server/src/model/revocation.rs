//! Revocations: issued access tokens that are refused before they expire.

use super::{
    id::{SessionId, TokenId, UserId},
    time::Timestamp,
    user::UserVersion,
};

/// One entry of the revocation table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    pub target: Target,
    /// When every token the entry refuses has expired, and the entry may be deleted.
    pub until: Timestamp,
}

/// The access tokens that an entry revokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// One access token, by its `jti`.
    Token(TokenId),
    /// Every access token of a session, by its `sid`.
    Session(SessionId),
    /// Every access token of a user issued under a version below this one, by its `uv`.
    User { id: UserId, below: UserVersion },
}

/// An entry with its place in the table. Numbers are drawn in commit order, so a reader who has seen one
/// has seen every lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    pub number: i64,
    pub revocation: Revocation,
}
