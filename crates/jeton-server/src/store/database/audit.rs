use async_trait::async_trait;

use super::Database;
use crate::{
    model::{
        audit::{Base, Event, Recorded, Seal},
        id::{SessionId, UserId},
        time::Timestamp,
        user::UserVersion,
    },
    store::{
        Audit, Committed, Signer, StoreError, Wanted,
        audit::{BASE, Beginning, UNSEALED, event_columns},
        engine::Engine,
        rows::{self, Columns, select},
        sql::{Statement, sql},
        transaction::Transaction,
    },
};

#[async_trait]
impl<E: Engine> Audit for Database<E> {
    async fn record(&self, event: &Event) -> Result<(), StoreError> {
        let event = event.clone();
        self.writer
            .run(move |transaction| {
                Box::pin(async move {
                    transaction.record(&event);
                    Ok(())
                })
            })
            .await
    }

    async fn sign_events(&self, signer: Signer, now: Timestamp) -> Result<(), StoreError> {
        let last = sql("SELECT coalesce(max(number), 0) AS number FROM audit");
        signer.begin_after(self.fetch_one(last).await?.try_get("number")?);
        // Set once, since a process has one signer.
        let _ = self.signer.set(signer);
        let mark = self
            .fetch_optional(sql("SELECT 1 FROM audit_marks WHERE name = 'unproven'"))
            .await?;
        if mark.is_none() {
            return Ok(());
        }
        self.writer
            .run(move |transaction| Box::pin(async move { begin_proofs(transaction, now).await }))
            .await
    }

    fn committed(&self) -> Committed {
        self.signer.get().map(Signer::committed).unwrap_or_default()
    }

    async fn last_place(&self, writer: i64, after: i64) -> Result<Option<i64>, StoreError> {
        let last = sql("SELECT max(place) AS place FROM audit WHERE number > $1 AND writer = $2");
        let row = self.fetch_one(last.bind(after).bind(writer)).await?;
        Ok(row.try_get("place")?)
    }

    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let statement = sql(concat!(
            "SELECT ",
            event_columns!(),
            " FROM audit LEFT JOIN audit_personal USING (number) \
             WHERE number > $1 ORDER BY number"
        ))
        .bind(after)
        .limit(limit);
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::event).collect()
    }

    async fn events(&self, wanted: &Wanted) -> Result<Vec<Recorded>, StoreError> {
        let rows = self.fetch_all(listing(wanted)).await?;
        rows.iter().map(rows::event).collect()
    }

    async fn ending_event(&self, session: SessionId) -> Result<Option<Recorded>, StoreError> {
        let row = self.fetch_optional(sql(ENDING).bind(session)).await?;
        row.as_ref().map(rows::event).transpose()
    }

    async fn raising_event(
        &self,
        user: UserId,
        version: UserVersion,
    ) -> Result<Option<Recorded>, StoreError> {
        let rising = format!(
            "SELECT {} FROM audit LEFT JOIN audit_personal USING (number) \
             WHERE audit.user_id = $1 AND CAST(detail{} ->> 'version' AS BIGINT) > $2 ORDER BY number LIMIT 1",
            event_columns!(),
            E::AS_JSON
        );
        let row = self.fetch_optional(sql(rising).bind(user).bind(version)).await?;
        row.as_ref().map(rows::event).transpose()
    }

    async fn unsealed_events(&self) -> Result<u64, StoreError> {
        let row = self.fetch_one(sql(UNSEALED)).await?;
        Ok(u64::try_from(row.try_get::<i64>("events")?).unwrap_or_default())
    }

    async fn seal(&self, position: i64) -> Result<Option<Seal>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(audit_seals, "WHERE position = $1")).bind(position))
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn last_seal(&self) -> Result<Option<Seal>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(audit_seals, "ORDER BY position DESC LIMIT 1")))
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn seals_after(&self, after: i64, limit: u32) -> Result<Vec<Seal>, StoreError> {
        let rows = self
            .fetch_all(
                sql(select!(audit_seals, "WHERE position > $1 ORDER BY position"))
                    .bind(after)
                    .limit(limit),
            )
            .await?;
        rows.iter().map(rows::seal).collect()
    }

    async fn add_seal(&self, seal: &Seal) -> Result<bool, StoreError> {
        let seal = seal.clone();
        self.writer
            .run(move |transaction| Box::pin(async move { add_seal(transaction, &seal).await }))
            .await
    }

    async fn base(&self) -> Result<Option<Base>, StoreError> {
        let row = self.fetch_optional(sql(BASE)).await?;
        row.as_ref().map(rows::base).transpose()
    }

    async fn fold_seals(&self, base: &Base) -> Result<u64, StoreError> {
        let base = *base;
        self.writer
            .run(move |transaction| Box::pin(async move { fold(transaction, &base).await }))
            .await
    }

    async fn forget_events(&self, after: i64, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError> {
        let (seal, mark) = (seal.clone(), *mark);
        self.writer
            .run(move |transaction| Box::pin(async move { forget(transaction, after, &seal, &mark).await }))
            .await
    }
}

/// Finds the event that ended a session. Sessions that end together share one event, of their user and of no session:
/// it is told from others by its time.
const ENDING: &str = concat!(
    "SELECT ",
    event_columns!(),
    " FROM sessions \
     JOIN audit ON audit.at = sessions.ended_at AND audit.user_id = sessions.user_id \
     LEFT JOIN audit_personal USING (number) \
     WHERE sessions.id = $1 AND (audit.session_id = $1 OR audit.session_id IS NULL) \
       AND action IN ('session.ended', 'session.reused', 'session.ahead_of_row') \
     ORDER BY audit.session_id IS NULL, number LIMIT 1"
);

/// Lists events under only the conditions that are asked for: an index serves `user_id = $1`, and none `$1 IS NULL OR
/// user_id = $1`.
fn listing(wanted: &Wanted) -> Statement<'static> {
    let mut statement = sql(concat!(
        "SELECT ",
        event_columns!(),
        " FROM audit LEFT JOIN audit_personal USING (number) WHERE TRUE"
    ));
    if let Some(user) = wanted.user {
        statement = statement.push_bind(" AND audit.user_id = ", user);
    }
    if let Some(session) = wanted.session {
        statement = statement.push_bind(" AND session_id = ", session);
    }
    if let Some(action) = wanted.action {
        statement = statement.push_bind(" AND action = ", action.as_str());
    }
    if let Some(since) = wanted.since {
        statement = statement.push_bind(" AND at >= ", since);
    }
    if let Some(until) = wanted.until {
        statement = statement.push_bind(" AND at < ", until);
    }
    if let Some(before) = wanted.before {
        statement = statement.push_bind(" AND number < ", before);
    }
    statement.push(" ORDER BY number DESC").limit(wanted.limit)
}

async fn add_seal<E: Engine>(transaction: &mut Transaction<E>, seal: &Seal) -> Result<bool, StoreError> {
    let statement = sql(
        "INSERT INTO audit_seals (position, through, events, digest, mac, sealed_at) \
         SELECT $1, $2, $3, $4, $5, $6 WHERE $1 = coalesce((SELECT max(position) FROM audit_seals), 0) + 1 \
         ON CONFLICT DO NOTHING",
    )
    .bind(seal.position)
    .bind(seal.through)
    .bind(seal.events)
    .bind(&seal.digest)
    .bind(&seal.mac)
    .bind(seal.sealed_at);
    let added = transaction.execute(statement).await?;
    Ok(added == 1)
}

/// Deletes a seal's events with their personal fields. The caller, who has checked the chain, says where they begin:
/// what rows say of themselves may be forged.
async fn forget<E: Engine>(
    transaction: &mut Transaction<E>,
    after: i64,
    seal: &Seal,
    mark: &[u8; 32],
) -> Result<u64, StoreError> {
    let marked = transaction
        .execute(
            sql("UPDATE audit_seals SET forgotten = $1 WHERE position = $2 AND mac = $3")
                .bind(mark)
                .bind(seal.position)
                .bind(&seal.mac),
        )
        .await?;
    if marked == 0 {
        return Ok(0);
    }
    let events = sql("DELETE FROM audit WHERE number > $1 AND number <= $2")
        .bind(after)
        .bind(seal.through);
    Ok(transaction.execute(events).await?)
}

/// Records, once and before any event with a proof, which events have none. Of two nodes that do so at once, the second
/// finds it done.
pub(super) async fn begin_proofs<E: Engine>(
    transaction: &mut Transaction<E>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mark = sql("DELETE FROM audit_marks WHERE name = 'unproven' \
         RETURNING number, EXISTS (SELECT 1 FROM audit WHERE mac IS NOT NULL) AS late");
    let Some(row) = transaction.fetch_optional(mark).await? else {
        return Ok(());
    };
    let beginning = Beginning {
        through: row.try_get("number")?,
        late: row.try_get("late")?,
    };
    transaction.record(&beginning.event(now));
    Ok(())
}

async fn fold<E: Engine>(transaction: &mut Transaction<E>, base: &Base) -> Result<u64, StoreError> {
    let statement = sql(
        "INSERT INTO audit_marks (name, number, mac) SELECT 'base', position, $1 FROM audit_seals \
         WHERE position = $2 AND forgotten IS NOT NULL \
         ON CONFLICT (name) DO UPDATE SET number = excluded.number, mac = excluded.mac \
             WHERE excluded.number > audit_marks.number",
    )
    .bind(&base.mac)
    .bind(base.position);
    let marked = transaction.execute(statement).await?;
    if marked == 0 {
        return Ok(0);
    }
    let folded = transaction
        .execute(sql("DELETE FROM audit_seals WHERE position < $1").bind(base.position))
        .await?;
    Ok(folded)
}
