use async_trait::async_trait;

use super::{BATCH, Database, users::administrators};
use crate::{
    model::{
        ceremony::{Ceremony, KEPT_AFTER_END, Kind, Standing},
        digest::SecretDigest,
        id::CeremonyId,
        time::Timestamp,
    },
    store::{
        Ceremonies, StoreError,
        engine::Engine,
        rows::{self, select},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

#[async_trait]
impl<E: Engine> Ceremonies for Database<E> {
    async fn begin_ceremony(&self, ceremony: &Ceremony) -> Result<(), StoreError> {
        let ceremony = ceremony.clone();
        let locks = RowLocks::default().and_ceremony(Some(ceremony.id));
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { begin(transaction, &ceremony).await })
            })
            .await
    }

    async fn begin_setup(&self, ceremony: &Ceremony) -> Result<(), StoreError> {
        let ceremony = ceremony.clone();
        let locks = RowLocks::default().and_ceremony(Some(ceremony.id));
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move {
                    void_setups(transaction).await?;
                    begin(transaction, &ceremony).await
                })
            })
            .await
    }

    async fn ceremony(&self, secret: &SecretDigest) -> Result<Option<Ceremony>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(ceremonies, "WHERE secret = $1")).bind(secret))
            .await?;
        row.as_ref().map(rows::ceremony).transpose()
    }

    async fn finish_ceremony(&self, id: CeremonyId, now: Timestamp) -> Result<bool, StoreError> {
        let locks = RowLocks::default().and_ceremony(Some(id));
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move {
                    let open = is_open(transaction, id, now).await?;
                    if open {
                        finish(transaction, id, now).await?;
                    }
                    Ok(open)
                })
            })
            .await
    }
}

async fn begin<E: Engine>(transaction: &mut Transaction<E>, ceremony: &Ceremony) -> Result<(), StoreError> {
    let statement = sql(
        "INSERT INTO ceremonies (id, kind, user_id, secret, state, created_at, expires_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(ceremony.id)
    .bind(ceremony.kind.as_str())
    .bind(ceremony.user)
    .bind(&ceremony.secret)
    .bind(&ceremony.state)
    .bind(ceremony.created_at)
    .bind(ceremony.expires_at)
    .bind(ceremony.used_at);
    transaction.execute(statement).await?;
    Ok(())
}

/// Whether a ceremony can go on. Its row is locked, so that it is finished by nobody else to the end of the transaction.
pub(super) async fn is_open<E: Engine>(
    transaction: &mut Transaction<E>,
    id: CeremonyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(standing(transaction, id, now).await? == Some(Standing::Open))
}

/// How a ceremony stands, its row locked; none where there is none.
pub(super) async fn standing<E: Engine>(
    transaction: &mut Transaction<E>,
    id: CeremonyId,
    now: Timestamp,
) -> Result<Option<Standing>, StoreError> {
    let row = sql(select!(ceremonies, "WHERE id = $1")).bind(id);
    let row = transaction.fetch_for_update(row).await?;
    let ceremony = row.as_ref().map(rows::ceremony).transpose()?;
    Ok(ceremony.map(|ceremony| ceremony.standing(now)))
}

/// Uses up a ceremony that [`is_open`] in the same transaction.
pub(super) async fn finish<E: Engine>(
    transaction: &mut Transaction<E>,
    id: CeremonyId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = sql("UPDATE ceremonies SET used_at = $1 WHERE id = $2 AND used_at IS NULL")
        .bind(now)
        .bind(id);
    transaction.execute(statement).await?;
    Ok(())
}

/// Voids every link that makes a first administrator: with the next link, and with the end of an administrator, since
/// what was worthless while there was one must not be worth something again.
pub(super) async fn void_setups<E: Engine>(transaction: &mut Transaction<E>) -> Result<(), StoreError> {
    let setups = sql("DELETE FROM ceremonies WHERE kind = $1").bind(Kind::Setup.as_str());
    transaction.execute(setups).await?;
    Ok(())
}

/// Deletes a batch of ceremonies: those whose time is over for a while, and those without an end, which make a first
/// administrator, when there is one.
pub(super) async fn prune<E: Engine>(
    transaction: &mut Transaction<E>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let over =
        "DELETE FROM ceremonies WHERE id IN (SELECT id FROM ceremonies WHERE expires_at <= $1 ORDER BY id";
    let over = sql(over).bind(now.minus(KEPT_AFTER_END)).limit(BATCH);
    let over = transaction.execute(over.push(E::SKIP_HELD).push(")")).await?;
    let setups = format!(
        "DELETE FROM ceremonies WHERE id IN (SELECT id FROM ceremonies WHERE expires_at IS NULL \
         AND EXISTS (SELECT 1 FROM users WHERE {}) ORDER BY id",
        administrators::<E>()
    );
    let setups = sql(setups).limit(BATCH).push(E::SKIP_HELD).push(")");
    Ok(over + transaction.execute(setups).await?)
}
