use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::{SqliteStore, audit, rows};
use crate::{
    model::{
        audit::Event,
        email::EmailAddress,
        id::UserId,
        role::Role,
        user::{Account, User},
        username::UsernameKey,
    },
    store::{CreateUser, StoreError, Users},
};

#[async_trait]
impl Users for SqliteStore {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError> {
        let (account, event) = (account.clone(), event.clone());
        self.writer
            .run(move |connection| Box::pin(async move { create(connection, &account, &event).await }))
            .await
    }

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query("SELECT * FROM users WHERE username_key = ?")
            .bind(name.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::account).transpose()
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("SELECT * FROM users WHERE id = ?")
            .bind(&id.as_bytes()[..])
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(rows::user).transpose()
    }
}

async fn create(
    connection: &mut SqliteConnection,
    account: &Account,
    event: &Event,
) -> Result<CreateUser, StoreError> {
    let user = &account.user;
    let roles = user.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" ");
    let inserted = sqlx::query(
        "INSERT INTO users (id, username, username_key, username_skeleton, email, password_hash, roles, \
                            version, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&user.id.as_bytes()[..])
    .bind(user.username.as_str())
    .bind(user.username.key().as_str())
    .bind(user.username.skeleton())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(account.password_hash.expose())
    .bind(roles)
    .bind(user.version.0)
    .bind(user.created_at.seconds())
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(CreateUser::NameTaken);
    }
    audit::insert(connection, event).await?;
    Ok(CreateUser::Created)
}
