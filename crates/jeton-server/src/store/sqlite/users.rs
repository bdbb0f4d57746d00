use async_trait::async_trait;
use sqlx::{Row, SqliteConnection};

use super::{SqliteStore, audit};
use crate::{
    model::{
        audit::Event,
        email::EmailAddress,
        id::UserId,
        reset_code::StoredCode,
        revocation::Revocation,
        role::Role,
        time::Timestamp,
        user::{Account, PasswordHash, User, changes::Changes},
        username::UsernameKey,
    },
    store::{Act, Acted, CreateUser, Import, SetPassword, StoreError, UserQuery, Users, rows},
};

mod administration;
mod passwords;

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

    async fn try_import(&self, accounts: &[Account]) -> Result<Vec<Import>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let mut imports = Vec::with_capacity(accounts.len());
        for account in accounts {
            imports.push(judge(&mut connection, account).await?);
        }
        Ok(imports)
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

    async fn users(&self, query: &UserQuery) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM users WHERE id > ?1 \
               AND (?2 IS NULL OR instr(username_key, ?2) OR instr(lower(username), ?2) OR instr(lower(email), ?2)) \
               AND (?3 IS NULL OR instr(' ' || roles || ' ', ' ' || ?3 || ' ')) \
               AND (?4 IS NULL OR (disabled_at IS NOT NULL) = ?4) \
             ORDER BY id LIMIT ?5",
        )
        .bind(query.after.as_ref().map_or(&[][..], |id| &id.as_bytes()[..]))
        .bind(query.search.as_ref().map(|text| text.to_lowercase()))
        .bind(query.role.as_ref().map(Role::as_str))
        .bind(query.disabled)
        .bind(query.limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(rows::user).collect()
    }

    async fn change_user(&self, act: &Act, changes: &Changes) -> Result<Acted<User>, StoreError> {
        let (act, changes) = (*act, changes.clone());
        self.writer
            .run(move |connection| {
                Box::pin(async move { administration::change(connection, &act, changes).await })
            })
            .await
    }

    async fn delete_user(&self, act: &Act) -> Result<Acted<()>, StoreError> {
        let act = *act;
        self.writer
            .run(move |connection| Box::pin(async move { administration::delete(connection, &act).await }))
            .await
    }

    async fn issue_reset_code(
        &self,
        act: &Act,
        code: &StoredCode,
        force: bool,
    ) -> Result<Acted<()>, StoreError> {
        let (act, code) = (*act, code.clone());
        self.writer
            .run(move |connection| {
                Box::pin(async move { passwords::issue_code(connection, &act, &code, force).await })
            })
            .await
    }

    async fn set_password(&self, setting: &SetPassword) -> Result<Option<Vec<Revocation>>, StoreError> {
        let setting = setting.clone();
        self.writer
            .run(move |connection| Box::pin(async move { passwords::set(connection, &setting).await }))
            .await
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
                Box::pin(
                    async move { passwords::rehash(connection, user, [&old, &new], &scheme, &event).await },
                )
            })
            .await
    }

    async fn password_schemes(&self) -> Result<Vec<(String, u64)>, StoreError> {
        // From the index alone: an account without a hash has no scheme either.
        let rows = sqlx::query(
            "SELECT scheme, count(*) AS users FROM users WHERE scheme <> '' GROUP BY scheme ORDER BY scheme",
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
            CreateUser::NameTaken => judge(connection, account).await?,
        });
    }
    Ok(imports)
}

/// Who stands in an account's way, if anybody does.
async fn judge(connection: &mut SqliteConnection, account: &Account) -> Result<Import, StoreError> {
    let user = &account.user;
    let same = sqlx::query("SELECT 1 FROM users WHERE username_key = ? AND (id = ? OR password_hash = ?)")
        .bind(user.username.key().as_str())
        .bind(&user.id.as_bytes()[..])
        .bind(account.password_hash.as_ref().map_or("", PasswordHash::expose))
        .fetch_optional(&mut *connection)
        .await?;
    if same.is_some() {
        return Ok(Import::AlreadyThere);
    }
    let name = sqlx::query("SELECT 1 FROM users WHERE username_key = ? OR username_skeleton = ?")
        .bind(user.username.key().as_str())
        .bind(user.username.skeleton())
        .fetch_optional(&mut *connection)
        .await?;
    if name.is_some() {
        return Ok(Import::NameTaken);
    }
    let id = sqlx::query("SELECT 1 FROM users WHERE id = ?")
        .bind(&user.id.as_bytes()[..])
        .fetch_optional(connection)
        .await?;
    Ok(if id.is_some() {
        Import::IdTaken
    } else {
        Import::Created
    })
}
