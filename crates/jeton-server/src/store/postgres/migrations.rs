//! The schema, step by step. A step that has been released is never edited; the next one mends it.

use sqlx::{PgConnection, Row, error::DatabaseError, migrate::MigrateError};

use crate::store::StoreError;

/// The steps. Their numbers are the same for all engines; PostgreSQL came with the second.
const STEPS: [(i64, &str); 11] = [
    (
        2,
        include_str!("../../../migrations/postgres/0002_accounts_sessions_revocations_keys_audit.sql"),
    ),
    (
        3,
        include_str!("../../../migrations/postgres/0003_key_rotation.sql"),
    ),
    (4, include_str!("../../../migrations/postgres/0004_standing.sql")),
    (
        5,
        include_str!("../../../migrations/postgres/0005_audit_proofs.sql"),
    ),
    (
        6,
        include_str!("../../../migrations/postgres/0006_refresh_limits.sql"),
    ),
    (
        7,
        include_str!("../../../migrations/postgres/0007_devices_and_acting.sql"),
    ),
    (
        8,
        include_str!("../../../migrations/postgres/0008_confirmed_time.sql"),
    ),
    (
        9,
        include_str!("../../../migrations/postgres/0009_authenticated_at.sql"),
    ),
    (
        10,
        include_str!("../../../migrations/postgres/0010_ceremonies.sql"),
    ),
    (
        11,
        include_str!("../../../migrations/postgres/0011_owners_and_search.sql"),
    ),
    (
        12,
        include_str!("../../../migrations/postgres/0012_clients_and_grants.sql"),
    ),
];
pub(super) const LAST: i64 = STEPS[STEPS.len() - 1].0;

/// How often to try to make the table of steps, while other nodes make it too.
const TRIES: usize = 10;

/// Takes the steps that are missing. Nodes that start at once do so one after the other.
pub(super) async fn run(connection: &mut PgConnection) -> Result<(), StoreError> {
    if !missing(connection).await?.is_empty() {
        make_table(connection).await.map_err(failed)?;
        // An error leaves the transaction with the connection.
        execute(
            connection,
            "BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0",
        )
        .await?;
        execute(
            connection,
            "SELECT 1 FROM schema_migrations WHERE version = 0 FOR UPDATE",
        )
        .await?;
        for (version, sql) in missing(&mut *connection).await? {
            execute(connection, sql).await.map_err(failed)?;
            sqlx::query("INSERT INTO schema_migrations (version) VALUES ($1)")
                .bind(version)
                .execute(&mut *connection)
                .await?;
        }
        execute(connection, "COMMIT").await?;
    }
    Ok(())
}

async fn execute(connection: &mut PgConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(connection).await.map(drop)
}

/// The steps not taken yet.
async fn missing(connection: &mut PgConnection) -> Result<Vec<(i64, &'static str)>, StoreError> {
    let taken = taken(connection).await?;
    if let Some(found) = taken.iter().copied().find(|version| *version > LAST) {
        return Err(StoreError::SchemaTooNew { found, known: LAST });
    }
    Ok(STEPS
        .into_iter()
        .filter(|(version, _)| !taken.contains(version))
        .collect())
}

pub(super) async fn taken(connection: &mut PgConnection) -> Result<Vec<i64>, StoreError> {
    let there = sqlx::query("SELECT to_regclass('schema_migrations') IS NOT NULL AS there")
        .fetch_one(&mut *connection)
        .await?;
    if !there.try_get::<bool, _>("there")? {
        return Ok(Vec::new());
    }
    // Step 0 is the row that a node locks while it takes the others.
    let rows = sqlx::query("SELECT version FROM schema_migrations WHERE version > 0")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("version")?)).collect()
}

async fn make_table(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut tries = 0;
    loop {
        let made = execute(
            connection,
            "CREATE TABLE IF NOT EXISTS schema_migrations ( \
                 version  BIGINT NOT NULL PRIMARY KEY, \
                 taken_at TIMESTAMPTZ NOT NULL DEFAULT now() \
             ); \
             INSERT INTO schema_migrations (version) VALUES (0) ON CONFLICT DO NOTHING",
        )
        .await;
        tries += 1;
        match made {
            Err(error) if tries < TRIES && is_made_by_another(&error) => {}
            made => return made,
        }
    }
}

/// Whether another node was making the same table. `IF NOT EXISTS` does not see one that is not committed yet, and then
/// collides with it.
fn is_made_by_another(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "23505" | "42P07" | "42710" | "40001" | "40P01"))
}

fn failed(error: sqlx::Error) -> StoreError {
    StoreError::Migrate(MigrateError::Execute(error))
}
