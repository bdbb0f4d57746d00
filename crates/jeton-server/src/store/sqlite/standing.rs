//! What holds for the database as a whole.

use sqlx::{SqliteConnection, SqliteExecutor};

use crate::{
    model::time::Timestamp,
    store::{Relocation, StoreError, rows},
};

pub(super) async fn read(executor: impl SqliteExecutor<'_>) -> Result<Relocation, StoreError> {
    let row = sqlx::query("SELECT move, other FROM standing")
        .fetch_one(executor)
        .await?;
    rows::relocation(&row)
}

/// Fails once the database was moved; while it is being moved, nothing is called back anywhere.
pub(super) async fn accepted_from(
    executor: impl SqliteExecutor<'_>,
) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query("SELECT * FROM standing").fetch_one(executor).await?;
    match rows::relocation(&row)? {
        moved @ Relocation::Moved { .. } => Err(StoreError::Moving(moved)),
        _ => rows::accepted_from(&row),
    }
}

/// A database that a move is not done with is not served from.
pub(super) async fn in_use(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    match read(connection).await? {
        Relocation::InUse => Ok(()),
        other => Err(StoreError::Moving(other)),
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    relocation: &Relocation,
) -> Result<(), StoreError> {
    let (state, other) = relocation.columns();
    sqlx::query("UPDATE standing SET move = ?, other = ?")
        .bind(state)
        .bind(other)
        .execute(connection)
        .await?;
    Ok(())
}
