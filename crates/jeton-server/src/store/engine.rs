//! The differences between engines. Everything else about the store is written once, in `database/`.

use std::{fmt, ops::DerefMut, time::Duration};

use super::{StoreError, error::Gone, sql::Connection, transaction::Transaction};
use crate::model::{
    audit::Entry,
    id::{SessionId, UserId},
    revocation::Revocation,
    session::Session,
    user::User,
};

pub(super) type RowOf<E> = <<E as Engine>::Connection as Connection>::Row;

/// The fate of a group of writes after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing of the group was kept, and the same again may succeed.
    Retry,
    /// Nothing of the group was kept, and the error is final.
    Refused,
    /// The answer to COMMIT is missing: the group may have been kept or not.
    Unknown,
}

pub(super) trait Engine: Send + Sync + fmt::Debug + Sized + 'static {
    type Connection: Connection;

    /// A connection that reads, lent from the pool.
    type Reader: DerefMut<Target = Self::Connection> + Send;

    /// How long a group of writes and its COMMIT may take; none where no network is between that could fall silent.
    const PATIENCE: Option<Duration>;

    /// The statement that begins a transaction that writes.
    const BEGIN: &'static str;

    /// The end of a SELECT that locks its rows until the end of the transaction.
    const FOR_UPDATE: &'static str;

    /// The end of a SELECT that locks its rows and passes over those that another transaction has locked.
    const SKIP_HELD: &'static str;

    /// The name of the function that finds a text in another: its place from 1 on, or 0.
    const POSITION: &'static str;

    /// An address in the form in which it is indexed: with ASCII letters in lower case, and ordered by bytes.
    const EMAIL_KEY: &'static str;

    /// The suffix that makes JSON of a column of text.
    const AS_JSON: &'static str;

    /// The statement that asks for the time, in milliseconds, as `now`.
    const NOW: &'static str;

    /// The statement that asks for the number of the last revocation, as `last`.
    const LAST_REVOCATION: &'static str;

    /// Opens a connection that writes.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, sqlx::Error>> + Send;

    fn reader(&self) -> impl Future<Output = Result<Self::Reader, sqlx::Error>> + Send;

    fn close_readers(&self) -> impl Future<Output = ()> + Send;

    /// Locks the rows of these users, and of the owners of these sessions, where other processes could change them.
    fn hold(
        _transaction: &mut Transaction<Self>,
        _users: &[UserId],
        _sessions: &[SessionId],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        async { Ok(()) }
    }

    /// Serialises this section across nodes until the end of the transaction.
    fn stand_alone(
        _transaction: &mut Transaction<Self>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send {
        async { Ok(()) }
    }

    /// The rows of sessions, in any order.
    fn sessions(
        transaction: &mut Transaction<Self>,
        ids: &[SessionId],
    ) -> impl Future<Output = Result<Vec<RowOf<Self>>, sqlx::Error>> + Send;

    /// Users whose sessions are refreshed, in any order.
    fn owners(
        transaction: &mut Transaction<Self>,
        ids: &[UserId],
    ) -> impl Future<Output = Result<Vec<User>, StoreError>> + Send;

    /// Writes sessions that moved on or were replayed, in one statement. It never takes a row back to a lower
    /// generation.
    fn write_refreshed(
        transaction: &mut Transaction<Self>,
        sessions: &[&Session],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Numbers the revocations and events that a transaction has gathered and writes them, as its last act. Numbers are
    /// in commit order: a reader who has seen one has seen every lower one.
    fn write_numbered(
        connection: &mut Self::Connection,
        revocations: &[Revocation],
        entries: &[Entry],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Raises the number of the last revocation.
    fn skip_revocations(
        connection: &mut Self::Connection,
        by: i64,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The fate of a group that failed with this error before COMMIT.
    fn fate_before_commit(error: &sqlx::Error) -> Fate;

    /// The fate of a group whose COMMIT failed with this error.
    fn fate_at_commit(error: &sqlx::Error) -> Fate;

    /// Whether the database is still where it was opened. Asked before a group and after its COMMIT.
    fn is_in_place(&self) -> Result<(), Gone> {
        Ok(())
    }

    /// Called when the connection that writes broke and was given up.
    fn disconnected(&self) {}

    /// Reads through a new connection, past what open ones remember.
    fn try_reading(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }

    /// Called after a deletion that must leave no trace, such as a user's.
    fn erased(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Called now and then, to try again what failed when it was due.
    fn tidy(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}
