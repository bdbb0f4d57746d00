use async_trait::async_trait;
use sqlx::{Postgres, QueryBuilder, Row};

use super::{
    PostgresStore,
    transaction::{Transaction, uuid},
};
use crate::{
    model::{
        audit::{Event, Recorded, Seal},
        id::{SessionId, UserId},
        user::UserVersion,
    },
    store::{Audit, StoreError, Wanted, rows},
};

#[async_trait]
impl Audit for PostgresStore {
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

    async fn events_after(&self, after: i64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let rows = sqlx::query(
            "SELECT audit.*, salt, fields FROM audit LEFT JOIN audit_personal USING (number) \
             WHERE number > $1 ORDER BY number LIMIT $2",
        )
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::event).collect()
    }

    async fn events(&self, wanted: &Wanted) -> Result<Vec<Recorded>, StoreError> {
        let rows = listing(wanted).build().fetch_all(&self.readers).await?;
        rows.iter().map(rows::event).collect()
    }

    async fn ending_event(&self, session: SessionId) -> Result<Option<Recorded>, StoreError> {
        let row = sqlx::query(ENDING)
            .bind(uuid(session.as_bytes()))
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::event).transpose()
    }

    async fn raising_event(
        &self,
        user: UserId,
        version: UserVersion,
    ) -> Result<Option<Recorded>, StoreError> {
        let row = sqlx::query(
            "SELECT audit.*, salt, fields FROM audit LEFT JOIN audit_personal USING (number) \
             WHERE audit.user_id = $1 AND (detail::json ->> 'version')::bigint > $2 ORDER BY number LIMIT 1",
        )
        .bind(uuid(user.as_bytes()))
        .bind(version.0)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(rows::event).transpose()
    }

    async fn unsealed_events(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS events FROM audit WHERE number > coalesce((SELECT max(through) FROM audit_seals), 0)",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get::<i64, _>("events")?.unsigned_abs())
    }

    async fn seal(&self, position: i64) -> Result<Option<Seal>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit_seals WHERE position = $1")
            .bind(position)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn last_seal(&self) -> Result<Option<Seal>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit_seals ORDER BY position DESC LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn first_kept_seal(&self) -> Result<Option<Seal>, StoreError> {
        let row = sqlx::query("SELECT * FROM audit_seals WHERE forgotten IS NULL ORDER BY position LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::seal).transpose()
    }

    async fn seals_after(&self, after: i64, limit: u32) -> Result<Vec<Seal>, StoreError> {
        let rows = sqlx::query("SELECT * FROM audit_seals WHERE position > $1 ORDER BY position LIMIT $2")
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(rows::seal).collect()
    }

    async fn add_seal(&self, seal: &Seal) -> Result<bool, StoreError> {
        let seal = seal.clone();
        self.writer
            .run(move |transaction| Box::pin(async move { add_seal(transaction, &seal).await }))
            .await
    }

    async fn forget_events(&self, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError> {
        let (seal, mark) = (seal.clone(), *mark);
        self.writer
            .run(move |transaction| Box::pin(async move { forget(transaction, &seal, &mark).await }))
            .await
    }
}

/// What ends several sessions at once is one event, of their user and of no session: it is told from others by its time.
const ENDING: &str = "SELECT audit.*, salt, fields FROM sessions \
     JOIN audit ON audit.at = sessions.ended_at AND audit.user_id = sessions.user_id \
     LEFT JOIN audit_personal USING (number) \
     WHERE sessions.id = $1 AND (audit.session_id = $1 OR audit.session_id IS NULL) \
       AND action NOT IN ('login.failed', 'session.refreshed', 'session.replayed') \
     ORDER BY audit.session_id IS NULL, action <> 'session.ended', number LIMIT 1";

/// Only the conditions that are asked for: an index serves `user_id = ?`, and none `? IS NULL OR user_id = ?`.
fn listing(wanted: &Wanted) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(
        "SELECT audit.*, salt, fields FROM audit LEFT JOIN audit_personal USING (number) WHERE TRUE",
    );
    if let Some(user) = &wanted.user {
        query
            .push(" AND audit.user_id = ")
            .push_bind(uuid(user.as_bytes()));
    }
    if let Some(session) = &wanted.session {
        query
            .push(" AND session_id = ")
            .push_bind(uuid(session.as_bytes()));
    }
    if let Some(action) = wanted.action {
        query.push(" AND action = ").push_bind(action.as_str());
    }
    if let Some(since) = wanted.since {
        query.push(" AND at >= ").push_bind(since.seconds());
    }
    if let Some(before) = wanted.before {
        query.push(" AND number < ").push_bind(before);
    }
    query
        .push(" ORDER BY number DESC LIMIT ")
        .push_bind(i64::from(wanted.limit));
    query
}

async fn add_seal(transaction: &mut Transaction, seal: &Seal) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO audit_seals (position, through, events, digest, mac, sealed_at) \
         SELECT $1, $2, $3, $4, $5, $6 WHERE $1 = coalesce((SELECT max(position) FROM audit_seals), 0) + 1 \
         ON CONFLICT DO NOTHING",
    )
    .bind(seal.position)
    .bind(seal.through)
    .bind(seal.events)
    .bind(&seal.digest[..])
    .bind(&seal.mac[..])
    .bind(seal.sealed_at.seconds())
    .execute(&mut transaction.connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// The personal fields go with their events.
async fn forget(transaction: &mut Transaction, seal: &Seal, mark: &[u8; 32]) -> Result<u64, StoreError> {
    let deleted = sqlx::query(
        "DELETE FROM audit \
         WHERE number <= $1 AND number > coalesce((SELECT through FROM audit_seals WHERE position = $2 - 1), \
             '-9223372036854775808'::bigint)",
    )
    .bind(seal.through)
    .bind(seal.position)
    .execute(&mut transaction.connection)
    .await?;
    sqlx::query("UPDATE audit_seals SET forgotten = $1 WHERE position = $2")
        .bind(&mark[..])
        .bind(seal.position)
        .execute(&mut transaction.connection)
        .await?;
    Ok(deleted.rows_affected())
}
