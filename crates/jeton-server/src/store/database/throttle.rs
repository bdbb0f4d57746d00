use async_trait::async_trait;

use super::{Database, acting};
use crate::{
    model::{
        audit::Event,
        known_device::DeviceNonce,
        throttle::{AccountKey, Admission, Claimant, Counted, Limits, Tally},
        time::Timestamp,
    },
    store::{
        StoreError, Throttle,
        engine::Engine,
        rows,
        sql::{Connection, Statement, sql},
        transaction::Transaction,
        writer::RowLocks,
    },
};

/// The time of the last attempt in a row that has seen none yet.
const NEVER: Timestamp = Timestamp::from_seconds(0);

#[async_trait]
impl<E: Engine> Throttle for Database<E> {
    async fn admit(&self, who: &Claimant, limits: &Limits, now: Timestamp) -> Result<Admission, StoreError> {
        let (who, limits) = (*who, *limits);
        self.writer
            .run_on(locks(&who.account), move |transaction| {
                Box::pin(async move { admit(transaction, &who, &limits, now).await })
            })
            .await
    }

    async fn withdraw(&self, attempt: &Counted) -> Result<(), StoreError> {
        let attempt = *attempt;
        self.writer
            .run_on(locks(&attempt.who.account), move |transaction| {
                Box::pin(async move { take_back(transaction, &attempt, Counted::withdrawn).await })
            })
            .await
    }

    async fn unlock(&self, account: &AccountKey, event: &Event) -> Result<bool, StoreError> {
        let (account, event) = (*account, event.clone());
        self.writer
            .run_on(locks(&account).by(event.by), move |transaction| {
                Box::pin(async move {
                    acting::must_administrate(transaction, event.by).await?;
                    unlock(transaction, &account, &event).await
                })
            })
            .await
    }
}

fn locks(account: &AccountKey) -> RowLocks {
    RowLocks::row(*account.as_bytes())
}

async fn admit<E: Engine>(
    transaction: &mut Transaction<E>,
    who: &Claimant,
    limits: &Limits,
    now: Timestamp,
) -> Result<Admission, StoreError> {
    // Nearly every attempt is the first in a long time: that takes one statement.
    let (first, admission) = limits.attempt(who, None, now);
    if insert(transaction, who, &first, limits.forget_at(who, &first)).await? {
        return Ok(admission);
    }
    let before = Some(hold(transaction, who).await?).filter(|tally| tally.last_failed_at != NEVER);
    let (tally, admission) = limits.attempt(who, before, now);
    write(transaction, who, &tally, limits.forget_at(who, &tally)).await?;
    Ok(admission)
}

/// Makes the row, unless there is one.
async fn insert<E: Engine>(
    transaction: &mut Transaction<E>,
    who: &Claimant,
    tally: &Tally,
    forget_at: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let statement = sql(
        "INSERT INTO throttle (account, device, failures, last_failed_at, refused, forget_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(who.account.as_bytes())
    .bind(device(who))
    .bind(tally.failures)
    .bind(tally.last_failed_at)
    .bind(tally.refused)
    .bind(forget_at);
    Ok(transaction.execute(statement).await? == 1)
}

/// Locks the row, making it if need be: in one statement, so that nobody takes or forgets it in between.
async fn hold<E: Engine>(transaction: &mut Transaction<E>, who: &Claimant) -> Result<Tally, StoreError> {
    let held = sql(
        "INSERT INTO throttle (account, device, failures, last_failed_at, refused) VALUES ($1, $2, 0, $3, 0) \
         ON CONFLICT (account, device) DO UPDATE SET failures = throttle.failures \
         RETURNING failures, last_failed_at, refused",
    )
    .bind(who.account.as_bytes())
    .bind(device(who))
    .bind(NEVER);
    rows::tally(&transaction.connection.fetch_one(held).await?)
}

/// Writes the failures as they are without an attempt.
async fn take_back<E: Engine>(
    transaction: &mut Transaction<E>,
    attempt: &Counted,
    without: fn(&Counted, Tally) -> Option<Tally>,
) -> Result<(), StoreError> {
    // Nearly always nobody tried since: that takes one statement.
    if replace(transaction, attempt, &attempt.tally(), without).await? {
        return Ok(());
    }
    let there = of(
        sql("SELECT failures, last_failed_at, refused FROM throttle"),
        &attempt.who,
    );
    let row = transaction.fetch_for_update(there).await?;
    let Some(row) = row else {
        // The account was unlocked meanwhile.
        return Ok(());
    };
    replace(transaction, attempt, &rows::tally(&row)?, without)
        .await
        .map(drop)
}

/// Writes the failures as they are without an attempt, if they are still those.
async fn replace<E: Engine>(
    transaction: &mut Transaction<E>,
    attempt: &Counted,
    there: &Tally,
    without: fn(&Counted, Tally) -> Option<Tally>,
) -> Result<bool, StoreError> {
    let statement = match without(attempt, *there) {
        Some(tally) => set(&tally, attempt.forget_at(&tally)),
        None => sql("DELETE FROM throttle"),
    };
    let statement = of(statement, &attempt.who)
        .push_bind(" AND failures = ", there.failures)
        .push_bind(" AND last_failed_at = ", there.last_failed_at)
        .push_bind(" AND refused = ", there.refused);
    Ok(transaction.execute(statement).await? == 1)
}

async fn write<E: Engine>(
    transaction: &mut Transaction<E>,
    who: &Claimant,
    tally: &Tally,
    forget_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let statement = of(set(tally, forget_at), who);
    transaction.execute(statement).await?;
    Ok(())
}

/// Writes failures to the rows that are named next.
fn set<'q>(tally: &Tally, forget_at: Option<Timestamp>) -> Statement<'q> {
    sql("UPDATE throttle SET failures = $1, last_failed_at = $2, refused = $3, forget_at = $4")
        .bind(tally.failures)
        .bind(tally.last_failed_at)
        .bind(tally.refused)
        .bind(forget_at)
}

/// A statement on the row of a claimant.
fn of<'q>(statement: Statement<'q>, who: &'q Claimant) -> Statement<'q> {
    statement
        .push_bind(" WHERE account = ", who.account.as_bytes())
        .push_bind(" AND device = ", device(who))
}

async fn unlock<E: Engine>(
    transaction: &mut Transaction<E>,
    account: &AccountKey,
    event: &Event,
) -> Result<bool, StoreError> {
    let forgotten = transaction
        .execute(sql("DELETE FROM throttle WHERE account = $1").bind(account.as_bytes()))
        .await?;
    let any = forgotten > 0;
    if any {
        transaction.record(event);
    }
    Ok(any)
}

/// Takes an attempt back in the transaction of its success.
pub(super) async fn forgive<E: Engine>(
    transaction: &mut Transaction<E>,
    attempt: &Counted,
) -> Result<(), StoreError> {
    take_back(transaction, attempt, Counted::succeeded).await
}

/// The device's column. Unknown devices share the row of the empty one.
fn device(who: &Claimant) -> &[u8] {
    who.device
        .as_ref()
        .map_or(&[], |nonce| &DeviceNonce::as_bytes(nonce)[..])
}
