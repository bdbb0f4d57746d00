use async_trait::async_trait;

use super::{Database, acting, grant_ends};
use crate::{
    model::{
        audit::Event,
        client::{Client, registration::Registration},
        digest::SecretDigest,
        id::ClientId,
        revocation::Revocation,
        scope::joined,
    },
    store::{
        ClientChange, ClientChanged, Clients, IssueToClient, StoreError,
        engine::Engine,
        rows::{self, columns, select},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

#[async_trait]
impl<E: Engine> Clients for Database<E> {
    async fn create_client(
        &self,
        client: &Client,
        secret: &SecretDigest,
        event: &Event,
    ) -> Result<bool, StoreError> {
        let (client, secret, event) = (client.clone(), secret.clone(), event.clone());
        self.writer
            .run_on(RowLocks::default().by(event.by), move |transaction| {
                Box::pin(async move { create(transaction, &client, &secret, &event).await })
            })
            .await
    }

    async fn client(&self, id: ClientId) -> Result<Option<Client>, StoreError> {
        Ok(self.client_with_secret(id).await?.map(|(client, _)| client))
    }

    async fn client_with_secret(&self, id: ClientId) -> Result<Option<(Client, SecretDigest)>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(service_accounts, "WHERE id = $1")).bind(id))
            .await?;
        row.as_ref().map(rows::client).transpose()
    }

    async fn clients(&self) -> Result<Vec<Client>, StoreError> {
        let rows = self
            .fetch_all(sql(select!(service_accounts, "ORDER BY id")))
            .await?;
        let accounts = rows.iter().map(rows::client);
        accounts.map(|row| row.map(|(client, _)| client)).collect()
    }

    async fn issue_to_client(&self, issue: &IssueToClient) -> Result<Option<Client>, StoreError> {
        let issue = issue.clone();
        let locks = RowLocks::row(*issue.client.id.as_bytes());
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { self::issue(transaction, &issue).await })
            })
            .await
    }

    async fn change_client(&self, id: ClientId, change: &ClientChange) -> Result<ClientChanged, StoreError> {
        let work = change.clone();
        let changed = self
            .writer
            .run_on(
                RowLocks::row(*id.as_bytes()).by(Some(work.by)),
                move |transaction| Box::pin(async move { self::change(transaction, id, &work).await }),
            )
            .await;
        match changed {
            // Another client took the name after it was looked for.
            Err(error) if error.is_taken() => Ok(ClientChanged::NameTaken),
            changed => changed,
        }
    }

    async fn delete_client(
        &self,
        id: ClientId,
        change: &ClientChange,
    ) -> Result<Option<Vec<Revocation>>, StoreError> {
        let change = change.clone();
        self.writer
            .run_on(
                RowLocks::row(*id.as_bytes()).by(Some(change.by)),
                move |transaction| Box::pin(async move { delete(transaction, id, &change).await }),
            )
            .await
    }
}

async fn create<E: Engine>(
    transaction: &mut Transaction<E>,
    client: &Client,
    secret: &SecretDigest,
    event: &Event,
) -> Result<bool, StoreError> {
    acting::must_administrate(transaction, event.by).await?;
    let statement = sql(
        "INSERT INTO service_accounts (id, name, secret, scopes, version, created_at, registration) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(client.id)
    .bind(client.name.as_str())
    .bind(secret)
    .bind(joined(&client.scopes))
    .bind(client.version.0)
    .bind(client.created_at)
    .bind(written(&client.registration));
    let inserted = transaction.execute(statement).await?;
    if inserted == 0 {
        return Ok(false);
    }
    transaction.record(event);
    Ok(true)
}

async fn issue<E: Engine>(
    transaction: &mut Transaction<E>,
    issue: &IssueToClient,
) -> Result<Option<Client>, StoreError> {
    let statement = sql(concat!(
        "UPDATE service_accounts SET accepted_until = CASE WHEN accepted_until < $1 THEN $1 ELSE accepted_until END \
         WHERE id = $2 AND version = $3 AND disabled_at IS NULL RETURNING ",
        columns!(service_accounts)
    ))
    .bind(issue.accepted_until)
    .bind(issue.client.id)
    .bind(issue.client.version.0);
    let row = transaction.fetch_optional(statement).await?;
    let Some(row) = row else { return Ok(None) };
    transaction.record(&issue.event);
    rows::client(&row).map(|(client, _)| Some(client))
}

/// Reads the client and locks its row, so that a decision on it is still true when it is written.
async fn find<E: Engine>(
    transaction: &mut Transaction<E>,
    id: ClientId,
) -> Result<Option<Client>, StoreError> {
    let row = transaction
        .fetch_for_update(sql(select!(service_accounts, "WHERE id = $1")).bind(id))
        .await?;
    Ok(row
        .as_ref()
        .map(rows::client)
        .transpose()?
        .map(|(client, _)| client))
}

async fn change<E: Engine>(
    transaction: &mut Transaction<E>,
    id: ClientId,
    change: &ClientChange,
) -> Result<ClientChanged, StoreError> {
    acting::must_administrate(transaction, Some(change.by)).await?;
    let Some(mut client) = find(transaction, id).await? else {
        return Ok(ClientChanged::NotFound);
    };
    let applied = match change.apply(&mut client) {
        Ok(applied) => applied,
        Err(error) => return Ok(ClientChanged::Refused(error)),
    };
    let taken = sql("SELECT 1 FROM service_accounts WHERE name = $1 AND id <> $2")
        .bind(client.name.as_str())
        .bind(id);
    if transaction.fetch_optional(taken).await?.is_some() {
        return Ok(ClientChanged::NameTaken);
    }
    let statement = sql("UPDATE service_accounts \
         SET scopes = $1, version = $2, secret = coalesce($3, secret), \
             disabled_at = CASE WHEN $4 THEN coalesce(disabled_at, $5) END, registration = $7, name = $8 \
         WHERE id = $6")
    .bind(joined(&client.scopes))
    .bind(client.version.0)
    .bind(applied.secret.as_ref())
    .bind(client.disabled)
    .bind(change.now)
    .bind(id)
    .bind(written(&client.registration))
    .bind(client.name.as_str());
    transaction.execute(statement).await?;
    if let Some(revocation) = &applied.revocation {
        transaction.revoke(revocation);
    }
    transaction.record(&applied.event);
    let mut revocations: Vec<_> = applied.revocation.into_iter().collect();
    // A new secret says nothing against what users let the client do.
    if !revocations.is_empty() && change.secret.is_none() {
        revocations.extend(grant_ends::end_of_client(transaction, id, change.now).await?);
    }
    Ok(ClientChanged::Done(Box::new(client), revocations))
}

async fn delete<E: Engine>(
    transaction: &mut Transaction<E>,
    id: ClientId,
    change: &ClientChange,
) -> Result<Option<Vec<Revocation>>, StoreError> {
    acting::must_administrate(transaction, Some(change.by)).await?;
    let Some(client) = find(transaction, id).await? else {
        return Ok(None);
    };
    let mut revocations = grant_ends::end_of_client(transaction, id, change.now).await?;
    transaction
        .execute(sql("DELETE FROM service_accounts WHERE id = $1").bind(id))
        .await?;
    let (event, revocation) = change.removal(&client);
    transaction.revoke(&revocation);
    transaction.record(&event);
    revocations.push(revocation);
    Ok(Some(revocations))
}

/// A registration as its column holds it: plain structs and lists, which are always written.
fn written(registration: &Registration) -> String {
    serde_json::to_string(registration).unwrap_or_default()
}
