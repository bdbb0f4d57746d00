use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::{SqliteStore, audit, revocations};
use crate::{
    model::{
        audit::Event, digest::SecretDigest, id::UserId, revocation::Revocation, scope::joined,
        service_account::ServiceAccount,
    },
    store::{AccountChange, ServiceAccounts, StoreError, rows},
};

#[async_trait]
impl ServiceAccounts for SqliteStore {
    async fn create_service_account(
        &self,
        account: &ServiceAccount,
        secret: &SecretDigest,
        event: &Event,
    ) -> Result<bool, StoreError> {
        let (account, secret, event) = (account.clone(), secret.clone(), event.clone());
        self.writer
            .run(move |connection| {
                Box::pin(async move { create(connection, &account, &secret, &event).await })
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
        let row = sqlx::query("SELECT * FROM service_accounts WHERE id = ?")
            .bind(&id.as_bytes()[..])
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
            .run(move |connection| Box::pin(async move { self::change(connection, id, &work).await }))
            .await
    }

    async fn delete_service_account(
        &self,
        id: UserId,
        change: &AccountChange,
    ) -> Result<Option<Revocation>, StoreError> {
        let change = change.clone();
        self.writer
            .run(move |connection| Box::pin(async move { delete(connection, id, &change).await }))
            .await
    }
}

async fn create(
    connection: &mut SqliteConnection,
    account: &ServiceAccount,
    secret: &SecretDigest,
    event: &Event,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO service_accounts (id, name, secret, scopes, version, created_at) \
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&account.id.as_bytes()[..])
    .bind(account.name.as_str())
    .bind(&secret.as_bytes()[..])
    .bind(joined(&account.scopes))
    .bind(account.version.0)
    .bind(account.created_at.seconds())
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    audit::insert(connection, event).await?;
    Ok(true)
}

async fn find(connection: &mut SqliteConnection, id: UserId) -> Result<Option<ServiceAccount>, StoreError> {
    let row = sqlx::query("SELECT * FROM service_accounts WHERE id = ?")
        .bind(&id.as_bytes()[..])
        .fetch_optional(connection)
        .await?;
    Ok(row
        .as_ref()
        .map(rows::service_account)
        .transpose()?
        .map(|(account, _)| account))
}

async fn change(
    connection: &mut SqliteConnection,
    id: UserId,
    change: &AccountChange,
) -> Result<Option<(ServiceAccount, Vec<Revocation>)>, StoreError> {
    let Some(mut account) = find(connection, id).await? else {
        return Ok(None);
    };
    let (event, revocation) = change.apply(&mut account);
    sqlx::query(
        "UPDATE service_accounts \
         SET scopes = ?1, version = ?2, secret = coalesce(?3, secret), \
             disabled_at = CASE WHEN ?4 THEN coalesce(disabled_at, ?5) END WHERE id = ?6",
    )
    .bind(joined(&account.scopes))
    .bind(account.version.0)
    .bind(change.secret.as_ref().map(|secret| &secret.as_bytes()[..]))
    .bind(account.disabled)
    .bind(change.now.seconds())
    .bind(&id.as_bytes()[..])
    .execute(&mut *connection)
    .await?;
    if let Some(revocation) = &revocation {
        revocations::insert(connection, revocation).await?;
    }
    audit::insert(connection, &event).await?;
    Ok(Some((account, revocation.into_iter().collect())))
}

async fn delete(
    connection: &mut SqliteConnection,
    id: UserId,
    change: &AccountChange,
) -> Result<Option<Revocation>, StoreError> {
    let Some(account) = find(connection, id).await? else {
        return Ok(None);
    };
    sqlx::query("DELETE FROM service_accounts WHERE id = ?")
        .bind(&id.as_bytes()[..])
        .execute(&mut *connection)
        .await?;
    let (event, revocation) = change.removal(&account);
    revocations::insert(connection, &revocation).await?;
    audit::insert(connection, &event).await?;
    Ok(Some(revocation))
}
