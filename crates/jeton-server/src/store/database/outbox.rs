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
        rows::{self, columns, select},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

/// How many messages a node takes at once.
const TAKEN_AT_ONCE: i64 = 16;

#[async_trait]
impl<E: Engine> Outbox for Database<E> {
    async fn take_due(&self, now: Timestamp) -> Result<Vec<Message>, StoreError> {
        // Asked first without the writer, since there is nothing most of the time.
        let due = sql("SELECT 1 FROM outbox WHERE due_at <= $1 LIMIT 1").bind(now);
        if self.fetch_optional(due).await?.is_none() {
            return Ok(Vec::new());
        }
        self.writer
            .run_on(RowLocks::default(), move |transaction| {
                Box::pin(async move { take(transaction, now).await })
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
                    };
                    transaction.execute(statement.bind(id)).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn messages(&self, limit: u32) -> Result<Vec<Message>, StoreError> {
        let statement = sql(select!(outbox, "ORDER BY created_at DESC, id DESC")).limit(limit);
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::message).collect()
    }
}

async fn take<E: Engine>(
    transaction: &mut Transaction<E>,
    now: Timestamp,
) -> Result<Vec<Message>, StoreError> {
    let statement = sql("UPDATE outbox SET due_at = $1, attempts = attempts + 1 \
         WHERE id IN (SELECT id FROM outbox WHERE due_at <= $2 ORDER BY due_at")
    .bind(now.plus(TAKEN_FOR))
    .bind(now)
    .limit(TAKEN_AT_ONCE)
    .push(E::SKIP_HELD)
    .push(concat!(") RETURNING ", columns!(outbox)));
    let rows = transaction.fetch_all(statement).await?;
    rows.iter().map(rows::message).collect()
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
