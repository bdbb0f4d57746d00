//! Where accounts, sessions, revocations and keys live, in the model's terms.
//!
//! A method is one whole transaction: what it answered is durable, what it refused left no trace. There is no
//! `begin` and no `commit` here, so an engine may group the writes of several callers. Not found is `Ok(None)`;
//! an error means that the engine failed or that a row is not what the model says it must be.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::model::{
    id::{SessionId, UserId},
    key::{Purpose, SealedKey},
    revocation::{Numbered, Revocation},
    session::{EndReason, Presented, Session},
    time::Timestamp,
    user::{Account, PasswordHash, User, UserVersion},
    username::UsernameKey,
};

pub mod error;
mod sqlite;

pub use error::StoreError;

/// Everything the service keeps.
#[async_trait]
pub trait Store: Users + Sessions + Revocations + Keys {
    /// Fails when the database does not answer.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Finishes what is under way and lets go of the database.
    async fn close(&self);
}

#[async_trait]
pub trait Users: Send + Sync + std::fmt::Debug {
    async fn create_user(&self, account: &Account) -> Result<CreateUser, StoreError>;

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError>;

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created,
    /// The name, or one that looks like it, belongs to somebody.
    NameTaken,
}

#[async_trait]
pub trait Sessions: Send + Sync + std::fmt::Debug {
    /// Opens a session if the account is still what its proof was checked against.
    async fn open_session(&self, opening: &Opening<'_>) -> Result<OpenSession, StoreError>;

    /// Exchanges a refresh token: moves the session one generation on if the token presented is the current
    /// one, or says what presenting it means, ending the session where that is the answer.
    async fn rotate_session(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError>;

    async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// A user's live sessions, the newest first.
    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends sessions of one user and revokes what was issued to them.
    async fn end_sessions(&self, ending: &Ending) -> Result<Ended, StoreError>;
}

/// A session about to open, and what must still be true of its user when it does.
#[derive(Debug)]
pub struct Opening<'a> {
    pub session: &'a Session,
    /// The version the user had when the proof was checked.
    pub version: UserVersion,
    /// The hash the password was checked against; `None` when an administrator vouches instead.
    pub password_hash: Option<&'a PasswordHash>,
}

#[derive(Debug)]
pub enum OpenSession {
    /// It is open; these entries call back the sessions that made room.
    Opened(Vec<Revocation>),
    /// The user is gone, disabled, or no longer has the version or hash that was checked.
    AccountChanged,
}

/// How a session may move on.
#[derive(Clone, Copy, Debug)]
pub struct RotationRules {
    pub now: Timestamp,
    /// How long the generation before the current one may still be presented.
    pub grace: Duration,
    /// How far the expiry slides.
    pub lifetime: Duration,
    /// How long access tokens issued from now on, up to the next rotation, may be accepted.
    pub accepted_for: Duration,
}

#[derive(Debug)]
pub enum Rotation {
    /// Moved one generation on: issue the pair of the new one.
    Rotated(Box<(Session, User)>),
    /// The same exchange again: give the identical successor.
    Replayed(Box<(Session, User)>),
    /// Not exchanged.
    Refused(RotationRefusal),
}

#[derive(Clone, Copy, Debug)]
pub enum RotationRefusal {
    /// It was used before: the session has just ended, and this calls its access tokens back.
    Reused(Revocation),
    /// The row was older than the token: the session has just ended.
    AheadOfRow(Revocation),
    Ended,
    Expired,
    /// There is no such session, or the proof is not its own.
    Unknown,
}

/// Which sessions are to end, and why.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    pub user: UserId,
    pub which: Which,
    pub reason: EndReason,
    pub now: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    One(SessionId),
    AllBut(SessionId),
    /// Every session, and every access token whatever its session: the user's version is raised.
    All,
}

#[derive(Debug, Default)]
pub struct Ended {
    /// How many live sessions ended.
    pub sessions: usize,
    pub revocations: Vec<Revocation>,
}

#[async_trait]
pub trait Revocations: Send + Sync + std::fmt::Debug {
    /// The entries numbered above `after` that can still hit something at `now`, in order.
    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError>;

    /// Forgets some of the rows that no longer matter at `now`: a small batch, to be repeated.
    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError>;
}

#[async_trait]
pub trait Keys: Send + Sync + std::fmt::Debug {
    /// The keys of a purpose, the newest first.
    async fn keys(&self, purpose: Purpose) -> Result<Vec<SealedKey>, StoreError>;

    /// Stores the key unless its purpose has one: two nodes that start at once end with the same key.
    async fn insert_first_key(&self, key: &SealedKey) -> Result<(), StoreError>;
}

/// Opens the store a database URL names and brings its schema up to date.
///
/// # Errors
///
/// [`StoreError`] when the URL names no engine that is built in, or the database cannot be opened.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Arc::new(sqlite::SqliteStore::open(url).await?)),
        _ => Err(StoreError::UnsupportedUrl),
    }
}
