use async_trait::async_trait;

use super::{BATCH, Database, acting, ceremonies, outbox, state};
use crate::{
    model::{
        audit::Event,
        revocation::{Numbered, Revocation},
        time::Timestamp,
    },
    store::{
        REVOCATIONS_PAGE, Revocations, StoreError,
        engine::Engine,
        rows::{self, Columns},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

#[async_trait]
impl<E: Engine> Revocations for Database<E> {
    async fn revoke(&self, revocation: &Revocation, event: &Event) -> Result<(), StoreError> {
        let (revocation, event) = (*revocation, event.clone());
        self.writer
            .run_on(RowLocks::default().by(event.by), move |transaction| {
                Box::pin(async move {
                    acting::must_administrate(transaction, event.by).await?;
                    transaction.revoke(&revocation);
                    transaction.record(&event);
                    Ok(())
                })
            })
            .await
    }

    async fn revocations_after(&self, after: i64, now: Timestamp) -> Result<Vec<Numbered>, StoreError> {
        let statement = sql("SELECT number, kind, target, version, until FROM revocations \
             WHERE number > $1 AND until > $2 ORDER BY number")
        .bind(after)
        .bind(now)
        .limit(i64::try_from(REVOCATIONS_PAGE).unwrap_or(i64::MAX));
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::revocation).collect()
    }

    async fn last_revocation(&self) -> Result<i64, StoreError> {
        Ok(self.fetch_one(sql(E::LAST_REVOCATION)).await?.try_get("last")?)
    }

    async fn accepted_from(&self) -> Result<Option<Timestamp>, StoreError> {
        // Once the file is gone, as once the database was moved, later revocations are not written here.
        self.engine.is_in_place()?;
        state::accepted_from(&mut *self.engine.reader().await?).await
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.engine.tidy().await;
        self.writer
            .run(move |transaction| Box::pin(async move { prune(transaction, now).await }))
            .await
    }
}

/// Deletes a batch of rows that no longer matter, except those that another node is deleting.
async fn prune<E: Engine>(transaction: &mut Transaction<E>, now: Timestamp) -> Result<u64, StoreError> {
    let revocations = "DELETE FROM revocations WHERE number IN \
         (SELECT number FROM revocations WHERE until <= $1 ORDER BY number";
    let revocations = delete_batch(transaction, revocations, now).await?;
    // Kept to their absolute end even when ended: until then a copy of their token may turn up. And for as
    // long as their access tokens are accepted: raising the user's version asks for that.
    let sessions = "DELETE FROM sessions WHERE id IN \
         (SELECT id FROM sessions WHERE ends_at <= $1 AND accepted_until <= $1 ORDER BY id";
    let sessions = delete_batch(transaction, sessions, now).await?;
    // Failures that no longer matter.
    let failures = "DELETE FROM throttle WHERE (account, device) IN \
         (SELECT account, device FROM throttle WHERE forget_at <= $1";
    let failures = delete_batch(transaction, failures, now).await?;
    let ceremonies = ceremonies::prune(transaction, now).await?;
    let messages = outbox::prune(transaction, now).await?;
    let assertions = outbox::prune_assertions(transaction, now).await?;
    Ok(revocations + sessions + failures + ceremonies + messages + assertions)
}

/// Deletes the first rows of a selection by time; `open` ends within its bracket.
async fn delete_batch<E: Engine>(
    transaction: &mut Transaction<E>,
    open: &'static str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let statement = sql(open).bind(now).limit(BATCH).push(E::SKIP_HELD).push(")");
    Ok(transaction.execute(statement).await?)
}
