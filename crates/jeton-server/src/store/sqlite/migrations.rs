//! The schema, step by step. A step that has been released is never edited; the next one mends it.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::store::StoreError;

const STEPS: [(i64, &str, &str); 2] = [
    (
        1,
        "accounts, sessions, revocations, keys",
        include_str!("../../../migrations/sqlite/0001_accounts_sessions_revocations_keys.sql"),
    ),
    (
        2,
        "audit, throttle, claims, service accounts",
        include_str!("../../../migrations/sqlite/0002_audit_throttle_claims_service_accounts.sql"),
    ),
];

pub(super) async fn run(connection: &mut SqliteConnection) -> Result<(), StoreError> {
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
        .run(connection)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) => StoreError::SchemaTooNew {
                found,
                known: STEPS.len().try_into().unwrap_or(i64::MAX),
            },
            error => StoreError::Migrate(error),
        })
}
