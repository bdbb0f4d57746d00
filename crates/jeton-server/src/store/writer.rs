//! One writer for the process, which commits in groups.
//!
//! A commit waits for the disk. Whatever asks to be written meanwhile goes into the next one together, so that a
//! hundred callers wait for one synchronisation and each still gets its answer only after its own was on the disk.
//!
//! What is asked is kept until its group is over: a group that an engine could not finish without fault of its own
//! (another node was in the way, the connection was lost before COMMIT was sent) is written again. Lost in COMMIT
//! itself, nobody knows what became of it: the callers are told so, and nothing is repeated.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use super::{Rotation, StoreError, rotation::Request};
use crate::model::{
    id::{SessionId, UserId},
    session::{Presented, RotationRules},
};

mod group;
mod unit;
mod worker;

pub(super) use unit::Pending;

use unit::{Refresh, Unit, Work};

/// How many callers share a commit at most.
const GROUP: usize = 256;
/// How many may wait for the writer before the next has to wait for a place.
const QUEUE: usize = 1024;

/// What the writer needs of an engine.
pub(super) trait Engine: Send + Sync + 'static {
    /// A connection that writes, and what a group keeps beside it.
    type Connection: Send;

    /// How long a group may take, and its COMMIT, where the other side could fall silent.
    const PATIENCE: Option<Duration>;

    fn connect(&self) -> impl Future<Output = Result<Self::Connection, sqlx::Error>> + Send;

    /// Begins a transaction that holds the rows of these users, and of those whose sessions these are, to its end.
    fn begin(
        connection: &mut Self::Connection,
        users: &[UserId],
        sessions: &[SessionId],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Answers each refresh in turn.
    fn rotate(
        connection: &mut Self::Connection,
        requests: &[&Request],
    ) -> impl Future<Output = Result<Vec<Rotation>, StoreError>> + Send;

    /// Sets the one savepoint, anew when it is set.
    fn savepoint(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn roll_back_to_savepoint(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn release_savepoint(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Writes what has to come last in a transaction.
    fn finish(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn commit(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn roll_back(connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn close(connection: Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Whether what failed with this, before COMMIT, may be done again and then succeed.
    fn is_passing(error: &sqlx::Error) -> bool;

    /// Whether a COMMIT that failed with this may have happened all the same.
    fn is_unknown(error: &sqlx::Error) -> bool;
}

/// Which rows a piece of work changes. The rows of a group are taken in one order, so that no two groups wait for
/// each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Touches {
    /// Users whose rows it changes, or whose sessions'.
    users: Vec<UserId>,
    /// What else it changes: pieces of work follow each other in the order of this.
    other: Vec<u8>,
}

impl Touches {
    const fn nothing() -> Self {
        Self {
            users: Vec::new(),
            other: Vec::new(),
        }
    }

    pub(super) fn user(user: UserId) -> Self {
        Self {
            users: vec![user],
            other: Vec::new(),
        }
    }

    /// What comes after everything else that a group changes.
    pub(super) fn last() -> Self {
        // Every other key is shorter, or begins lower.
        Self::row([u8::MAX; 64])
    }

    /// A row that is no user's and no session's.
    pub(super) fn row(key: impl Into<Vec<u8>>) -> Self {
        Self::default().and_row(key)
    }

    pub(super) fn and_row(self, key: impl Into<Vec<u8>>) -> Self {
        Self {
            other: key.into(),
            ..self
        }
    }
}

enum Job<E: Engine> {
    Unit(Box<dyn Unit<E>>),
    /// Refreshes of one group become few statements together.
    Refresh(Refresh),
    Close(oneshot::Sender<()>),
}

/// The way to the one connection that writes.
pub(super) struct Writer<E: Engine>(mpsc::Sender<Job<E>>);

impl<E: Engine> Writer<E> {
    /// Opens the connection, on the thread that works on it.
    pub(super) async fn open(engine: E) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        worker::start(engine, jobs).await?;
        Ok(Self(queue))
    }

    /// Runs a piece of work in a transaction and answers when that is on the disk. On an error, what the work
    /// wrote is taken back. The work may be run again from the start.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Clone
            + Send
            + 'static
            + for<'c> FnOnce(&'c mut E::Connection) -> Pending<'c, Result<T, StoreError>>,
    {
        self.run_on(Touches::default(), work).await
    }

    /// The same for work that says beforehand what it changes.
    pub(super) async fn run_on<T, W>(&self, touches: Touches, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Clone
            + Send
            + 'static
            + for<'c> FnOnce(&'c mut E::Connection) -> Pending<'c, Result<T, StoreError>>,
    {
        let (to, answer) = oneshot::channel();
        self.send(Job::Unit(Box::new(Work::new(touches, work, to))))
            .await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(super) async fn rotate(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError> {
        let (to, answer) = oneshot::channel();
        let refresh = Refresh::new((presented.clone(), rules.clone()), to);
        self.send(Job::Refresh(refresh)).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Whether anything can be written: after the end of its thread, whatever ended that, nothing can.
    pub(super) fn alive(&self) -> Result<(), StoreError> {
        if self.0.is_closed() {
            return Err(StoreError::Closed);
        }
        Ok(())
    }

    /// Finishes what is under way and closes the connection.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.send(Job::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }

    async fn send(&self, job: Job<E>) -> Result<(), StoreError> {
        self.0.send(job).await.map_err(|_| StoreError::Closed)
    }
}

impl<E: Engine> fmt::Debug for Writer<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

/// Why a group was not committed, for each of its callers.
#[derive(Clone, Debug)]
enum Lost {
    /// Nothing of it was kept.
    Refused(Arc<sqlx::Error>),
    /// Whether it was kept, nobody knows.
    Unknown(Arc<sqlx::Error>),
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Refused(error) => error.into(),
            Lost::Unknown(error) => Self::OutcomeUnknown(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    #[test]
    fn who_writes_on_a_thread_that_has_ended_is_told() {
        let (queue, jobs) = mpsc::channel(1);
        let writer = Writer::<SqliteConnectOptions>(queue);
        assert!(writer.alive().is_ok());
        drop(jobs);
        assert!(matches!(writer.alive(), Err(StoreError::Closed)));
    }
}
