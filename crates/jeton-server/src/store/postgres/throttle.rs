use async_trait::async_trait;

use super::{PostgresStore, transaction::Transaction};
use crate::{
    model::{
        audit::Event,
        known_device::DeviceNonce,
        throttle::{AccountKey, Admission, Claimant, Limits, Tally},
        time::Timestamp,
    },
    store::{StoreError, Throttle, rows, writer::Touches},
};

/// The time of the last attempt in a row that has seen none yet.
const NEVER: Timestamp = Timestamp::from_seconds(0);

#[async_trait]
impl Throttle for PostgresStore {
    async fn admit(&self, who: &Claimant, limits: &Limits, now: Timestamp) -> Result<Admission, StoreError> {
        let (who, limits) = (*who, *limits);
        self.writer
            .run_on(touches(&who.account), move |transaction| {
                Box::pin(async move { admit(transaction, &who, &limits, now).await })
            })
            .await
    }

    async fn withdraw(&self, who: &Claimant, refused: u32) -> Result<(), StoreError> {
        let who = *who;
        self.writer
            .run_on(touches(&who.account), move |transaction| {
                Box::pin(async move { withdraw(transaction, &who, refused).await })
            })
            .await
    }

    async fn unlock(&self, account: &AccountKey, event: &Event) -> Result<bool, StoreError> {
        let (account, event) = (*account, event.clone());
        self.writer
            .run_on(touches(&account), move |transaction| {
                Box::pin(async move { unlock(transaction, &account, &event).await })
            })
            .await
    }
}

fn touches(account: &AccountKey) -> Touches {
    Touches::row(*account.as_bytes())
}

async fn admit(
    transaction: &mut Transaction,
    who: &Claimant,
    limits: &Limits,
    now: Timestamp,
) -> Result<Admission, StoreError> {
    let before = Some(hold(transaction, who).await?).filter(|tally| tally.last_failed_at != NEVER);
    let (tally, admission) = limits.attempt(who, before, now);
    sqlx::query(
        "UPDATE throttle SET failures = $3, last_failed_at = $4, refused = $5, forget_at = $6 \
         WHERE account = $1 AND device = $2",
    )
    .bind(&who.account.as_bytes()[..])
    .bind(device(who))
    .bind(i64::from(tally.failures))
    .bind(tally.last_failed_at.seconds())
    .bind(i64::from(tally.refused))
    .bind(limits.forget_at(who, &tally).map(Timestamp::seconds))
    .execute(&mut transaction.connection)
    .await?;
    Ok(admission)
}

/// Takes the row, after making one if need be: one statement, so that nobody takes or forgets it in between.
async fn hold(transaction: &mut Transaction, who: &Claimant) -> Result<Tally, StoreError> {
    let row = sqlx::query(
        "INSERT INTO throttle (account, device, failures, last_failed_at, refused) VALUES ($1, $2, 0, $3, 0) \
         ON CONFLICT (account, device) DO UPDATE SET failures = throttle.failures \
         RETURNING failures, last_failed_at, refused",
    )
    .bind(&who.account.as_bytes()[..])
    .bind(device(who))
    .bind(NEVER.seconds())
    .fetch_one(&mut transaction.connection)
    .await?;
    rows::tally(&row)
}

/// The time of the attempt stays: whoever had to wait before it waits as long again, and no longer.
async fn withdraw(transaction: &mut Transaction, who: &Claimant, refused: u32) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE throttle SET failures = failures - 1, refused = refused + $1 \
         WHERE account = $2 AND device = $3 AND failures > 0",
    )
    .bind(i64::from(refused))
    .bind(&who.account.as_bytes()[..])
    .bind(device(who))
    .execute(&mut transaction.connection)
    .await?;
    Ok(())
}

async fn unlock(
    transaction: &mut Transaction,
    account: &AccountKey,
    event: &Event,
) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("DELETE FROM throttle WHERE account = $1")
        .bind(&account.as_bytes()[..])
        .execute(&mut transaction.connection)
        .await?;
    let any = forgotten.rows_affected() > 0;
    if any {
        transaction.record(event);
    }
    Ok(any)
}

/// Forgets failures in the transaction of the success after them.
pub(super) async fn forgive(transaction: &mut Transaction, who: &Claimant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM throttle WHERE account = $1 AND device = $2")
        .bind(&who.account.as_bytes()[..])
        .bind(device(who))
        .execute(&mut transaction.connection)
        .await?;
    Ok(())
}

/// Forgets some of the failures that no longer matter.
pub(super) async fn prune(
    transaction: &mut Transaction,
    now: Timestamp,
    batch: i64,
) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM throttle WHERE (account, device) IN \
             (SELECT account, device FROM throttle WHERE forget_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind(now.seconds())
    .bind(batch)
    .execute(&mut transaction.connection)
    .await?;
    Ok(forgotten.rows_affected())
}

/// Devices nobody knows share the row of the empty one.
fn device(who: &Claimant) -> &[u8] {
    who.device
        .as_ref()
        .map_or(&[], |nonce| &DeviceNonce::as_bytes(nonce)[..])
}
