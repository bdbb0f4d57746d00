use async_trait::async_trait;

use super::{
    PostgresStore,
    transaction::{Transaction, uuid},
};
use crate::{
    model::{
        audit::Event, digest::SecretDigest, id::UserId, revocation::Revocation, scope::joined,
        service_account::ServiceAccount,
    },
    store::{AccountChange, ServiceAccounts, StoreError, rows},
};

#[async_trait]
impl ServiceAccounts for PostgresStore {
    async fn create_service_account(
        &self,
        account: &ServiceAccount,
        secret: &SecretDigest,
        event: &Event,
    ) -> Result<bool, StoreError> {
        let (account, secret, event) = (account.clone(), secret.clone(), event.clone());
        self.writer
            .run(move |transaction| {
                Box::pin(async move { create(transaction, &account, &secret, &event).await })
            })
            .await
    }

    async fn service_account(&self, id: UserId) -> Result<Option<ServiceAccount>, StoreError> {
        Ok(self.service_account_secret(id).await?.map(|(account, _)| account))
    }

    async fn service_account_secret(
        &self,
        id: UserId,
    ) -> Result<Option<(ServiceAccount, SecretDigest)>, StoreError> {
        let row = sqlx::query("SELECT * FROM service_accounts WHERE id = $1")
            .bind(uuid(id.as_bytes()))
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::service_account).transpose()
    }

    async fn service_accounts(&self) -> Result<Vec<ServiceAccount>, StoreError> {
        let rows = sqlx::query("SELECT * FROM service_accounts ORDER BY id")
            .fetch_all(&self.readers)
            .await?;
        let accounts = rows.iter().map(rows::service_account);
        accounts.map(|row| row.map(|(account, _)| account)).collect()
    }

    async fn change_service_account(
        &self,
        id: UserId,
        change: &AccountChange,
    ) -> Result<Option<(ServiceAccount, Vec<Revocation>)>, StoreError> {
        let work = change.clone();
        self.writer
            .run(move |transaction| Box::pin(async move { self::change(transaction, id, &work).await }))
            .await
    }

    async fn delete_service_account(
        &self,
        id: UserId,
        change: &AccountChange,
    ) -> Result<Option<Revocation>, StoreError> {
        let change = change.clone();
        self.writer
            .run(move |transaction| Box::pin(async move { delete(transaction, id, &change).await }))
            .await
    }
}

async fn create(
    transaction: &mut Transaction,
    account: &ServiceAccount,
    secret: &SecretDigest,
    event: &Event,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO service_accounts (id, name, secret, scopes, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(uuid(account.id.as_bytes()))
    .bind(account.name.as_str())
    .bind(&secret.as_bytes()[..])
    .bind(joined(&account.scopes))
    .bind(account.version.0)
    .bind(account.created_at.seconds())
    .execute(&mut transaction.connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    transaction.record(event);
    Ok(true)
}

/// Holds the row: what is decided on it is still true when it is written.
async fn find(transaction: &mut Transaction, id: UserId) -> Result<Option<ServiceAccount>, StoreError> {
    let row = sqlx::query("SELECT * FROM service_accounts WHERE id = $1 FOR UPDATE")
        .bind(uuid(id.as_bytes()))
        .fetch_optional(&mut transaction.connection)
        .await?;
    let found = row.as_ref().map(rows::service_account).transpose()?;
    Ok(found.map(|(account, _)| account))
}

async fn change(
    transaction: &mut Transaction,
    id: UserId,
    change: &AccountChange,
) -> Result<Option<(ServiceAccount, Vec<Revocation>)>, StoreError> {
    let Some(mut account) = find(transaction, id).await? else {
        return Ok(None);
    };
    let (event, revocation) = change.apply(&mut account);
    sqlx::query(
        "UPDATE service_accounts \
         SET scopes = $1, version = $2, secret = coalesce($3, secret), \
             disabled_at = CASE WHEN $4 THEN coalesce(disabled_at, $5) END WHERE id = $6",
    )
    .bind(joined(&account.scopes))
    .bind(account.version.0)
    .bind(change.secret.as_ref().map(|secret| &secret.as_bytes()[..]))
    .bind(account.disabled)
    .bind(change.now.seconds())
    .bind(uuid(id.as_bytes()))
    .execute(&mut transaction.connection)
    .await?;
    if let Some(revocation) = &revocation {
        transaction.revoke(revocation);
    }
    transaction.record(&event);
    Ok(Some((account, revocation.into_iter().collect())))
}

async fn delete(
    transaction: &mut Transaction,
    id: UserId,
    change: &AccountChange,
) -> Result<Option<Revocation>, StoreError> {
    let Some(account) = find(transaction, id).await? else {
        return Ok(None);
    };
    sqlx::query("DELETE FROM service_accounts WHERE id = $1")
        .bind(uuid(id.as_bytes()))
        .execute(&mut transaction.connection)
        .await?;
    let (event, revocation) = change.removal(&account);
    transaction.revoke(&revocation);
    transaction.record(&event);
    Ok(Some(revocation))
}
