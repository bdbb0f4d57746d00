use async_trait::async_trait;

use super::{Database, acting};
use crate::{
    model::{
        id::{SessionId, UserId},
        key::{Changes, KeyAct, Refusal, SealedKey},
        time::Timestamp,
    },
    store::{
        Keys, StoreError,
        engine::Engine,
        rows::{self, select},
        sql::{Connection, sql},
        transaction::Transaction,
        writer::RowLocks,
    },
};

const ALL: &str = select!(keys, "ORDER BY created_at DESC, signs_from DESC, kid");

#[async_trait]
impl<E: Engine> Keys for Database<E> {
    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError> {
        all(&mut *self.engine.reader().await?).await
    }

    async fn change_keys(&self, act: &KeyAct) -> Result<Result<Changes, Refusal>, StoreError> {
        let act = act.clone();
        let locks = RowLocks::default().by(act.by()).and_counters();
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { change(transaction, &act).await })
            })
            .await
    }

    async fn live_sessions_under(
        &self,
        kid: &str,
        after: Option<SessionId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<(SessionId, UserId)>, StoreError> {
        let live = sql(
            "SELECT id, user_id FROM sessions WHERE refresh_key = $1 AND ended_at IS NULL AND expires_at > $2",
        )
        .bind(kid)
        .bind(now);
        let page = match after {
            Some(after) => live.push_bind(" AND id > ", after),
            None => live,
        };
        let rows = self.fetch_all(page.push(" ORDER BY id").limit(limit)).await?;
        rows.iter().map(rows::session_of).collect()
    }
}

pub(in crate::store) async fn all<C: Connection>(connection: &mut C) -> Result<Vec<SealedKey>, StoreError> {
    let rows = connection.fetch_all(sql(ALL)).await?;
    rows.iter().map(rows::key).collect()
}

async fn change<E: Engine>(
    transaction: &mut Transaction<E>,
    act: &KeyAct,
) -> Result<Result<Changes, Refusal>, StoreError> {
    acting::must_administrate(transaction, act.by()).await?;
    E::stand_alone(transaction).await?;
    let keys = all(&mut transaction.connection).await?;
    let changes = match act.decide(&keys) {
        Ok(changes) => changes,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for key in changes.added.iter().chain(&changes.changed) {
        write(transaction, key).await?;
    }
    for kid in &changes.deleted {
        transaction
            .execute(sql("DELETE FROM keys WHERE kid = $1").bind(kid))
            .await?;
    }
    for event in &changes.events {
        transaction.record(event);
    }
    Ok(Ok(changes))
}

async fn write<E: Engine>(transaction: &mut Transaction<E>, key: &SealedKey) -> Result<(), StoreError> {
    let statement = sql(
        "INSERT INTO keys (kid, purpose, algorithm, sealed, created_at, signs_from, accepted_until, lifetime) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (kid) DO UPDATE SET sealed = excluded.sealed, signs_from = excluded.signs_from, \
             accepted_until = excluded.accepted_until, lifetime = excluded.lifetime",
    )
    .bind(&key.kid)
    .bind(key.purpose.as_str())
    .bind(&key.algorithm)
    .bind(&key.sealed)
    .bind(key.created_at)
    .bind(key.signs_from)
    .bind(key.accepted_until)
    .bind(rows::seconds(key.lifetime));
    transaction.execute(statement).await?;
    Ok(())
}
