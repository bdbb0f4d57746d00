use super::audit;
use crate::{
    model::session::EndReason,
    store::{Restored, StoreError, engine::Engine, restored::JUMP, sql::sql, transaction::Transaction},
};

/// Revokes everything that was issued, in the transaction of its cause. Returns how many sessions ended.
pub(in crate::store) async fn revoke_everything<E: Engine>(
    transaction: &mut Transaction<E>,
    restored: Restored,
) -> Result<u64, StoreError> {
    audit::begin_proofs(transaction, restored.at).await?;
    let statement = sql(
        "UPDATE users SET version = version + $1, \
                          device_epoch = CASE WHEN version > device_epoch THEN version ELSE device_epoch END + $1, \
                          reset_code = NULL, reset_until = NULL",
    )
    .bind(JUMP);
    transaction.execute(statement).await?;
    let ended = transaction
        .execute(
            sql("UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL")
                .bind(restored.at)
                .bind(EndReason::Restored.as_str()),
        )
        .await?;
    transaction
        .execute(sql("UPDATE service_accounts SET version = version + $1").bind(JUMP))
        .await?;
    // Some were used since.
    transaction.execute(sql("DELETE FROM ceremonies")).await?;
    E::skip_revocations(&mut transaction.connection, JUMP).await?;
    transaction
        .execute(sql("UPDATE standing SET accepted_from = $1").bind(restored.accepted_from()))
        .await?;
    transaction.record(&restored.event(ended));
    Ok(ended)
}
