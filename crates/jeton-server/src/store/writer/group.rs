//! What shares one commit.

use std::{io, sync::Arc};

use super::{
    Engine, Lost,
    unit::{Refresh, Unit, Worked},
};
use crate::{
    model::id::{SessionId, UserId},
    store::StoreError,
};

pub(super) struct Group<E: Engine> {
    pub(super) refreshes: Vec<Refresh>,
    pub(super) units: Vec<Box<dyn Unit<E>>>,
}

/// Why a group was not written this time.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing was kept, and the same again may succeed.
    Passing(Arc<sqlx::Error>),
    /// It is over.
    Final(Lost),
}

impl Trouble {
    pub(super) fn before_commit<E: Engine>(error: impl Into<Arc<sqlx::Error>>) -> Self {
        let error = error.into();
        if E::is_passing(&error) {
            Self::Passing(error)
        } else {
            Self::Final(Lost::Refused(error))
        }
    }

    fn at_commit<E: Engine>(error: sqlx::Error) -> Self {
        if E::is_unknown(&error) {
            Self::Final(Lost::Unknown(Arc::new(error)))
        } else {
            Self::before_commit::<E>(error)
        }
    }

    /// The connection does not answer, or is at a place in its protocol that nobody knows.
    pub(super) fn is_of_the_connection(&self) -> bool {
        let (Self::Passing(error) | Self::Final(Lost::Refused(error) | Lost::Unknown(error))) = self;
        !matches!(**error, sqlx::Error::Database(_))
    }
}

/// Whether every piece of work went well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Together {
    Well,
    /// One did not, and what the others wrote would go with it.
    Badly,
}

impl<E: Engine> Group<E> {
    pub(super) const fn new() -> Self {
        Self {
            refreshes: Vec::new(),
            units: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.refreshes.len() + self.units.len()
    }

    /// Puts its work into the order in which every group goes through what it changes.
    pub(super) fn sort(&mut self) {
        self.units
            .sort_by(|one, other| one.touches().other.cmp(&other.touches().other));
    }

    /// Runs everything in one transaction. First without savepoints; when something about one of them is wrong,
    /// each in its own, so that this one alone has the error.
    pub(super) async fn write(&mut self, connection: &mut E::Connection) -> Result<(), Trouble> {
        if within::<E, _>(self.write_together(connection)).await? == Together::Badly {
            roll_back::<E>(connection).await?;
            if self.len() == 1 {
                // The error is its own, and there is nothing to commit.
                return Ok(());
            }
            within::<E, _>(self.write_apart(connection)).await?;
        }
        commit::<E>(connection).await
    }

    async fn write_together(&mut self, connection: &mut E::Connection) -> Result<Together, Trouble> {
        self.begin(connection).await?;
        if self.refresh_together(connection).await? == Together::Badly {
            return Ok(Together::Badly);
        }
        for unit in &mut self.units {
            match unit.work(connection).await {
                Worked::Well => {}
                Worked::Badly => return Ok(Together::Badly),
                Worked::Interrupted(error) => return Err(Trouble::before_commit::<E>(error)),
            }
        }
        finish::<E>(connection).await?;
        Ok(Together::Well)
    }

    async fn refresh_together(&mut self, connection: &mut E::Connection) -> Result<Together, Trouble> {
        let worked = match &mut self.refreshes[..] {
            [] => Worked::Well,
            [refresh] => Unit::<E>::work(refresh, connection).await,
            refreshes => {
                let requests: Vec<_> = refreshes.iter().map(|refresh| &refresh.request).collect();
                match E::rotate(connection, &requests).await {
                    Ok(rotations) => {
                        for (refresh, rotation) in refreshes.iter_mut().zip(rotations) {
                            refresh.answer(rotation);
                        }
                        Worked::Well
                    }
                    Err(StoreError::Busy(error) | StoreError::Engine(error)) if E::is_passing(&error) => {
                        Worked::Interrupted(error)
                    }
                    Err(_) => Worked::Badly,
                }
            }
        };
        match worked {
            Worked::Well => Ok(Together::Well),
            Worked::Badly => Ok(Together::Badly),
            Worked::Interrupted(error) => Err(Trouble::before_commit::<E>(error)),
        }
    }

    async fn write_apart(&mut self, connection: &mut E::Connection) -> Result<(), Trouble> {
        self.begin(connection).await?;
        for refresh in &mut self.refreshes {
            write_alone::<E>(refresh, connection).await?;
        }
        for unit in &mut self.units {
            write_alone::<E>(unit.as_mut(), connection).await?;
        }
        finish::<E>(connection).await
    }

    async fn begin(&mut self, connection: &mut E::Connection) -> Result<(), Trouble> {
        let users: Vec<UserId> = self
            .units
            .iter()
            .flat_map(|unit| &unit.touches().users)
            .copied()
            .collect();
        let sessions: Vec<SessionId> = self
            .refreshes
            .iter()
            .map(|refresh| refresh.presented().session)
            .collect();
        E::begin(connection, &users, &sessions)
            .await
            .map_err(Trouble::before_commit::<E>)
    }

    pub(super) fn settle(self, committed: &Result<(), Lost>) {
        for refresh in self.refreshes {
            Unit::<E>::settle(Box::new(refresh), committed.clone());
        }
        for unit in self.units {
            unit.settle(committed.clone());
        }
    }
}

async fn finish<E: Engine>(connection: &mut E::Connection) -> Result<(), Trouble> {
    E::finish(connection).await.map_err(Trouble::before_commit::<E>)
}

pub(super) async fn roll_back<E: Engine>(connection: &mut E::Connection) -> Result<(), Trouble> {
    let rolled_back = async {
        E::roll_back(connection)
            .await
            .map_err(Trouble::before_commit::<E>)
    };
    within::<E, _>(rolled_back).await
}

async fn commit<E: Engine>(connection: &mut E::Connection) -> Result<(), Trouble> {
    let committed = patiently::<E, _>(E::commit(connection)).await;
    committed
        .and_then(|committed| committed)
        .map_err(Trouble::at_commit::<E>)
}

/// In a savepoint: what fails must not take its neighbours with it.
async fn write_alone<E: Engine>(
    unit: &mut dyn Unit<E>,
    connection: &mut E::Connection,
) -> Result<(), Trouble> {
    let failed = Trouble::before_commit::<E>;
    E::savepoint(connection).await.map_err(failed)?;
    match unit.work(connection).await {
        Worked::Well => {}
        Worked::Badly => E::roll_back_to_savepoint(connection).await.map_err(failed)?,
        Worked::Interrupted(error) => return Err(Trouble::before_commit::<E>(error)),
    }
    E::release_savepoint(connection).await.map_err(failed)
}

async fn within<E: Engine, T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    patiently::<E, _>(work)
        .await
        .unwrap_or_else(|silence| Err(Trouble::Final(Lost::Refused(Arc::new(silence)))))
}

/// Gives up on an engine that has fallen silent.
async fn patiently<E: Engine, T>(work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    let silence = || io::Error::new(io::ErrorKind::TimedOut, "the database has fallen silent").into();
    match E::PATIENCE {
        Some(patience) => tokio::time::timeout(patience, work).await.map_err(|_| silence()),
        None => Ok(work.await),
    }
}
