//! Facts about the database as a whole.

use async_trait::async_trait;

use super::Database;
use crate::{
    model::time::Timestamp,
    store::{
        DatabaseState, Relocation, StoreError,
        engine::Engine,
        rows::{self, Columns, select},
        sql::{Connection, sql},
    },
};

#[async_trait]
impl<E: Engine> DatabaseState for Database<E> {
    async fn kept_time(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = self.fetch_one(sql("SELECT confirmed FROM standing")).await?;
        let seconds: Option<i64> = row.try_get("confirmed")?;
        Ok(seconds.map(Timestamp::from_seconds))
    }

    async fn keep_time(&self, time: Timestamp) -> Result<(), StoreError> {
        self.set("UPDATE standing SET confirmed = $1", time.seconds())
            .await
    }

    async fn has_begun(&self) -> Result<bool, StoreError> {
        let statement = sql(
            "SELECT CAST(CASE WHEN begun = 1 OR EXISTS (SELECT 1 FROM users) THEN 1 ELSE 0 END AS BIGINT) AS begun \
             FROM standing",
        );
        let row = self.fetch_one(statement).await?;
        Ok(row.try_get::<i64>("begun")? == 1)
    }

    async fn begin(&self) -> Result<(), StoreError> {
        self.set("UPDATE standing SET begun = $1", 1).await
    }
}

impl<E: Engine> Database<E> {
    pub(super) async fn set(&self, statement: &'static str, value: i64) -> Result<(), StoreError> {
        self.writer
            .run(move |transaction| {
                Box::pin(async move {
                    transaction.execute(sql(statement).bind(value)).await?;
                    Ok(())
                })
            })
            .await
    }
}

pub(in crate::store) async fn read<C: Connection>(connection: &mut C) -> Result<Relocation, StoreError> {
    let row = connection
        .fetch_one(sql("SELECT move, other FROM standing"))
        .await?;
    rows::relocation(&row)
}

/// The time before which issued tokens are refused. Fails once the database was moved; during a move, nothing is
/// revoked anywhere.
pub(super) async fn accepted_from<C: Connection>(
    connection: &mut C,
) -> Result<Option<Timestamp>, StoreError> {
    let row = connection.fetch_one(sql(select!(standing, ""))).await?;
    match rows::relocation(&row)? {
        moved @ Relocation::Moved { .. } => Err(StoreError::Moving(moved)),
        _ => rows::accepted_from(&row),
    }
}

/// Fails if the database takes part in a move: until that is over, it is not served from.
pub(in crate::store) async fn in_use<C: Connection>(connection: &mut C) -> Result<(), StoreError> {
    match read(connection).await? {
        Relocation::InUse => Ok(()),
        other => Err(StoreError::Moving(other)),
    }
}

pub(in crate::store) async fn write<C: Connection>(
    connection: &mut C,
    relocation: &Relocation,
) -> Result<(), StoreError> {
    let (state, other) = relocation.columns();
    let statement = sql("UPDATE standing SET move = $1, other = $2")
        .bind(state)
        .bind(other);
    connection.execute(statement).await?;
    Ok(())
}
