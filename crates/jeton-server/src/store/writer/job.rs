//! Jobs: units of work, one for each caller.

use std::{pin::Pin, sync::Arc};

use tokio::sync::oneshot;

use super::{locks::RowLocks, lost::Lost};
use crate::store::{
    Rotation, StoreError,
    database::rotation::rotate,
    engine::{Engine, Fate},
    rotation::Request,
    transaction::Transaction,
};

/// The future of a job's result, which borrows the transaction.
pub(in crate::store) type Pending<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// The work of one caller in a transaction.
pub(in crate::store) trait Job<E: Engine>: Send {
    fn locks(&self) -> &RowLocks;

    /// Runs the job. A group that is written again runs it from the start.
    fn run<'c>(&'c mut self, transaction: &'c mut Transaction<E>) -> Pending<'c, Outcome>;

    /// Answers the caller. A result counts only once it is on the disk.
    fn reply(self: Box<Self>, committed: Result<(), Lost>);
}

/// The outcome of running a job.
#[derive(Debug)]
pub(in crate::store) enum Outcome {
    Done,
    /// The job is at fault: its writes are undone, and its caller alone has the error.
    Failed,
    /// A transient database error: retry the whole group.
    Retry(Arc<sqlx::Error>),
}

impl Outcome {
    pub(super) fn of<E: Engine, T>(result: &Result<T, StoreError>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(StoreError::Busy(error) | StoreError::Engine(error))
                if E::fate_before_commit(error) == Fate::Retry =>
            {
                Self::Retry(Arc::clone(error))
            }
            Err(_) => Self::Failed,
        }
    }
}

/// The way back to a caller. If the caller is gone, the job is done all the same.
struct Reply<T> {
    result: Option<Result<T, StoreError>>,
    to: oneshot::Sender<Result<T, StoreError>>,
}

impl<T> Reply<T> {
    const fn new(to: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { result: None, to }
    }

    fn hold<E: Engine>(&mut self, result: Result<T, StoreError>) -> Outcome {
        let outcome = Outcome::of::<E, T>(&result);
        self.result = Some(result);
        outcome
    }

    fn send(self, committed: Result<(), Lost>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(StoreError::Closed)),
            Err(lost) => Err(lost.into()),
        };
        let _ = self.to.send(result);
    }
}

/// A job made of any function over a transaction.
pub(super) struct Work<T, W> {
    locks: RowLocks,
    task: W,
    reply: Reply<T>,
}

impl<T, W> Work<T, W> {
    pub(super) const fn new(locks: RowLocks, task: W, to: oneshot::Sender<Result<T, StoreError>>) -> Self {
        let reply = Reply::new(to);
        Self { locks, task, reply }
    }
}

impl<E, T, W> Job<E> for Work<T, W>
where
    E: Engine,
    T: Send + 'static,
    W: Clone + Send + 'static + for<'c> FnOnce(&'c mut Transaction<E>) -> Pending<'c, Result<T, StoreError>>,
{
    fn locks(&self) -> &RowLocks {
        &self.locks
    }

    fn run<'c>(&'c mut self, transaction: &'c mut Transaction<E>) -> Pending<'c, Outcome> {
        // Cloned, since a group may be written again and a task runs once.
        let task = self.task.clone();
        Box::pin(async move {
            let result = task(transaction).await;
            self.reply.hold::<E>(result)
        })
    }

    fn reply(self: Box<Self>, committed: Result<(), Lost>) {
        self.reply.send(committed);
    }
}

/// The job of refreshing one session; those of a group are done together.
pub(super) struct Refresh {
    pub(super) request: Request,
    reply: Reply<Rotation>,
}

impl Refresh {
    pub(super) fn new(request: Request, to: oneshot::Sender<Result<Rotation, StoreError>>) -> Self {
        Self {
            request,
            reply: Reply::new(to),
        }
    }

    pub(super) fn answer(&mut self, rotation: Rotation) {
        self.reply.result = Some(Ok(rotation));
    }
}

impl<E: Engine> Job<E> for Refresh {
    /// A refresh names no rows: its group locks the owner of its session, whom it does not know.
    fn locks(&self) -> &RowLocks {
        static NOTHING: RowLocks = RowLocks::nothing();
        &NOTHING
    }

    fn run<'c>(&'c mut self, transaction: &'c mut Transaction<E>) -> Pending<'c, Outcome> {
        Box::pin(async move {
            let rotations = rotate(transaction, &[&self.request]).await;
            let result =
                rotations.and_then(|rotations| rotations.into_iter().next().ok_or(StoreError::Closed));
            self.reply.hold::<E>(result)
        })
    }

    fn reply(self: Box<Self>, committed: Result<(), Lost>) {
        self.reply.send(committed);
    }
}
