//! PostgreSQL's end of a move.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Connection, Postgres, Row as _, postgres::PgArguments, query::Query};
use uuid::Uuid;

use super::{engine::Node, migrations, server::Server};
use crate::{
    model::key::SealedKey,
    store::{
        Relocation, Restored, Signer, StoreError,
        database::{self, keys, restored, standing},
        engine::Engine,
        rows,
        trail::SignerSlot,
        transaction::Transaction,
        transfer::{Cell, Kind, Numbers, PAGE, Row, Side, TABLES, Table},
    },
};

/// How long a statement may take, and a lock while the service is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it tries to hold every table, where somebody else holds them in another order.
const TRIES: usize = 10;

pub(in crate::store) struct PostgresSide {
    server: Server,
    transaction: Transaction<Node>,
    signer: SignerSlot,
}

impl PostgresSide {
    pub(in crate::store) async fn open(url: &str) -> Result<Self, StoreError> {
        let server = Server::parse(url, PATIENCE)?;
        let connection = server.first_connection().await?;
        let signer = SignerSlot::default();
        Ok(Self {
            server,
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
        let name = table.name;
        let key: Vec<_> = (1..)
            .zip(table.key())
            .map(|(place, (column, _))| format!("{column} = ${place}"))
            .collect();
        let delete = format!("DELETE FROM {name} WHERE {}", key.join(" AND "));
        for row in gone {
            let query = sqlx::query(AssertSqlSafe(delete.as_str()));
            bind_key(query, table, row.key(table))
                .execute(&mut self.transaction.connection)
                .await?;
        }
        if rows.is_empty() {
            return Ok(());
        }
        let lists: Vec<_> = (1..)
            .zip(table.columns)
            .map(|(place, (_, kind))| format!("${place}::{}[]", type_of(*kind)))
            .collect();
        let insert = format!(
            "INSERT INTO {name} ({}) SELECT * FROM unnest({}) {}",
            Table::list(table.columns),
            lists.join(", "),
            table.or_change()
        );
        let mut query = sqlx::query(AssertSqlSafe(insert));
        for (place, (_, kind)) in table.columns.iter().enumerate() {
            let column = rows.iter().map(|row| &row.cells[place]);
            query = match kind {
                Kind::Id => query.bind(column.map(uuid).collect::<Vec<_>>()),
                Kind::Int => query.bind(column.map(int).collect::<Vec<_>>()),
                Kind::Text => query.bind(column.map(text).collect::<Vec<_>>()),
                Kind::Bytes => query.bind(column.map(bytes).collect::<Vec<_>>()),
            };
        }
        query.execute(&mut self.transaction.connection).await?;
        Ok(())
    }

    async fn shut_tables(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        let tables: Vec<_> = shut_tables().collect();
        // Waits for whoever writes, and holds back who comes after.
        let mut statements = format!(
            "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE; \
             CREATE OR REPLACE FUNCTION jeton_shut() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN RAISE EXCEPTION 'the database is being moved' USING ERRCODE = 'JETON'; END $$",
            tables.join(", ")
        );
        for table in tables {
            statements.push_str(
                "; CREATE OR REPLACE TRIGGER shut BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ",
            );
            statements.push_str(table);
            statements.push_str(" FOR EACH STATEMENT EXECUTE FUNCTION jeton_shut()");
        }
        self.execute(statements).await?;
        standing::write(&mut self.transaction.connection, relocation).await
    }

    async fn open_tables(&mut self, restored: Option<Restored>) -> Result<(), StoreError> {
        for table in shut_tables() {
            self.execute(format!("DROP TRIGGER IF EXISTS shut ON {table}"))
                .await?;
        }
        self.execute("DROP FUNCTION IF EXISTS jeton_shut()").await?;
        standing::write(&mut self.transaction.connection, &Relocation::InUse).await?;
        if let Some(restored) = restored {
            self.call_everything_back(restored).await?;
        }
        Ok(())
    }

    /// However many there are.
    async fn call_everything_back(&mut self, restored: Restored) -> Result<u64, StoreError> {
        self.execute("SET LOCAL statement_timeout = 0").await?;
        let ended = restored::call_everything_back(&mut self.transaction, restored).await?;
        self.transaction.finish().await?;
        Ok(ended)
    }
}

#[async_trait]
impl Side for PostgresSide {
    fn place(&self) -> String {
        self.server.place()
    }

    async fn step(&mut self) -> Result<Option<i64>, StoreError> {
        Ok(migrations::taken(&mut self.transaction.connection)
            .await?
            .into_iter()
            .max())
    }

    fn last_step(&self) -> i64 {
        migrations::LAST
    }

    async fn make_schema(&mut self) -> Result<(), StoreError> {
        migrations::run(&mut self.transaction.connection).await
    }

    async fn columns(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let tables: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        let rows = sqlx::query(
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = ANY ($1)",
        )
        .bind(tables)
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
        Ok(row.try_get::<i64, _>("rows")?.unsigned_abs())
    }

    async fn page(&mut self, table: &'static Table, after: Option<&[Cell]>) -> Result<Vec<Row>, StoreError> {
        let (name, columns) = (table.name, Table::list(table.columns));
        let key = Table::list(table.key());
        let places: Vec<_> = (1..=table.key().len()).map(|place| format!("${place}")).collect();
        let begin = after.map_or_else(String::new, |_| {
            format!("WHERE ({key}) > ({})", places.join(", "))
        });
        let page = format!("SELECT {columns} FROM {name} {begin} ORDER BY {key} LIMIT {PAGE}");
        let query = bind_key(sqlx::query(AssertSqlSafe(page)), table, after.unwrap_or_default());
        let rows = query.fetch_all(&mut self.transaction.connection).await?;
        rows.iter().map(|row| Ok(Row::read(row, table)?)).collect()
    }

    async fn write(&mut self, table: &'static Table, gone: &[&Row], rows: &[&Row]) -> Result<(), StoreError> {
        self.execute("BEGIN").await?;
        let written = self.delete_and_insert(table, gone, rows).await;
        self.end(written).await
    }

    async fn numbers(&mut self) -> Result<Numbers, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT value FROM counters WHERE name = 'revocations') AS revocations, \
                    (SELECT value FROM counters WHERE name = 'audit') AS audit, \
                    accepted_from FROM standing",
        )
        .fetch_one(&mut self.transaction.connection)
        .await?;
        rows::numbers(&row)
    }

    async fn set_numbers(&mut self, numbers: Numbers) -> Result<(), StoreError> {
        for (name, value) in [("revocations", numbers.revocations), ("audit", numbers.audit)] {
            sqlx::query("UPDATE counters SET value = $1 WHERE name = $2")
                .bind(value)
                .bind(name)
                .execute(&mut self.transaction.connection)
                .await?;
        }
        sqlx::query("UPDATE standing SET accepted_from = $1")
            .bind(numbers.accepted_from)
            .execute(&mut self.transaction.connection)
            .await?;
        Ok(())
    }

    async fn time(&mut self) -> Result<SystemTime, StoreError> {
        database::time(&mut self.transaction.connection, Node::NOW).await
    }

    async fn relocation(&mut self) -> Result<Relocation, StoreError> {
        standing::read(&mut self.transaction.connection).await
    }

    async fn set_relocation(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        standing::write(&mut self.transaction.connection, relocation).await
    }

    async fn shut(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            self.execute("BEGIN").await?;
            let shut = self.shut_tables(relocation).await;
            match self.end(shut).await {
                Err(StoreError::Busy(_)) if tries < TRIES => tries += 1,
                shut => return shut,
            }
        }
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

fn bind_key<'q>(
    query: Query<'q, Postgres, PgArguments>,
    table: &Table,
    cells: &'q [Cell],
) -> Query<'q, Postgres, PgArguments> {
    let key = table.key().iter().zip(cells);
    key.fold(query, |query, ((_, kind), cell)| match kind {
        Kind::Id => query.bind(uuid(cell)),
        Kind::Int => query.bind(int(cell)),
        Kind::Text => query.bind(text(cell)),
        Kind::Bytes => query.bind(bytes(cell)),
    })
}

fn shut_tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|table| table.name).chain(["counters"])
}

const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "uuid",
        Kind::Int => "bigint",
        Kind::Text => "text",
        Kind::Bytes => "bytea",
    }
}

fn uuid(cell: &Cell) -> Option<Uuid> {
    bytes(cell).and_then(|bytes| Uuid::from_slice(bytes).ok())
}

const fn int(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        _ => None,
    }
}

fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

fn bytes(cell: &Cell) -> Option<&[u8]> {
    match cell {
        Cell::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}
