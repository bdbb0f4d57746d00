//! The schema, step by step. A step that has been released is never edited; the next one mends it.

use std::borrow::Cow;

use sqlx::{
    Row, SqlSafeStr, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::store::StoreError;

const STEPS: [(i64, &str, &str); 12] = [
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
    (
        3,
        "key rotation",
        include_str!("../../../migrations/sqlite/0003_key_rotation.sql"),
    ),
    (
        4,
        "standing",
        include_str!("../../../migrations/sqlite/0004_standing.sql"),
    ),
    (
        5,
        "audit proofs",
        include_str!("../../../migrations/sqlite/0005_audit_proofs.sql"),
    ),
    (
        6,
        "refresh limits",
        include_str!("../../../migrations/sqlite/0006_refresh_limits.sql"),
    ),
    (
        7,
        "devices and acting",
        include_str!("../../../migrations/sqlite/0007_devices_and_acting.sql"),
    ),
    (
        8,
        "confirmed time",
        include_str!("../../../migrations/sqlite/0008_confirmed_time.sql"),
    ),
    (
        9,
        "authenticated at",
        include_str!("../../../migrations/sqlite/0009_authenticated_at.sql"),
    ),
    (
        10,
        "ceremonies",
        include_str!("../../../migrations/sqlite/0010_ceremonies.sql"),
    ),
    (
        11,
        "owners and search",
        include_str!("../../../migrations/sqlite/0011_owners_and_search.sql"),
    ),
    (
        12,
        "clients and grants",
        include_str!("../../../migrations/sqlite/0012_clients_and_grants.sql"),
    ),
];
pub(super) const LAST: i64 = STEPS[STEPS.len() - 1].0;

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
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(found) => StoreError::SchemaTooNew { found, known: LAST },
            error => StoreError::Migrate(error),
        })
}

/// The last step that was taken; none in a file without a schema.
pub(super) async fn last_taken(connection: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
    let there = sqlx::query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'")
        .fetch_optional(&mut *connection)
        .await?;
    if there.is_none() {
        return Ok(None);
    }
    let row = sqlx::query("SELECT max(version) AS last FROM _sqlx_migrations WHERE success")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("last")?)
}
