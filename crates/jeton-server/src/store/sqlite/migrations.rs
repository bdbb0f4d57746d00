//! The schema, step by step. A step that has been released is never edited; the next one mends it.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

use crate::store::StoreError;

const STEPS: [(i64, &str, &str); 1] = [(
    1,
    "accounts, sessions, revocations, keys",
    include_str!("../../../migrations/sqlite/0001_accounts_sessions_revocations_keys.sql"),
)];

pub(super) async fn run(pool: &SqlitePool) -> Result<(), StoreError> {
    let steps = STEPS.map(|(version, name, sql)| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(steps.into())
        .run(pool)
        .await
        .map_err(StoreError::Migrate)
}
