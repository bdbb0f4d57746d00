//! The store, written once for every engine.

use std::{fmt, sync::Arc, time::SystemTime};

use async_trait::async_trait;

use super::{
    Store, StoreError,
    engine::{Engine, RowOf},
    rows,
    sql::{Connection, Statement, sql},
    trail::SignerSlot,
    writer::Writer,
};

pub(super) mod acting;
pub(super) mod audit;
mod ceremonies;
mod clients;
mod grant_ends;
mod grants;
pub(super) mod keys;
mod outbox;
mod owners;
pub(super) mod restored;
mod revocations;
pub(super) mod rotation;
mod sessions;
mod sign_outs;
pub(super) mod state;
mod throttle;
mod users;

/// How many rows one clean-up takes: few enough that no request waits for it.
const BATCH: i64 = 500;

pub(super) struct Database<E: Engine> {
    engine: Arc<E>,
    writer: Writer<E>,
    signer: SignerSlot,
}

impl<E: Engine> Database<E> {
    /// Opens the connection that writes; others are opened as they are needed.
    pub(super) async fn open(engine: E) -> Result<Self, StoreError> {
        let (engine, signer) = (Arc::new(engine), SignerSlot::default());
        let writer = Writer::open(Arc::clone(&engine), SignerSlot::clone(&signer)).await?;
        Ok(Self {
            engine,
            writer,
            signer,
        })
    }

    async fn fetch_one(&self, statement: Statement<'_>) -> Result<RowOf<E>, StoreError> {
        Ok(self.engine.reader().await?.fetch_one(statement).await?)
    }

    async fn fetch_optional(&self, statement: Statement<'_>) -> Result<Option<RowOf<E>>, StoreError> {
        Ok(self.engine.reader().await?.fetch_optional(statement).await?)
    }

    async fn fetch_all(&self, statement: Statement<'_>) -> Result<Vec<RowOf<E>>, StoreError> {
        Ok(self.engine.reader().await?.fetch_all(statement).await?)
    }

    async fn try_out(&self) -> Result<(), StoreError> {
        self.engine.try_reading().await?;
        self.set("UPDATE standing SET id = $1", 1).await
    }
}

impl<E: Engine> fmt::Debug for Database<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

pub(super) async fn time<C: Connection>(
    connection: &mut C,
    now: &'static str,
) -> Result<SystemTime, StoreError> {
    rows::milliseconds(&connection.fetch_one(sql(now)).await?, "now")
}

#[async_trait]
impl<E: Engine> Store for Database<E> {
    async fn database_time(&self) -> Result<SystemTime, StoreError> {
        self.writer.alive()?;
        time(&mut *self.engine.reader().await?, E::NOW).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer.alive()?;
        self.engine.is_in_place()?;
        self.writer.trial().passes(self.try_out()).await
    }

    async fn close(&self) {
        self.engine.close_readers().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::sql;
    use crate::store::{DatabaseState, StoreError, sqlite};

    #[tokio::test]
    async fn a_job_that_panics_has_an_error_and_the_next_is_written() {
        let home = tempdir().unwrap();
        let url = format!("sqlite://{}", home.path().join("jeton.db").display());
        let database = sqlite::open(&url).await.unwrap();
        let panicked = database
            .writer
            .run(|transaction| {
                Box::pin(async move {
                    transaction.execute(sql("UPDATE standing SET begun = 0")).await?;
                    panic!("as a defect would");
                })
            })
            .await;
        let panicked: Result<(), StoreError> = panicked;
        assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
        database.begin().await.unwrap();
        assert!(database.has_begun().await.unwrap());
    }
}
