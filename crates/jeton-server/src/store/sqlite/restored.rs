use sqlx::SqliteConnection;

use super::audit;
use crate::{
    model::session::EndReason,
    store::{Restored, StoreError, restored::JUMP},
};

/// Calls back everything that was issued, in the transaction of what asks for it. How many sessions ended.
pub(super) async fn call_everything_back(
    connection: &mut SqliteConnection,
    restored: Restored,
) -> Result<u64, StoreError> {
    sqlx::query("UPDATE users SET version = version + ?, reset_code = NULL, reset_until = NULL")
        .bind(JUMP)
        .execute(&mut *connection)
        .await?;
    let ended = sqlx::query("UPDATE sessions SET ended_at = ?, end_reason = ? WHERE ended_at IS NULL")
        .bind(restored.at.seconds())
        .bind(EndReason::Restored.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE service_accounts SET version = version + ?")
        .bind(JUMP)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'revocations', 0 \
         WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'revocations')",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'revocations'")
        .bind(JUMP)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE standing SET accepted_from = ?")
        .bind(restored.accepted_from().seconds())
        .execute(&mut *connection)
        .await?;
    audit::insert(connection, &restored.event(ended.rows_affected())).await?;
    Ok(ended.rows_affected())
}
