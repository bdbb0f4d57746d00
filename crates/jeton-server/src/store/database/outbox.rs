use async_trait::async_trait;

use super::{BATCH, Database};
use crate::{
    model::{
        id::MessageId,
        message::{KEPT_AFTER_END, Message, TAKEN_FOR, TRIED_FOR},
        time::Timestamp,
    },
    store::{
        Attempted, Outbox, StoreError,
        engine::Engine,
        rows::{self, Columns, columns, select},
        sql::{Statement, sql},
        transaction::Transaction,
        writer::RowLocks,
    },
};

/// How many messages a node takes at once.
const TAKEN_AT_ONCE: i64 = 16;

#[async_trait]
impl<E: Engine> Outbox for Database<E> {
    async fn take_due(&self, busy: &[String], now: Timestamp) -> Result<Vec<Message>, StoreError> {
        // Asked first without the writer, since there is nothing most of the time.
        let due = except(sql("SELECT 1 FROM outbox WHERE due_at <= $1").bind(now), busy);
        if self.fetch_optional(due.push(" LIMIT 1")).await?.is_none() {
            return Ok(Vec::new());
        }
        let busy = busy.to_vec();
        self.writer
            .run_on(RowLocks::default(), move |transaction| {
                Box::pin(async move { take(transaction, &busy, now).await })
            })
            .await
    }

    async fn attempted(&self, id: MessageId, attempt: &Attempted) -> Result<(), StoreError> {
        let attempt = attempt.clone();
        self.writer
            .run_on(RowLocks::row(*id.as_bytes()), move |transaction| {
                Box::pin(async move {
                    let statement = match &attempt {
                        Attempted::Sent { at } => {
                            sql("UPDATE outbox SET due_at = NULL, sent_at = $1, problem = NULL, content = $2 WHERE id = $3")
                                .bind(*at)
                                .bind(&[][..])
                        }
                        Attempted::Failed { problem, next } => {
                            sql("UPDATE outbox SET due_at = $1, problem = $2 WHERE id = $3 AND sent_at IS NULL")
                                .bind(*next)
                                .bind(problem)
                        }
                        Attempted::GivenBack { at } => {
                            sql("UPDATE outbox SET due_at = $1, attempts = attempts - 1 WHERE id = $2 AND sent_at IS NULL")
                                .bind(*at)
                        }
                    };
                    transaction.execute(statement.bind(id)).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn hasten(&self, id: MessageId, now: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .run_on(RowLocks::row(*id.as_bytes()), move |transaction| {
                Box::pin(async move {
                    let statement = sql("UPDATE outbox SET due_at = $1 WHERE id = $2 AND sent_at IS NULL");
                    let changed = transaction.execute(statement.bind(now).bind(id)).await?;
                    Ok(changed > 0)
                })
            })
            .await
    }

    async fn messages_waiting(&self) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) AS waiting FROM outbox WHERE due_at IS NOT NULL");
        let waiting: i64 = self.fetch_one(count).await?.try_get("waiting")?;
        Ok(waiting.unsigned_abs())
    }

    async fn messages(&self, limit: u32) -> Result<Vec<Message>, StoreError> {
        let statement = sql(select!(outbox, "ORDER BY created_at DESC, id DESC")).limit(limit);
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::message).collect()
    }
}

async fn take<E: Engine>(
    transaction: &mut Transaction<E>,
    busy: &[String],
    now: Timestamp,
) -> Result<Vec<Message>, StoreError> {
    let statement = sql("UPDATE outbox SET due_at = $1, attempts = attempts + 1 \
         WHERE id IN (SELECT id FROM outbox WHERE due_at <= $2")
    .bind(now.plus(TAKEN_FOR))
    .bind(now);
    let statement = except(statement, busy)
        .push(" ORDER BY due_at, id")
        .limit(TAKEN_AT_ONCE)
        .push(E::SKIP_HELD)
        .push(concat!(") RETURNING ", columns!(outbox)));
    let rows = transaction.fetch_all(statement).await?;
    rows.iter().map(rows::message).collect()
}

/// Leaves out messages to recipients.
fn except<'q>(statement: Statement<'q>, recipients: &'q [String]) -> Statement<'q> {
    recipients.iter().fold(statement, |statement, recipient| {
        statement.push_bind(" AND recipient <> ", recipient.as_str())
    })
}

/// Deletes a batch of messages that were sent, or given up, a while ago.
pub(super) async fn prune<E: Engine>(
    transaction: &mut Transaction<E>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let over = "DELETE FROM outbox WHERE id IN \
        (SELECT id FROM outbox WHERE due_at IS NULL AND created_at <= $1 ORDER BY id";
    let over = sql(over).bind(now.minus(KEPT_AFTER_END + TRIED_FOR)).limit(BATCH);
    transaction
        .execute(over.push(E::SKIP_HELD).push(")"))
        .await
        .map_err(Into::into)
}

/// Deletes a batch of proofs that are good no more.
pub(super) async fn prune_assertions<E: Engine>(
    transaction: &mut Transaction<E>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let over = "DELETE FROM used_assertions WHERE digest IN \
        (SELECT digest FROM used_assertions WHERE until <= $1 ORDER BY digest";
    let over = sql(over).bind(now).limit(BATCH);
    transaction
        .execute(over.push(E::SKIP_HELD).push(")"))
        .await
        .map_err(Into::into)
}
