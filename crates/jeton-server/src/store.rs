//! Where accounts, sessions, revocations and keys live, in the model's terms.
//!
//! A method is one whole transaction: what it answered is durable, what it refused left no trace. There is no
//! `begin` and no `commit` here, so an engine may group the writes of several callers. Not found is `Ok(None)`;
//! an error means that the engine failed or that a row does not fit the model. The events of a change are written to
//! the audit trail in its transaction.
//!
//! An act of an administrator names them as its actor, and its transaction refuses an actor who is no enabled
//! administrator at that moment ([`StoreError::NotAdministrator`]). The command line is no user and is not asked.

use std::time::SystemTime;

use async_trait::async_trait;

mod acting;
mod audit;
mod ceremonies;
mod clients;
mod database;
mod database_state;
mod engine;
pub mod error;
mod grants;
mod keys;
mod opening;
mod outbox;
mod owners;
mod postgres;
mod relocation;
mod restored;
mod restoring;
mod revocations;
mod rotation;
mod rows;
mod sessions;
mod sql;
mod sqlite;
mod throttle;
mod trail;
mod transaction;
pub mod transfer;
mod users;
mod writer;

pub use audit::{Audit, Committed, Wanted};
pub use ceremonies::Ceremonies;
pub use clients::{ClientChange, ClientChanged, Clients, IssueToClient};
pub use database_state::DatabaseState;
pub use error::StoreError;
pub use grants::{
    Consent, ConsentGiven, GrantEnding, Grants, GrantsEnded, Redeemed, Redemption, WhichGrants,
};
pub use keys::Keys;
pub use opening::{Pool, open, open_with};
pub use outbox::{Attempted, Outbox};
pub use owners::{OwnAct, OwnChanged, OwnDeletion, Owners};
pub use relocation::Relocation;
pub use restored::Restored;
pub use restoring::{Signing, restore};
pub use revocations::{REVOCATIONS_PAGE, Revocations};
pub use sessions::{
    Ended, Ending, OpenSession, Opened, Opening, Proof, Reauthenticated, Reauthentication, Rotation,
    RotationRefusal, Sessions, Which,
};
pub use throttle::Throttle;
pub use trail::Signer;
pub use users::{
    Acted, AdminAction, CreateUser, Import, PasswordProof, PasswordSet, SetPassword, SetUp, SetUpOutcome,
    UserQuery, Users,
};

/// The whole store: one trait for each subject, and the database itself.
#[async_trait]
pub trait Store:
    Users
    + Owners
    + Sessions
    + Grants
    + Ceremonies
    + Clients
    + Outbox
    + Revocations
    + Keys
    + Throttle
    + Audit
    + DatabaseState
{
    /// The database's time. Fails when the database does not answer, or when nothing can be written any more.
    async fn database_time(&self) -> Result<SystemTime, StoreError>;

    /// Tries whether the database is in place, can be read and takes writes; at most every few seconds.
    async fn check(&self) -> Result<(), StoreError>;

    /// Finishes what is under way and lets go of the database.
    async fn close(&self);
}
