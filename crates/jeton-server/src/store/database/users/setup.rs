//! The first administrator, made with the link of the first start.

use super::{administrators, insert};
use crate::{
    model::id::UserId,
    store::{
        OpenSession, SetUp, SetUpOutcome, StoreError,
        database::{ceremonies, sessions},
        engine::Engine,
        sql::{Statement, sql},
        transaction::Transaction,
    },
};

pub(super) async fn set_up<E: Engine>(
    transaction: &mut Transaction<E>,
    setup: &SetUp,
) -> Result<SetUpOutcome, StoreError> {
    let now = setup.event.at;
    if transaction
        .fetch_optional(any_administrator::<E>())
        .await?
        .is_some()
    {
        return Ok(SetUpOutcome::AdministratorExists);
    }
    if !ceremonies::is_open(transaction, setup.ceremony, now).await? {
        return Ok(SetUpOutcome::CeremonyOver);
    }
    if !insert(transaction, &setup.account, now).await? {
        return Ok(SetUpOutcome::UsernameTaken);
    }
    // Behind the name: whoever has written the same one waits for the counters next.
    E::stand_alone(transaction).await?;
    let user = setup.account.user.id;
    if another_administrator::<E>(transaction, user).await? {
        let own = sql("DELETE FROM users WHERE id = $1").bind(user);
        transaction.execute(own).await?;
        return Ok(SetUpOutcome::AdministratorExists);
    }
    ceremonies::finish(transaction, setup.ceremony, now).await?;
    transaction.record(&setup.event);
    match sessions::open(transaction, &setup.opens).await? {
        OpenSession::Opened(opened) => Ok(SetUpOutcome::Done(opened)),
        // The account is a line above.
        OpenSession::AccountChanged => Err(sqlx::Error::RowNotFound.into()),
    }
}

pub(super) fn any_administrator<E: Engine>() -> Statement<'static> {
    sql(format!(
        "SELECT 1 FROM users WHERE {} LIMIT 1",
        administrators::<E>()
    ))
}

async fn another_administrator<E: Engine>(
    transaction: &mut Transaction<E>,
    than: UserId,
) -> Result<bool, StoreError> {
    let statement = format!(
        "SELECT 1 FROM users WHERE {} AND id <> $1 LIMIT 1",
        administrators::<E>()
    );
    Ok(transaction
        .fetch_optional(sql(statement).bind(than))
        .await?
        .is_some())
}
