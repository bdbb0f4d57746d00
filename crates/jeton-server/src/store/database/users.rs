use async_trait::async_trait;

use super::{Database, acting};
use crate::{
    model::{
        audit::Event,
        email::EmailAddress,
        id::UserId,
        reset_code::StoredCode,
        role::Role,
        time::Timestamp,
        user::{Account, PasswordHash, User, changes::Changes},
        username::UsernameKey,
    },
    store::{
        Acted, AdminAction, CreateUser, Import, PasswordSet, SetPassword, SetUp, SetUpOutcome, StoreError,
        UserQuery, Users,
        engine::Engine,
        rows::{self, Columns, select},
        sql::{Connection, Statement, sql},
        transaction::Transaction,
        writer::RowLocks,
    },
};

mod administration;
mod passwords;
mod search;
mod setup;

pub(super) use administration::{is_last_administrator, remove};

#[async_trait]
impl<E: Engine> Users for Database<E> {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError> {
        let (account, event) = (account.clone(), event.clone());
        let locks = RowLocks::row(account.user.username.key().as_str()).by(event.by);
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move {
                    acting::must_administrate(transaction, event.by).await?;
                    create(transaction, &account, &event).await
                })
            })
            .await
    }

    async fn set_up(&self, setup: &SetUp) -> Result<SetUpOutcome, StoreError> {
        let setup = setup.clone();
        let locks = RowLocks::default().and_counters();
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { setup::set_up(transaction, &setup).await })
            })
            .await
    }

    async fn has_administrator(&self) -> Result<bool, StoreError> {
        Ok(self
            .fetch_optional(setup::any_administrator::<E>())
            .await?
            .is_some())
    }

    async fn enabled_administrators(&self, limit: u32) -> Result<u64, StoreError> {
        let statement = sql(format!(
            "SELECT id FROM users WHERE {} AND disabled_at IS NULL",
            administrators::<E>()
        ));
        let rows = self.fetch_all(statement.limit(limit)).await?;
        Ok(rows.len() as u64)
    }

    async fn import_accounts(&self, accounts: Vec<(Account, Event)>) -> Result<Vec<Import>, StoreError> {
        self.writer
            .run(move |transaction| Box::pin(async move { import(transaction, &accounts).await }))
            .await
    }

    async fn try_import(&self, accounts: &[Account]) -> Result<Vec<Import>, StoreError> {
        let mut reader = self.engine.reader().await?;
        let mut imports = Vec::with_capacity(accounts.len());
        for account in accounts {
            imports.push(import_of(&mut *reader, account).await?);
        }
        Ok(imports)
    }

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(users, "WHERE username_key = $1")).bind(name.as_str()))
            .await?;
        row.as_ref().map(rows::account).transpose()
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(users, "WHERE id = $1")).bind(id))
            .await?;
        row.as_ref().map(rows::user).transpose()
    }

    async fn users(&self, query: &UserQuery) -> Result<Vec<User>, StoreError> {
        if let Some(text) = &query.begins_with {
            return search::beginning_with(self, query, text).await;
        }
        let rows = self.fetch_all(matching::<E>(query)).await?;
        rows.iter().map(rows::user).collect()
    }

    async fn change_user(&self, act: &AdminAction, changes: &Changes) -> Result<Acted<User>, StoreError> {
        let (act, changes) = (*act, changes.clone());
        let locks = RowLocks::user(act.user).by(Some(act.by)).and_counters();
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { administration::change(transaction, &act, changes).await })
            })
            .await
    }

    async fn delete_user(&self, act: &AdminAction) -> Result<Acted<()>, StoreError> {
        let act = *act;
        let locks = RowLocks::user(act.user).by(Some(act.by)).and_counters();
        let acted = self
            .writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { administration::delete(transaction, &act).await })
            })
            .await?;
        if let Acted::Done(..) = acted {
            self.engine.erased().await;
        }
        Ok(acted)
    }

    async fn issue_reset_code(
        &self,
        act: &AdminAction,
        code: &StoredCode,
        force: bool,
    ) -> Result<Acted<()>, StoreError> {
        let (act, code) = (*act, code.clone());
        self.writer
            .run_on(RowLocks::user(act.user).by(Some(act.by)), move |transaction| {
                Box::pin(async move { passwords::issue_code(transaction, &act, &code, force).await })
            })
            .await
    }

    async fn set_password(&self, setting: &SetPassword) -> Result<Option<PasswordSet>, StoreError> {
        let setting = setting.clone();
        let attempt = setting
            .opens
            .as_ref()
            .and_then(|opening| opening.forgives.as_ref());
        let locks = RowLocks::user(setting.user)
            .and_attempt(attempt)
            .and_ceremony(setting.finishes);
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { passwords::set(transaction, &setting).await })
            })
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
            .run_on(RowLocks::user(user), move |transaction| {
                Box::pin(
                    async move { passwords::rehash(transaction, user, [&old, &new], &scheme, &event).await },
                )
            })
            .await
    }

    async fn password_scheme_names(&self) -> Result<Vec<String>, StoreError> {
        // Jumps from one scheme to the next in the index, past the many users of each.
        let statement = sql("WITH RECURSIVE schemes (scheme) AS ( \
                 SELECT min(scheme) FROM users WHERE scheme > '' \
                 UNION ALL \
                 SELECT (SELECT min(users.scheme) FROM users WHERE users.scheme > schemes.scheme) FROM schemes \
                 WHERE schemes.scheme IS NOT NULL \
             ) \
             SELECT scheme FROM schemes WHERE scheme IS NOT NULL");
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(|row| Ok(row.try_get("scheme")?)).collect()
    }

    async fn password_schemes(&self) -> Result<Vec<(String, u64)>, StoreError> {
        // From the index alone: an account without a hash has no scheme either.
        let statement = sql(
            "SELECT scheme, count(*) AS users FROM users WHERE scheme <> '' GROUP BY scheme ORDER BY scheme",
        );
        let rows = self.fetch_all(statement).await?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.try_get("scheme")?,
                    row.try_get::<i64>("users")?.unsigned_abs(),
                ))
            })
            .collect()
    }
}

/// Whether nobody else has a user's name, or one that looks like it.
pub(super) async fn is_name_free<E: Engine>(
    transaction: &mut Transaction<E>,
    user: &User,
) -> Result<bool, StoreError> {
    let taken = sql("SELECT 1 FROM users WHERE (username_key = $1 OR username_skeleton = $2) AND id <> $3")
        .bind(user.username.key().as_str())
        .bind(user.username.skeleton())
        .bind(user.id);
    Ok(transaction.fetch_optional(taken).await?.is_none())
}

/// The condition that tells administrators, enabled or disabled. Worded as the index `users_administrators` is, which
/// serves it only then.
pub(super) fn administrators<E: Engine>() -> String {
    format!("{}(' ' || roles || ' ', ' admin ') > 0", E::POSITION)
}

fn matching<E: Engine>(query: &UserQuery) -> Statement<'_> {
    let (users, position) = (select!(users, ""), E::POSITION);
    let statement = sql(format!(
        "{users} WHERE ($1 IS NULL OR {position}(username_key, $1) > 0 OR {position}(lower(username), $1) > 0 \
                OR {position}(lower(email), $1) > 0) \
           AND ($2 IS NULL OR {position}(' ' || roles || ' ', ' ' || $2 || ' ') > 0) \
           AND ($3 IS NULL OR (disabled_at IS NOT NULL) = $3)"
    ))
    .bind(query.search.as_ref().map(|text| text.to_lowercase()))
    .bind(query.role.as_ref().map(Role::as_str))
    .bind(query.disabled);
    let statement = match query.after {
        Some(after) => statement.push_bind(" AND id > ", after),
        None => statement,
    };
    statement.push(" ORDER BY id").limit(query.limit)
}

async fn create<E: Engine>(
    transaction: &mut Transaction<E>,
    account: &Account,
    event: &Event,
) -> Result<CreateUser, StoreError> {
    if !insert(transaction, account, event.at).await? {
        return Ok(CreateUser::UsernameTaken);
    }
    transaction.record(event);
    Ok(CreateUser::Created)
}

/// Writes an account unless its name, one that looks like it, or its id is taken; returns whether it did.
async fn insert<E: Engine>(
    transaction: &mut Transaction<E>,
    account: &Account,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let user = &account.user;
    let reset = account.reset_code.as_ref();
    let statement = sql(
        "INSERT INTO users (id, username, username_key, username_skeleton, email, password_hash, scheme, roles, \
                            claims, version, disabled_at, reset_code, reset_until, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING",
    )
    .bind(user.id)
    .bind(user.username.as_str())
    .bind(user.username.key().as_str())
    .bind(user.username.skeleton())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(account.password_hash.as_ref().map_or("", PasswordHash::expose))
    .bind(&account.scheme)
    .bind(joined(&user.roles))
    .bind(user.claims.to_string())
    .bind(user.version)
    .bind(user.disabled.then_some(now))
    .bind(reset.map(|code| &code.digest))
    .bind(reset.map(|code| code.until))
    .bind(user.created_at);
    let inserted = transaction.execute(statement).await?;
    Ok(inserted == 1)
}

fn joined(roles: &[Role]) -> String {
    roles.iter().map(Role::as_str).collect::<Vec<_>>().join(" ")
}

async fn import<E: Engine>(
    transaction: &mut Transaction<E>,
    accounts: &[(Account, Event)],
) -> Result<Vec<Import>, StoreError> {
    let mut imports = Vec::with_capacity(accounts.len());
    for (account, event) in accounts {
        imports.push(match create(transaction, account, event).await? {
            CreateUser::Created => Import::Created,
            CreateUser::UsernameTaken => import_of(&mut transaction.connection, account).await?,
        });
    }
    Ok(imports)
}

/// Finds out whether an imported account can be written, or is there already, or its name or id is taken.
async fn import_of<C: Connection>(connection: &mut C, account: &Account) -> Result<Import, StoreError> {
    let user = &account.user;
    let same = connection
        .fetch_optional(
            sql("SELECT 1 FROM users WHERE username_key = $1 AND (id = $2 OR password_hash = $3)")
                .bind(user.username.key().as_str())
                .bind(user.id)
                .bind(account.password_hash.as_ref().map_or("", PasswordHash::expose)),
        )
        .await?;
    if same.is_some() {
        return Ok(Import::AlreadyThere);
    }
    let name = connection
        .fetch_optional(
            sql("SELECT 1 FROM users WHERE username_key = $1 OR username_skeleton = $2")
                .bind(user.username.key().as_str())
                .bind(user.username.skeleton()),
        )
        .await?;
    if name.is_some() {
        return Ok(Import::UsernameTaken);
    }
    let id = connection
        .fetch_optional(sql("SELECT 1 FROM users WHERE id = $1").bind(user.id))
        .await?;
    Ok(if id.is_some() {
        Import::IdTaken
    } else {
        Import::Created
    })
}
