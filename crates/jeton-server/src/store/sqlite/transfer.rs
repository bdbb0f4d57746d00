//! SQLite's end of a move.

use std::{fs, io, path::Path, str::FromStr, time::Duration};

use sqlx::{ConnectOptions, QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    durable,
    engine::File,
    migrations,
    place::{make_private, not_connected},
};
use crate::store::{
    StoreError,
    sql::{Connection, Statement, sql},
    transfer::{
        end::{End, Movable},
        row::{Cell, Row},
        side::PAGE,
        tables::{TABLES, Table},
    },
};

/// How long a move waits for the write lock of a service that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most parameters of one statement.
const PARAMETERS: usize = 30_000;

/// Opens a database that is there; none is made.
pub(in crate::store) async fn source(url: &str) -> Result<End<File>, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
    let path = options.get_filename().to_owned();
    if !path.exists() {
        return Err(StoreError::Unusable(format!(
            "there is no file {}",
            path.display()
        )));
    }
    connect(options, &path).await
}

/// Opens a database that may have to be made.
pub(in crate::store) async fn target(url: &str) -> Result<End<File>, StoreError> {
    let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
    let path = options.get_filename().to_owned();
    make_private(&path)?;
    connect(options, &path).await
}

async fn connect(options: SqliteConnectOptions, path: &Path) -> Result<End<File>, StoreError> {
    let place = fs::canonicalize(path).map_err(|error| not_a_file(path, &error))?;
    let options = durable(options).create_if_missing(false).busy_timeout(PATIENCE);
    let connection = options
        .connect()
        .await
        .map_err(|error| not_connected(path, &error))?;
    Ok(End::new(format!("sqlite://{}", place.display()), connection))
}

impl Movable for File {
    const LAST_STEP: i64 = migrations::LAST;
    const NUMBERS: &'static str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'revocations'), 0) AS revocations, \
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) AS audit, \
                accepted_from FROM standing";
    const TAKE_TIME: Option<&'static str> = None;

    async fn step(connection: &mut SqliteConnection) -> Result<Option<i64>, StoreError> {
        migrations::last_taken(connection).await
    }

    async fn make_schema(connection: &mut SqliteConnection) -> Result<(), StoreError> {
        migrations::run(connection).await
    }

    /// Every column of every table: nobody else shares a file.
    fn columns(_tables: &str) -> Statement<'static> {
        sql("SELECT tables.name AS table_name, columns.name AS column_name \
             FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns \
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!'")
    }

    async fn insert(
        connection: &mut SqliteConnection,
        table: &'static Table,
        rows: &[&Row],
    ) -> Result<(), sqlx::Error> {
        for rows in rows.chunks(PARAMETERS / table.columns.len()) {
            let columns = Table::list(table.columns);
            let mut insert = QueryBuilder::<Sqlite>::new(format!("INSERT INTO {} ({columns}) ", table.name));
            insert.push_values(rows, |mut values, row| {
                for cell in &row.cells {
                    match cell {
                        Cell::Null => values.push_bind(None::<i64>),
                        Cell::Int(number) => values.push_bind(*number),
                        Cell::Text(text) => values.push_bind(text.clone()),
                        Cell::Bytes(bytes) => values.push_bind(bytes.clone()),
                    };
                }
            });
            insert.push(" ").push(table.or_change());
            insert
                .build()
                .persistent(rows.len() == PAGE)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    async fn set_number(
        connection: &mut SqliteConnection,
        table: &'static str,
        last: i64,
    ) -> Result<(), sqlx::Error> {
        let forget = sql("DELETE FROM sqlite_sequence WHERE name = $1").bind(table);
        connection.execute(forget).await?;
        let set = sql("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)");
        connection.execute(set.bind(table).bind(last)).await.map(drop)
    }

    /// Creates triggers that refuse every write. It happens under the write lock, and every connection sees them from
    /// then on.
    fn shut() -> String {
        for_each_write(|table, action| {
            format!(
                "CREATE TRIGGER IF NOT EXISTS shut_{table}_{action} BEFORE {action} ON {table} \
                 BEGIN SELECT RAISE(ABORT, 'the database is being moved'); END;"
            )
        })
    }

    fn open() -> String {
        for_each_write(|table, action| format!("DROP TRIGGER IF EXISTS shut_{table}_{action};"))
    }
}

fn for_each_write(statement: impl Fn(&str, &str) -> String) -> String {
    TABLES
        .iter()
        .flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|action| statement(table.name, action)))
        .collect()
}

fn not_a_file(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unusable(format!("{} is no file: {error}", path.display()))
}
