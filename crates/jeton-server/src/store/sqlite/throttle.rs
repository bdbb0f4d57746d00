use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::{SqliteStore, audit};
use crate::{
    model::{
        audit::Event,
        known_device::DeviceNonce,
        throttle::{AccountKey, Admission, Claimant, Limits},
        time::Timestamp,
    },
    store::{StoreError, Throttle, rows},
};

#[async_trait]
impl Throttle for SqliteStore {
    async fn admit(&self, who: &Claimant, limits: &Limits, now: Timestamp) -> Result<Admission, StoreError> {
        let (who, limits) = (*who, *limits);
        self.writer
            .run(move |connection| Box::pin(async move { admit(connection, &who, &limits, now).await }))
            .await
    }

    async fn withdraw(&self, who: &Claimant, refused: u32) -> Result<(), StoreError> {
        let who = *who;
        self.writer
            .run(move |connection| Box::pin(async move { withdraw(connection, &who, refused).await }))
            .await
    }

    async fn unlock(&self, account: &AccountKey, event: &Event) -> Result<bool, StoreError> {
        let (account, event) = (*account, event.clone());
        self.writer
            .run(move |connection| Box::pin(async move { unlock(connection, &account, &event).await }))
            .await
    }
}

async fn admit(
    connection: &mut SqliteConnection,
    who: &Claimant,
    limits: &Limits,
    now: Timestamp,
) -> Result<Admission, StoreError> {
    let row = sqlx::query(
        "SELECT failures, last_failed_at, refused FROM throttle WHERE account = ? AND device = ?",
    )
    .bind(&who.account.as_bytes()[..])
    .bind(device(who))
    .fetch_optional(&mut *connection)
    .await?;
    let before = row.as_ref().map(rows::tally).transpose()?;
    let (tally, admission) = limits.attempt(who, before, now);
    sqlx::query(
        "INSERT INTO throttle (account, device, failures, last_failed_at, refused, forget_at) \
         VALUES (?, ?, ?, ?, ?, ?) \
         ON CONFLICT (account, device) DO UPDATE SET failures = excluded.failures, \
             last_failed_at = excluded.last_failed_at, refused = excluded.refused, forget_at = excluded.forget_at",
    )
    .bind(&who.account.as_bytes()[..])
    .bind(device(who))
    .bind(tally.failures)
    .bind(tally.last_failed_at.seconds())
    .bind(tally.refused)
    .bind(limits.forget_at(who, &tally).map(Timestamp::seconds))
    .execute(connection)
    .await?;
    Ok(admission)
}

/// The time of the attempt stays: whoever had to wait before it waits as long again, and no longer.
async fn withdraw(connection: &mut SqliteConnection, who: &Claimant, refused: u32) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE throttle SET failures = failures - 1, refused = refused + ? \
         WHERE account = ? AND device = ? AND failures > 0",
    )
    .bind(refused)
    .bind(&who.account.as_bytes()[..])
    .bind(device(who))
    .execute(connection)
    .await?;
    Ok(())
}

async fn unlock(
    connection: &mut SqliteConnection,
    account: &AccountKey,
    event: &Event,
) -> Result<bool, StoreError> {
    let forgotten = sqlx::query("DELETE FROM throttle WHERE account = ?")
        .bind(&account.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    let any = forgotten.rows_affected() > 0;
    if any {
        audit::insert(connection, event).await?;
    }
    Ok(any)
}

/// Forgets failures in the transaction of the success after them.
pub(super) async fn forgive(connection: &mut SqliteConnection, who: &Claimant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM throttle WHERE account = ? AND device = ?")
        .bind(&who.account.as_bytes()[..])
        .bind(device(who))
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets some of the failures that no longer matter.
pub(super) async fn prune(
    connection: &mut SqliteConnection,
    now: Timestamp,
    batch: i64,
) -> Result<u64, StoreError> {
    let forgotten = sqlx::query(
        "DELETE FROM throttle WHERE (account, device) IN \
             (SELECT account, device FROM throttle WHERE forget_at <= ? LIMIT ?)",
    )
    .bind(now.seconds())
    .bind(batch)
    .execute(connection)
    .await?;
    Ok(forgotten.rows_affected())
}

/// Devices nobody knows share the row of the empty one.
fn device(who: &Claimant) -> &[u8] {
    who.device
        .as_ref()
        .map_or(&[], |nonce| &DeviceNonce::as_bytes(nonce)[..])
}
