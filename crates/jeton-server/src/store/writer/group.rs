//! Groups: the jobs and refreshes that share one commit.

use std::{io, sync::Arc};

use super::{
    job::{Job, Outcome, Refresh},
    lost::Lost,
};
use crate::{
    model::id::{SessionId, UserId},
    store::{
        database::rotation::rotate,
        engine::{Engine, Fate},
        error::Gone,
        transaction::Transaction,
    },
};

pub(super) struct Group<E: Engine> {
    pub(super) refreshes: Vec<Refresh>,
    pub(super) jobs: Vec<Box<dyn Job<E>>>,
}

/// Why a group was not written this time.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A transient error: nothing was kept, and the same again may succeed.
    Retry(Arc<sqlx::Error>),
    /// The group is over, for this reason.
    Final(Lost),
}

impl Trouble {
    pub(super) fn before_commit<E: Engine>(error: impl Into<Arc<sqlx::Error>>) -> Self {
        let error = error.into();
        Self::of(E::fate_before_commit(&error), error)
    }

    fn of(fate: Fate, error: Arc<sqlx::Error>) -> Self {
        match fate {
            Fate::Retry => Self::Retry(error),
            Fate::Refused => Self::Final(Lost::Refused(error)),
            Fate::Unknown => Self::Final(Lost::Unknown(error)),
        }
    }

    /// Whether the connection is at fault: it does not answer, or its protocol is in an unknown state.
    pub(super) fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Retry(error) | Self::Final(Lost::Refused(error) | Lost::Unknown(error)) => {
                !matches!(**error, sqlx::Error::Database(_))
            }
            Self::Final(Lost::Gone(_)) => false,
            Self::Final(Lost::Panicked) => true,
        }
    }
}

impl From<Gone> for Trouble {
    fn from(gone: Gone) -> Self {
        Self::Final(Lost::Gone(gone))
    }
}

impl<E: Engine> Group<E> {
    pub(super) const fn new() -> Self {
        Self {
            refreshes: Vec::new(),
            jobs: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.refreshes.len() + self.jobs.len()
    }

    /// Sorts the jobs by the keys of their rows, the order in which every group takes them.
    pub(super) fn sort(&mut self) {
        self.jobs
            .sort_by(|one, other| one.locks().other.cmp(&other.locks().other));
    }

    /// Runs everything in one transaction. First without savepoints; when one of them fails, again with a savepoint for
    /// each, so that this one alone has the error.
    pub(super) async fn write(&mut self, transaction: &mut Transaction<E>) -> Result<(), Trouble> {
        if !within::<E, _>(self.write_together(transaction)).await? {
            roll_back(transaction).await?;
            if self.len() == 1 {
                // The error is its own, and there is nothing to commit.
                return Ok(());
            }
            within::<E, _>(self.write_apart(transaction)).await?;
        }
        commit(transaction).await
    }

    /// Runs everything without savepoints. Returns whether every job was done; if not, the writes of the others are
    /// undone too.
    async fn write_together(&mut self, transaction: &mut Transaction<E>) -> Result<bool, Trouble> {
        // No savepoints: they are two statements more for each job, and nearly every group succeeds.
        self.begin(transaction).await?;
        if !done::<E>(self.refresh_together(transaction).await)? {
            return Ok(false);
        }
        for job in &mut self.jobs {
            if !done::<E>(job.run(transaction).await)? {
                return Ok(false);
            }
        }
        finish(transaction).await?;
        Ok(true)
    }

    async fn refresh_together(&mut self, transaction: &mut Transaction<E>) -> Outcome {
        match &mut self.refreshes[..] {
            [] => Outcome::Done,
            [refresh] => refresh.run(transaction).await,
            refreshes => {
                let requests: Vec<_> = refreshes.iter().map(|refresh| &refresh.request).collect();
                let rotated = rotate(transaction, &requests).await;
                let outcome = Outcome::of::<E, _>(&rotated);
                for (refresh, rotation) in refreshes.iter_mut().zip(rotated.into_iter().flatten()) {
                    refresh.answer(rotation);
                }
                outcome
            }
        }
    }

    async fn write_apart(&mut self, transaction: &mut Transaction<E>) -> Result<(), Trouble> {
        self.begin(transaction).await?;
        for refresh in &mut self.refreshes {
            run_apart(refresh, transaction).await?;
        }
        for job in &mut self.jobs {
            run_apart(job.as_mut(), transaction).await?;
        }
        finish(transaction).await
    }

    async fn begin(&mut self, transaction: &mut Transaction<E>) -> Result<(), Trouble> {
        let users = self.jobs.iter().flat_map(|job| &job.locks().users);
        let users: Vec<UserId> = users.copied().collect();
        let refreshes = self.refreshes.iter();
        let sessions: Vec<SessionId> = refreshes.map(|refresh| refresh.request.0.session()).collect();
        transaction
            .begin(&users, &sessions)
            .await
            .map_err(Trouble::before_commit::<E>)
    }

    pub(super) fn reply(self, committed: &Result<(), Lost>) {
        for refresh in self.refreshes {
            Job::<E>::reply(Box::new(refresh), committed.clone());
        }
        for job in self.jobs {
            job.reply(committed.clone());
        }
    }
}

fn done<E: Engine>(outcome: Outcome) -> Result<bool, Trouble> {
    match outcome {
        Outcome::Done => Ok(true),
        Outcome::Failed => Ok(false),
        Outcome::Retry(error) => Err(Trouble::before_commit::<E>(error)),
    }
}

/// Runs a job in a savepoint: one that fails takes nothing of its neighbours with it.
async fn run_apart<E: Engine>(job: &mut dyn Job<E>, transaction: &mut Transaction<E>) -> Result<(), Trouble> {
    transaction
        .savepoint()
        .await
        .map_err(Trouble::before_commit::<E>)?;
    // After a transient error the whole transaction is rolled back, and may be broken already.
    let is_done = done::<E>(job.run(transaction).await)?;
    let ended = transaction.end_savepoint(is_done).await;
    ended.map_err(Trouble::before_commit::<E>)
}

async fn finish<E: Engine>(transaction: &mut Transaction<E>) -> Result<(), Trouble> {
    transaction.finish().await.map_err(Trouble::before_commit::<E>)
}

pub(super) async fn roll_back<E: Engine>(transaction: &mut Transaction<E>) -> Result<(), Trouble> {
    let rolled_back = async { transaction.roll_back().await.map_err(Trouble::before_commit::<E>) };
    within::<E, _>(rolled_back).await
}

async fn commit<E: Engine>(transaction: &mut Transaction<E>) -> Result<(), Trouble> {
    let committed = patiently::<E, _>(transaction.commit()).await;
    committed
        .and_then(|committed| committed)
        .map_err(|error| Trouble::of(E::fate_at_commit(&error), Arc::new(error)))
}

/// Gives a group up if the engine falls silent. It is before COMMIT, so nothing of the group was kept.
async fn within<E: Engine, T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    patiently::<E, _>(work)
        .await
        .unwrap_or_else(|silence| Err(Trouble::Final(Lost::Refused(Arc::new(silence)))))
}

/// Gives up on an engine that falls silent.
async fn patiently<E: Engine, T>(work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    let silence = || io::Error::new(io::ErrorKind::TimedOut, "the database has fallen silent").into();
    match E::PATIENCE {
        Some(patience) => tokio::time::timeout(patience, work).await.map_err(|_| silence()),
        None => Ok(work.await),
    }
}
