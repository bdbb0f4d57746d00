use super::transaction::Transaction;
use crate::{
    model::session::EndReason,
    store::{Restored, StoreError, restored::JUMP},
};

/// Calls back everything that was issued, in the transaction of what asks for it. How many sessions ended.
pub(super) async fn call_everything_back(
    transaction: &mut Transaction,
    restored: Restored,
) -> Result<u64, StoreError> {
    sqlx::query("UPDATE users SET version = version + $1, reset_code = NULL, reset_until = NULL")
        .bind(JUMP)
        .execute(&mut transaction.connection)
        .await?;
    let ended = sqlx::query("UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL")
        .bind(restored.at.seconds())
        .bind(EndReason::Restored.as_str())
        .execute(&mut transaction.connection)
        .await?;
    sqlx::query("UPDATE service_accounts SET version = version + $1")
        .bind(JUMP)
        .execute(&mut transaction.connection)
        .await?;
    sqlx::query("UPDATE counters SET value = value + $1 WHERE name = 'revocations'")
        .bind(JUMP)
        .execute(&mut transaction.connection)
        .await?;
    sqlx::query("UPDATE standing SET accepted_from = $1")
        .bind(restored.accepted_from().seconds())
        .execute(&mut transaction.connection)
        .await?;
    transaction.record(&restored.event(ended.rows_affected()));
    Ok(ended.rows_affected())
}
