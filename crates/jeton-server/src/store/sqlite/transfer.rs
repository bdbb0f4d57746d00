//! SQLite's end of a move.

use std::{
    fs, io,
    path::Path,
    str::FromStr,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, QueryBuilder, Row as _, Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnectOptions},
};

use super::{
    durable,
    engine::File,
    migrations,
    place::{make_private, not_connected},
};
use crate::{
    model::key::SealedKey,
    store::{
        Relocation, Restored, Signer, StoreError,
        database::{self, keys, restored, standing},
        engine::Engine,
        rows,
        trail::SignerSlot,
        transaction::Transaction,
        transfer::{Cell, Numbers, PAGE, Row, Side, TABLES, Table},
    },
};

/// How long it waits for the write lock of a service that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one statement may have.
const PARAMETERS: usize = 30_000;

pub(in crate::store) struct SqliteSide {
    place: String,
    transaction: Transaction<File>,
    signer: SignerSlot,
}

impl SqliteSide {
    /// A database that is there; none is made.
    pub(in crate::store) async fn source(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
        let path = options.get_filename().to_owned();
        if !path.exists() {
            return Err(StoreError::Unusable(format!(
                "there is no file {}",
                path.display()
            )));
        }
        Self::connect(options, &path).await
    }

    /// A database that may have to be made.
    pub(in crate::store) async fn target(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url).map_err(StoreError::Open)?;
        let path = options.get_filename().to_owned();
        make_private(&path)?;
        Self::connect(options, &path).await
    }

    async fn connect(options: SqliteConnectOptions, path: &Path) -> Result<Self, StoreError> {
        let place = fs::canonicalize(path).map_err(|error| not_a_file(path, &error))?;
        let options = durable(options).create_if_missing(false).busy_timeout(PATIENCE);
        let connection = options
            .connect()
            .await
            .map_err(|error| not_connected(path, &error))?;
        let signer = SignerSlot::default();
        Ok(Self {
            place: format!("sqlite://{}", place.display()),
            transaction: Transaction::new(connection, SignerSlot::clone(&signer)),
            signer,
        })
    }

    async fn execute(&mut self, statements: impl Into<String>) -> Result<(), StoreError> {
        sqlx::raw_sql(AssertSqlSafe(statements.into()))
            .execute(&mut self.transaction.connection)
            .await?;
        Ok(())
    }

    /// Ends a transaction as what was done in it says.
    async fn end<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        match done {
            Ok(done) => {
                self.execute("COMMIT").await?;
                Ok(done)
            }
            Err(error) => {
                self.execute("ROLLBACK").await?;
                Err(error)
            }
        }
    }

    async fn delete_and_insert(
        &mut self,
        table: &'static Table,
        gone: &[&Row],
        rows: &[&Row],
    ) -> Result<(), StoreError> {
        let key: Vec<_> = table
            .key()
            .iter()
            .map(|(name, _)| format!("{name} = ?"))
            .collect();
        let delete = format!("DELETE FROM {} WHERE {}", table.name, key.join(" AND "));
        for row in gone {
            let query = sqlx::query(AssertSqlSafe(delete.as_str()));
            bind_all(query, row.key(table))
                .execute(&mut self.transaction.connection)
                .await?;
        }
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
                .execute(&mut self.transaction.connection)
                .await?;
        }
        Ok(())
    }

    async fn open_tables(&mut self, restored: Option<Restored>) -> Result<(), StoreError> {
        for (table, action) in shut_writes() {
            self.execute(format!("DROP TRIGGER IF EXISTS shut_{table}_{action}"))
                .await?;
        }
        standing::write(&mut self.transaction.connection, &Relocation::InUse).await?;
        if let Some(restored) = restored {
            self.call_everything_back(restored).await?;
        }
        Ok(())
    }

    async fn call_everything_back(&mut self, restored: Restored) -> Result<u64, StoreError> {
        let ended = restored::call_everything_back(&mut self.transaction, restored).await?;
        self.transaction.finish().await?;
        Ok(ended)
    }

    async fn set_sequence(&mut self, name: &str, last: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sqlite_sequence WHERE name = ?")
            .bind(name)
            .execute(&mut self.transaction.connection)
            .await?;
        sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
            .bind(name)
            .bind(last)
            .execute(&mut self.transaction.connection)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Side for SqliteSide {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn step(&mut self) -> Result<Option<i64>, StoreError> {
        migrations::last_taken(&mut self.transaction.connection).await
    }

    fn last_step(&self) -> i64 {
        migrations::LAST
    }

    async fn make_schema(&mut self) -> Result<(), StoreError> {
        migrations::run(&mut self.transaction.connection).await
    }

    async fn columns(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT tables.name AS table_name, columns.name AS column_name \
             FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns \
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!'",
        )
        .fetch_all(&mut self.transaction.connection)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("table_name")?, row.try_get("column_name")?)))
            .collect()
    }

    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        let count = format!("SELECT count(*) AS rows FROM {}", table.name);
        let row = sqlx::query(AssertSqlSafe(count))
            .fetch_one(&mut self.transaction.connection)
            .await?;
        Ok(row.try_get("rows")?)
    }

    async fn page(&mut self, table: &'static Table, after: Option<&[Cell]>) -> Result<Vec<Row>, StoreError> {
        let (name, columns) = (table.name, Table::list(table.columns));
        let key = Table::list(table.key());
        let places = vec!["?"; table.key().len()].join(", ");
        let begin = after.map_or_else(String::new, |_| format!("WHERE ({key}) > ({places})"));
        let page = format!("SELECT {columns} FROM {name} {begin} ORDER BY {key} LIMIT {PAGE}");
        let query = bind_all(sqlx::query(AssertSqlSafe(page)), after.unwrap_or_default());
        let rows = query.fetch_all(&mut self.transaction.connection).await?;
        rows.iter().map(|row| Ok(Row::read(row, table)?)).collect()
    }

    async fn write(&mut self, table: &'static Table, gone: &[&Row], rows: &[&Row]) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE").await?;
        let written = self.delete_and_insert(table, gone, rows).await;
        self.end(written).await
    }

    async fn numbers(&mut self) -> Result<Numbers, StoreError> {
        let row = sqlx::query(
            "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'revocations'), 0) AS revocations, \
                    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) AS audit, \
                    accepted_from FROM standing",
        )
        .fetch_one(&mut self.transaction.connection)
        .await?;
        rows::numbers(&row)
    }

    async fn set_numbers(&mut self, numbers: Numbers) -> Result<(), StoreError> {
        self.set_sequence("revocations", numbers.revocations).await?;
        self.set_sequence("audit", numbers.audit).await?;
        sqlx::query("UPDATE standing SET accepted_from = ?")
            .bind(numbers.accepted_from)
            .execute(&mut self.transaction.connection)
            .await?;
        Ok(())
    }

    async fn time(&mut self) -> Result<SystemTime, StoreError> {
        database::time(&mut self.transaction.connection, File::NOW).await
    }

    async fn relocation(&mut self) -> Result<Relocation, StoreError> {
        standing::read(&mut self.transaction.connection).await
    }

    async fn set_relocation(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        standing::write(&mut self.transaction.connection, relocation).await
    }

    /// Triggers refuse every write. They come about under the write lock, and every connection sees them from then on.
    async fn shut(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE").await?;
        let mut shut = standing::write(&mut self.transaction.connection, relocation).await;
        for (table, action) in shut_writes() {
            if shut.is_ok() {
                shut = self
                    .execute(format!(
                        "CREATE TRIGGER IF NOT EXISTS shut_{table}_{action} BEFORE {action} ON {table} \
                         BEGIN SELECT RAISE(ABORT, 'the database is being moved'); END"
                    ))
                    .await;
            }
        }
        self.end(shut).await
    }

    async fn reopen(&mut self, restored: Option<Restored>) -> Result<(), StoreError> {
        self.transaction.begin(&[], &[]).await?;
        let reopened = self.open_tables(restored).await;
        self.end(reopened).await
    }

    async fn restore(&mut self, restored: Restored) -> Result<u64, StoreError> {
        self.transaction.begin(&[], &[]).await?;
        let ended = self.call_everything_back(restored).await;
        self.end(ended).await
    }

    async fn keys(&mut self) -> Result<Vec<SealedKey>, StoreError> {
        keys::all(&mut self.transaction.connection).await
    }

    fn sign_with(&mut self, signer: Signer) {
        let _ = self.signer.set(signer);
    }

    async fn close(self: Box<Self>) {
        if let Err(error) = self.transaction.connection.close().await {
            tracing::warn!(%error, "the database was not closed properly");
        }
    }
}

fn bind_all<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    cells: &'q [Cell],
) -> Query<'q, Sqlite, SqliteArguments> {
    cells.iter().fold(query, |query, cell| match cell {
        Cell::Null => query.bind(None::<i64>),
        Cell::Int(number) => query.bind(*number),
        Cell::Text(text) => query.bind(text.as_str()),
        Cell::Bytes(bytes) => query.bind(bytes.as_slice()),
    })
}

fn shut_writes() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES
        .iter()
        .flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|action| (table.name, action)))
}

fn not_a_file(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unusable(format!("{} is no file: {error}", path.display()))
}
