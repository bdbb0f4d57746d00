//! The thread that owns the connection.

use std::{
    future::poll_fn,
    hash::{BuildHasher, RandomState},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    thread,
    time::Duration,
};

use tokio::{
    runtime::Builder,
    sync::{mpsc, oneshot},
};

use super::{
    group::{Group, Trouble, roll_back},
    job::{Job, Refresh},
    lost::Lost,
};
use crate::store::{
    StoreError, engine::Engine, sql::Connection, trail::SignerSlot, transaction::Transaction,
};

/// How often a group is written before its callers are told that it could not be.
const TRIES: u32 = 6;

/// The most callers that share a commit.
const GROUP: usize = 256;

/// Messages to the thread of the writer.
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the common one: a box would be an allocation for each refresh"
)]
pub(super) enum Message<E: Engine> {
    Job(Box<dyn Job<E>>),
    /// Refreshes of one group become few statements together.
    Refresh(Refresh),
    Close(oneshot::Sender<()>),
}

struct Worker<E: Engine> {
    engine: Arc<E>,
    signer: SignerSlot,
    /// None before the connection was opened, and after it broke.
    transaction: Option<Transaction<E>>,
    messages: mpsc::Receiver<Message<E>>,
}

/// Opens the connection, on a thread of its own. A group is several statements, one after the other: the next goes out
/// when the last is answered, and must not queue behind everybody else's requests.
pub(super) async fn start<E: Engine>(
    engine: Arc<E>,
    signer: SignerSlot,
    messages: mpsc::Receiver<Message<E>>,
) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Open(error.into());
    let (to, opened) = oneshot::channel();
    let work = move || match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(open_and_run(engine, signer, messages, to)),
        // The caller may be gone, here and below; nothing is left to do then.
        Err(error) => drop(to.send(Err(failed(error)))),
    };
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(work)
        .map_err(failed)?;
    opened.await.map_err(|_| StoreError::Closed)?
}

async fn open_and_run<E: Engine>(
    engine: Arc<E>,
    signer: SignerSlot,
    messages: mpsc::Receiver<Message<E>>,
    to: oneshot::Sender<Result<(), StoreError>>,
) {
    let mut worker = Worker {
        engine,
        signer,
        transaction: None,
        messages,
    };
    let opened = worker.connected().await.map(drop).map_err(StoreError::Open);
    let is_open = opened.is_ok();
    if to.send(opened).is_ok() && is_open {
        worker.run().await;
    }
}

impl<E: Engine> Worker<E> {
    async fn run(mut self) {
        let mut messages = Vec::with_capacity(GROUP);
        // All messages that came while the last group was written, up to a whole group: no timer decides its size.
        while self.messages.recv_many(&mut messages, GROUP).await > 0 {
            let (mut group, mut closing) = (Group::new(), None);
            for message in messages.drain(..) {
                match message {
                    Message::Job(job) => group.jobs.push(job),
                    Message::Refresh(refresh) => group.refreshes.push(refresh),
                    Message::Close(reply) => closing = Some(reply),
                }
            }
            if group.len() > 0 {
                group.sort();
                self.commit(group).await;
            }
            if let Some(reply) = closing {
                self.close().await;
                let _ = reply.send(());
                return;
            }
        }
    }

    async fn commit(&mut self, mut group: Group<E>) {
        let mut tries = 1;
        let committed = loop {
            match self.attempt(&mut group).await {
                Ok(()) => break Ok(()),
                Err(Trouble::Retry(error)) if tries < TRIES => {
                    tracing::debug!(%error, tries, "writing the group again");
                    tokio::time::sleep(pause(tries)).await;
                    tries += 1;
                }
                Err(Trouble::Retry(error)) => break Err(Lost::Refused(error)),
                Err(Trouble::Final(lost)) => break Err(lost),
            }
        };
        group.reply(&committed);
    }

    /// Writes a group once. A connection to files that are no longer in place is kept: they may be put back.
    async fn attempt(&mut self, group: &mut Group<E>) -> Result<(), Trouble> {
        self.engine.is_in_place()?;
        self.write(group).await?;
        // Asked again: the files may have lost their names meanwhile, and then nobody will find the group.
        Ok(self.engine.is_in_place()?)
    }

    async fn write(&mut self, group: &mut Group<E>) -> Result<(), Trouble> {
        let transaction = self.connected().await.map_err(Trouble::before_commit::<E>)?;
        let written = caught(group.write(transaction)).await.unwrap_or_else(|| {
            tracing::error!("a job of the writer panicked");
            Err(Trouble::Final(Lost::Panicked))
        });
        if let Err(trouble) = &written {
            // After an error there may be no transaction to roll back; a new connection is right then too.
            if trouble.is_of_the_connection() || roll_back(transaction).await.is_err() {
                self.transaction = None;
                self.engine.disconnected();
            }
        }
        written
    }

    /// Opens the connection where there is none.
    async fn connected(&mut self) -> Result<&mut Transaction<E>, sqlx::Error> {
        match &mut self.transaction {
            Some(transaction) => Ok(transaction),
            none => {
                let connection = self.engine.connect().await?;
                Ok(none.insert(Transaction::new(connection, SignerSlot::clone(&self.signer))))
            }
        }
    }

    async fn close(self) {
        if let Some(transaction) = self.transaction
            && let Err(error) = transaction.connection.disconnect().await
        {
            tracing::warn!(%error, "the database was not closed properly");
        }
    }
}

/// The pause before a group is written again: some milliseconds, at random and up to twice as many each time, so that
/// groups that collided do not collide again in step.
fn pause(tries: u32) -> Duration {
    // No secret depends on it, so the standard library's random hasher will do.
    let longest = 20_u64 << tries;
    Duration::from_millis(RandomState::new().hash_one(tries) % longest)
}

/// Runs a future; none when it panics.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        poll.map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}
