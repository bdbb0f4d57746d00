use async_trait::async_trait;
use sqlx::{Row, SqliteConnection};

use super::{SqliteStore, audit, rows};
use crate::{
    model::{
        audit::Event,
        email::EmailAddress,
        id::UserId,
        role::Role,
        time::Timestamp,
        user::{Account, PasswordHash, User},
        username::UsernameKey,
    },
    store::{CreateUser, Import, StoreError, Users},
};

#[async_trait]
impl Users for SqliteStore {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError> {
        let (account, event) = (account.clone(), event.clone());
        self.writer
            .run(move |connection| Box::pin(async move { create(connection, &account, &event).await }))
            .await
    }

    async fn import_accounts(&self, accounts: Vec<(Account, Event)>) -> Result<Vec<Import>, StoreError> {
        self.writer
            .run(move |connection| Box::pin(async move { import(connection, &accounts).await }))
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

    async fn rehash(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        scheme: &str,
        event: &Event,
    ) -> Result<bool, StoreError> {
        let (old, new, scheme, event) = (old.clone(), new.clone(), scheme.to_owned(), event.clone());
        self.writer
            .run(move |connection| {
                Box::pin(async move { rehash(connection, user, [&old, &new], &scheme, &event).await })
            })
            .await
    }

    async fn password_schemes(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT scheme, count(*) AS users FROM users WHERE password_hash <> '' GROUP BY scheme ORDER BY scheme",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("scheme")?, row.try_get("users")?)))
            .collect()
    }
}

async fn create(
    connection: &mut SqliteConnection,
    account: &Account,
    event: &Event,
) -> Result<CreateUser, StoreError> {
    if !insert(connection, account, event.at).await? {
        return Ok(CreateUser::NameTaken);
    }
    audit::insert(connection, event).await?;
    Ok(CreateUser::Created)
}

/// Writes an account unless its name, one that looks like it, or its id belongs to somebody; says whether it did.
async fn insert(
    connection: &mut SqliteConnection,
    account: &Account,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let user = &account.user;
    let reset = account.reset_code.as_ref();
    let inserted = sqlx::query(
        "INSERT INTO users (id, username, username_key, username_skeleton, email, password_hash, scheme, roles, \
                            claims, version, disabled_at, reset_code, reset_until, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&user.id.as_bytes()[..])
    .bind(user.username.as_str())
    .bind(user.username.key().as_str())
    .bind(user.username.skeleton())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(account.password_hash.as_ref().map_or("", PasswordHash::expose))
    .bind(&account.scheme)
    .bind(joined(&user.roles))
    .bind(user.claims.to_string())
    .bind(user.version.0)
    .bind(user.disabled.then_some(now.seconds()))
    .bind(reset.map(|code| &code.digest.as_bytes()[..]))
    .bind(reset.map(|code| code.until.seconds()))
    .bind(user.created_at.seconds())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

fn joined(roles: &[Role]) -> String {
    roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" ")
}

async fn import(
    connection: &mut SqliteConnection,
    accounts: &[(Account, Event)],
) -> Result<Vec<Import>, StoreError> {
    let mut imports = Vec::with_capacity(accounts.len());
    for (account, event) in accounts {
        imports.push(match create(connection, account, event).await? {
            CreateUser::Created => Import::Created,
            CreateUser::NameTaken => why_not(connection, account).await?,
        });
    }
    Ok(imports)
}

/// Why an account could not be written.
async fn why_not(connection: &mut SqliteConnection, account: &Account) -> Result<Import, StoreError> {
    let user = &account.user;
    let same = sqlx::query("SELECT 1 FROM users WHERE username_key = ? AND password_hash = ?")
        .bind(user.username.key().as_str())
        .bind(account.password_hash.as_ref().map_or("", PasswordHash::expose))
        .fetch_optional(&mut *connection)
        .await?;
    if same.is_some() {
        return Ok(Import::AlreadyThere);
    }
    let name = sqlx::query("SELECT 1 FROM users WHERE username_key = ? OR username_skeleton = ?")
        .bind(user.username.key().as_str())
        .bind(user.username.skeleton())
        .fetch_optional(connection)
        .await?;
    Ok(if name.is_some() {
        Import::NameTaken
    } else {
        Import::IdTaken
    })
}

async fn rehash(
    connection: &mut SqliteConnection,
    user: UserId,
    [old, new]: [&PasswordHash; 2],
    scheme: &str,
    event: &Event,
) -> Result<bool, StoreError> {
    let updated =
        sqlx::query("UPDATE users SET password_hash = ?, scheme = ? WHERE id = ? AND password_hash = ?")
            .bind(new.expose())
            .bind(scheme)
            .bind(&user.as_bytes()[..])
            .bind(old.expose())
            .execute(&mut *connection)
            .await?;
    if updated.rows_affected() == 0 {
        return Ok(false);
    }
    audit::insert(connection, event).await?;
    Ok(true)
}
