//! The thread that has the connection.

use std::{
    hash::{BuildHasher, RandomState},
    io, thread,
    time::Duration,
};

use tokio::{
    runtime::Builder,
    sync::{mpsc, oneshot},
};

use super::{
    Engine, GROUP, Job, Lost,
    group::{Group, Trouble, roll_back},
};
use crate::store::StoreError;

/// How often a group is written before its callers are told that it could not be.
const TRIES: u32 = 6;

struct Worker<E: Engine> {
    engine: E,
    /// None after it broke.
    connection: Option<E::Connection>,
    jobs: mpsc::Receiver<Job<E>>,
}

/// Opens the connection, on a thread of its own. A group is several statements, one after the other: the next goes out
/// when the answer to the last is there, and must not wait in line behind the requests of everybody else.
pub(super) async fn start<E: Engine>(engine: E, jobs: mpsc::Receiver<Job<E>>) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Open(error.into());
    let (to, opened) = oneshot::channel();
    let work = move || match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(open_and_run(engine, jobs, to)),
        // Whoever wanted it opened may be gone, here and below.
        Err(error) => drop(to.send(Err(failed(error)))),
    };
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(work)
        .map_err(failed)?;
    opened.await.map_err(|_| StoreError::Closed)?
}

async fn open_and_run<E: Engine>(
    engine: E,
    jobs: mpsc::Receiver<Job<E>>,
    to: oneshot::Sender<Result<(), StoreError>>,
) {
    let connection = match engine.connect().await {
        Ok(connection) => Some(connection),
        Err(error) => {
            let _ = to.send(Err(StoreError::Open(error)));
            return;
        }
    };
    let worker = Worker {
        engine,
        connection,
        jobs,
    };
    if to.send(Ok(())).is_ok() {
        worker.run().await;
    }
}

impl<E: Engine> Worker<E> {
    async fn run(mut self) {
        let mut jobs = Vec::with_capacity(GROUP);
        while self.jobs.recv_many(&mut jobs, GROUP).await > 0 {
            let (mut group, mut closing) = (Group::new(), None);
            for job in jobs.drain(..) {
                match job {
                    Job::Unit(unit) => group.units.push(unit),
                    Job::Refresh(refresh) => group.refreshes.push(refresh),
                    Job::Close(reply) => closing = Some(reply),
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
                Err(Trouble::Passing(error)) if tries < TRIES => {
                    tracing::debug!(%error, tries, "writing the group again");
                    tokio::time::sleep(pause(tries)).await;
                    tries += 1;
                }
                Err(Trouble::Passing(error)) => break Err(Lost::Refused(error)),
                Err(Trouble::Final(lost)) => break Err(lost),
            }
        };
        group.settle(&committed);
    }

    async fn attempt(&mut self, group: &mut Group<E>) -> Result<(), Trouble> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            broken => {
                let connected = self.engine.connect().await;
                broken.insert(connected.map_err(Trouble::before_commit::<E>)?)
            }
        };
        let written = group.write(connection).await;
        if let Err(trouble) = &written {
            // There may be no transaction to leave any more; a new connection is right then too.
            if trouble.is_of_the_connection() || roll_back::<E>(connection).await.is_err() {
                self.connection = None;
            }
        }
        written
    }

    async fn close(self) {
        if let Some(connection) = self.connection
            && let Err(error) = E::close(connection).await
        {
            tracing::warn!(%error, "the database was not closed properly");
        }
    }
}

/// Some milliseconds, each time up to twice as many: who collided must not do so again in step.
fn pause(tries: u32) -> Duration {
    let longest = 20_u64 << tries;
    Duration::from_millis(RandomState::new().hash_one(tries) % longest)
}
