//! One writer for the process, which commits in groups.
//!
//! A commit waits for the disk. Jobs that arrive meanwhile go into the next one together, so that a hundred callers
//! wait for one synchronisation, and each is still answered only after its own writes are on the disk.
//!
//! A job is kept until its group is over: a group that an engine could not finish for a passing reason (another node
//! was in the way, the connection was lost before COMMIT was sent) is written again. When the answer to COMMIT itself
//! is lost, the outcome is unknown: the callers are told so, and nothing is repeated. A job that panics costs its group
//! an error and the writer its connection, no more.

use std::{fmt, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use super::{Rotation, StoreError, engine::Engine, trail::SignerSlot, transaction::Transaction};
use crate::model::session::{Presented, RotationRules};

mod group;
mod job;
mod locks;
mod lost;
mod trial;
mod worker;

pub(super) use {job::Pending, locks::RowLocks};

use job::{Refresh, Work};
use trial::Trial;
use worker::Message;

/// How many messages may wait for the writer before the next has to wait for a place.
const QUEUE: usize = 1024;

/// The way to the one connection that writes.
pub(super) struct Writer<E: Engine> {
    queue: mpsc::Sender<Message<E>>,
    trial: Trial,
}

impl<E: Engine> Writer<E> {
    /// Opens the connection, on the thread that works on it.
    pub(super) async fn open(engine: Arc<E>, signer: SignerSlot) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        worker::start(engine, signer, jobs).await?;
        Ok(Self::with(queue))
    }

    fn with(queue: mpsc::Sender<Message<E>>) -> Self {
        Self {
            queue,
            trial: Trial::default(),
        }
    }

    /// Runs a job in a transaction and returns when that is on the disk. On an error, its writes are undone. The job
    /// may be run again from the start.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Clone
            + Send
            + 'static
            + for<'c> FnOnce(&'c mut Transaction<E>) -> Pending<'c, Result<T, StoreError>>,
    {
        self.run_on(RowLocks::default(), work).await
    }

    /// Runs a job that names beforehand the rows it changes.
    pub(super) async fn run_on<T, W>(&self, locks: RowLocks, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Clone
            + Send
            + 'static
            + for<'c> FnOnce(&'c mut Transaction<E>) -> Pending<'c, Result<T, StoreError>>,
    {
        let (to, answer) = oneshot::channel();
        self.send(Message::Job(Box::new(Work::new(locks, work, to))))
            .await?;
        self.answer(answer).await
    }

    pub(super) async fn rotate(
        &self,
        presented: &Presented,
        rules: &RotationRules,
    ) -> Result<Rotation, StoreError> {
        let (to, answer) = oneshot::channel();
        let refresh = Refresh::new((presented.clone(), rules.clone()), to);
        self.send(Message::Refresh(refresh)).await?;
        self.answer(answer).await
    }

    async fn answer<T>(&self, answer: oneshot::Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
        let outcome = answer.await.map_err(|_| StoreError::Closed)?;
        self.trial.hear(&outcome);
        outcome
    }

    /// Fails once the writer's thread has ended, and nothing can be written any more.
    pub(super) fn alive(&self) -> Result<(), StoreError> {
        if self.queue.is_closed() {
            return Err(StoreError::Closed);
        }
        Ok(())
    }

    /// The trial, which knows how the last writes went.
    pub(super) const fn trial(&self) -> &Trial {
        &self.trial
    }

    /// Finishes work under way and closes the connection.
    pub(super) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.send(Message::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }

    async fn send(&self, message: Message<E>) -> Result<(), StoreError> {
        self.queue.send(message).await.map_err(|_| StoreError::Closed)
    }
}

impl<E: Engine> fmt::Debug for Writer<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::File;

    #[test]
    fn who_writes_on_a_thread_that_has_ended_is_told() {
        let (queue, jobs) = mpsc::channel(1);
        let writer = Writer::<File>::with(queue);
        assert!(writer.alive().is_ok());
        drop(jobs);
        assert!(matches!(writer.alive(), Err(StoreError::Closed)));
    }
}
