//! What applications are told of a sign-out: written into the outbox in the transaction of its cause.

use crate::{
    model::{
        client::registration::Registration,
        id::{ClientId, SessionId},
        message::{Kind, Logout},
        time::Timestamp,
    },
    store::{
        StoreError,
        engine::Engine,
        rows,
        sql::{Statement, sql},
        transaction::Transaction,
    },
};

/// Has the client of a grant told that its user signed out, where it asked for that.
pub(super) async fn of_grant<E: Engine>(
    transaction: &mut Transaction<E>,
    grant: SessionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = listening().push_bind(" AND sessions.id = ", grant);
    write(transaction, statement, now).await
}

/// Has the clients of all grants given in a session told that their user signed out: also of those that outlive it.
pub(super) async fn of_session<E: Engine>(
    transaction: &mut Transaction<E>,
    session: SessionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = listening().push_bind(" AND sessions.parent_id = ", session);
    write(transaction, statement.push(" AND sessions.ended_at IS NULL"), now).await
}

/// Begins a statement that finds grants whose clients registered something.
fn listening() -> Statement<'static> {
    sql(
        "SELECT sessions.id, user_id, client_id, registration FROM sessions \
         JOIN service_accounts ON service_accounts.id = client_id WHERE registration IS NOT NULL",
    )
}

async fn write<E: Engine>(
    transaction: &mut Transaction<E>,
    grants: Statement<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for row in transaction.fetch_all(grants).await? {
        let (registration, client): (Registration, ClientId) = rows::listener(&row)?;
        let Some(recipient) = registration.backchannel_logout_uri else {
            continue;
        };
        let (grant, user) = rows::session_of(&row)?;
        let content = Logout { client, user, grant };
        let content = serde_json::to_vec(&content).unwrap_or_default();
        // Named after the grant: whoever signed out of it is told of once.
        let statement = sql(
            "INSERT INTO outbox (id, kind, recipient, content, created_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING",
        )
        .bind(grant)
        .bind(Kind::Logout.as_str())
        .bind(recipient)
        .bind(&content)
        .bind(now);
        transaction.execute(statement).await?;
    }
    Ok(())
}
