//! What holds for the database as a whole.

use sqlx::{PgConnection, PgExecutor};

use crate::{
    model::time::Timestamp,
    store::{Relocation, StoreError, rows},
};

pub(super) async fn read(executor: impl PgExecutor<'_>) -> Result<Relocation, StoreError> {
    let row = sqlx::query("SELECT move, other FROM standing")
        .fetch_one(executor)
        .await?;
    rows::relocation(&row)
}

/// Fails once the database was moved; while it is being moved, nothing is called back anywhere.
pub(super) async fn accepted_from(executor: impl PgExecutor<'_>) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query("SELECT * FROM standing").fetch_one(executor).await?;
    match rows::relocation(&row)? {
        moved @ Relocation::Moved { .. } => Err(StoreError::Moving(moved)),
        _ => rows::accepted_from(&row),
    }
}

/// A database that a move is not done with is not served from.
pub(super) async fn in_use(connection: &mut PgConnection) -> Result<(), StoreError> {
    match read(connection).await? {
        Relocation::InUse => Ok(()),
        other => Err(StoreError::Moving(other)),
    }
}

pub(super) async fn write(connection: &mut PgConnection, relocation: &Relocation) -> Result<(), StoreError> {
    let (state, other) = relocation.columns();
    sqlx::query("UPDATE standing SET move = $1, other = $2")
        .bind(state)
        .bind(other)
        .execute(connection)
        .await?;
    Ok(())
}
