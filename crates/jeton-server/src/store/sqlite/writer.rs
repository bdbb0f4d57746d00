//! One writer for the process, which commits in groups.
//!
//! A commit waits for the disk. Whatever asks to be written meanwhile goes into the next one together, so that a
//! hundred callers wait for one synchronisation and each still gets its answer only after its own was on the disk.

use std::{fmt, pin::Pin, sync::Arc};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{mpsc, oneshot};

use super::rotation;
use crate::{
    model::session::{Presented, RotationRules},
    store::{Rotation, StoreError},
};

/// How many callers share a commit at most.
const GROUP: usize = 256;
/// How many may wait for the writer before the next has to wait for a place.
const QUEUE: usize = 1024;

/// What a piece of work on the connection gives, in time.
pub(super) type Pending<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// Whether the group is on the disk, or why not.
type Committed = Result<(), Arc<sqlx::Error>>;

/// What one caller wants written.
trait Unit: Send {
    /// Says whether what it wrote is to be kept.
    fn work<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> Pending<'c, bool>;

    /// Answers the caller: the work counts once it is on the disk.
    fn settle(self: Box<Self>, committed: Committed);
}

struct Work<T, W> {
    work: Option<W>,
    reply: Reply<T>,
}

/// The way back to a caller. Nobody may be there any more; what was asked happens all the same.
struct Reply<T> {
    result: Option<Result<T, StoreError>>,
    to: oneshot::Sender<Result<T, StoreError>>,
}

impl<T> Reply<T> {
    fn settle(self, committed: Committed) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(StoreError::Closed)),
            Err(error) => Err(error.into()),
        };
        let _ = self.to.send(result);
    }
}

impl<T, W> Unit for Work<T, W>
where
    T: Send + 'static,
    W: for<'c> FnOnce(&'c mut SqliteConnection) -> Pending<'c, Result<T, StoreError>> + Send + 'static,
{
    fn work<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> Pending<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let result = work(connection).await;
            let keep = result.is_ok();
            self.reply.result = Some(result);
            keep
        })
    }

    fn settle(self: Box<Self>, committed: Committed) {
        self.reply.settle(committed);
    }
}

struct Refresh {
    request: rotation::Request,
    reply: Reply<Rotation>,
}

impl Unit for Refresh {
    fn work<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> Pending<'c, bool> {
        Box::pin(async move {
            let rotations = rotation::rotate(connection, &[&self.request]).await;
            let result =
                rotations.and_then(|rotations| rotations.into_iter().next().ok_or(StoreError::Closed));
            let keep = result.is_ok();
            self.reply.result = Some(result);
            keep
        })
    }

    fn settle(self: Box<Self>, committed: Committed) {
        self.reply.settle(committed);
    }
}

enum Job {
    Unit(Box<dyn Unit>),
    /// Refreshes of one group become few statements together.
    Refresh(Refresh),
    Close(oneshot::Sender<()>),
}

/// The way to the one connection that writes.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    /// Opens the connection and the task that works on it.
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let connection = options.connect().await.map_err(StoreError::Open)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = Task {
            connection,
            options,
            jobs,
        };
        tokio::spawn(task.run());
        Ok(Self(queue))
    }

    /// Runs a piece of work in a transaction and answers when that is on the disk. On an error, what the work
    /// wrote is taken back.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> Pending<'c, Result<T, StoreError>> + Send + 'static,
    {
        let (to, answer) = oneshot::channel();
        let reply = Reply { result: None, to };
        let work = Some(work);
        self.send(Job::Unit(Box::new(Work { work, reply }))).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(super) async fn rotate(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError> {
        let (to, answer) = oneshot::channel();
        let request = (presented.clone(), *rules);
        let reply = Reply { result: None, to };
        self.send(Job::Refresh(Refresh { request, reply })).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Finishes what is under way and closes the connection.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.send(Job::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        self.0.send(job).await.map_err(|_| StoreError::Closed)
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

struct Task {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
    jobs: mpsc::Receiver<Job>,
}

impl Task {
    async fn run(mut self) {
        let mut jobs = Vec::with_capacity(GROUP);
        while self.jobs.recv_many(&mut jobs, GROUP).await > 0 {
            let (mut group, mut closing) = (Group::default(), None);
            for job in jobs.drain(..) {
                match job {
                    Job::Unit(unit) => group.units.push(unit),
                    Job::Refresh(refresh) => group.refreshes.push(refresh),
                    Job::Close(reply) => closing = Some(reply),
                }
            }
            self.commit(group).await;
            if let Some(reply) = closing {
                if let Err(error) = self.connection.close().await {
                    tracing::warn!(%error, "the database was not closed properly");
                }
                let _ = reply.send(());
                return;
            }
        }
    }

    async fn commit(&mut self, mut group: Group) {
        if group.is_empty() {
            return;
        }
        let written = group.write(&mut self.connection).await;
        if written.is_err() {
            self.start_over().await;
        }
        group.settle(&written.map_err(Arc::new));
    }

    /// Leaves a transaction that failed, by way of a new connection if there is no other.
    async fn start_over(&mut self) {
        if sqlx::query("ROLLBACK")
            .execute(&mut self.connection)
            .await
            .is_ok()
        {
            return;
        }
        // There was no transaction to leave, or the connection is broken; a new one is right in both cases.
        match self.options.connect().await {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::error!(%error, "the database cannot be opened again"),
        }
    }
}

/// What shares one commit.
#[derive(Default)]
struct Group {
    refreshes: Vec<Refresh>,
    units: Vec<Box<dyn Unit>>,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.refreshes.is_empty() && self.units.is_empty()
    }

    /// Runs everything in one transaction; an error is the connection's and means that nothing was kept.
    async fn write(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        begin(connection).await?;
        if self.refresh_together(connection).await.is_err() {
            // Something about one of them: take them one by one, and let that one alone have the error.
            sqlx::query("ROLLBACK").execute(&mut *connection).await?;
            begin(connection).await?;
            for refresh in &mut self.refreshes {
                run_among_others(refresh, connection).await?;
            }
        }
        let alone = self.refreshes.is_empty() && self.units.len() == 1;
        for unit in &mut self.units {
            if alone {
                run_alone(unit.as_mut(), connection).await?;
            } else {
                run_among_others(unit.as_mut(), connection).await?;
            }
        }
        sqlx::query("COMMIT").execute(connection).await?;
        Ok(())
    }

    async fn refresh_together(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if self.refreshes.is_empty() {
            return Ok(());
        }
        let requests: Vec<_> = self.refreshes.iter().map(|refresh| &refresh.request).collect();
        let rotations = rotation::rotate(connection, &requests).await?;
        for (refresh, rotation) in self.refreshes.iter_mut().zip(rotations) {
            refresh.reply.result = Some(Ok(rotation));
        }
        Ok(())
    }

    fn settle(self, committed: &Committed) {
        for refresh in self.refreshes {
            Box::new(refresh).settle(committed.clone());
        }
        for unit in self.units {
            unit.settle(committed.clone());
        }
    }
}

/// Takes the write lock at once, so that what is read stays true to the transaction's end.
async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(connection).await.map(drop)
}

async fn run_alone(unit: &mut dyn Unit, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    if !unit.work(connection).await {
        sqlx::query("ROLLBACK").execute(&mut *connection).await?;
        begin(connection).await?;
    }
    Ok(())
}

/// In a savepoint: one that fails must not take its neighbours with it.
async fn run_among_others(unit: &mut dyn Unit, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SAVEPOINT unit").execute(&mut *connection).await?;
    if !unit.work(connection).await {
        sqlx::query("ROLLBACK TO unit").execute(&mut *connection).await?;
    }
    sqlx::query("RELEASE unit").execute(connection).await?;
    Ok(())
}
