//! PostgreSQL's end of a move.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection};

use super::{engine::Node, migrations, server::Server};
use crate::store::{
    StoreError,
    sql::{Connection, Statement, sql},
    transfer::{
        end::{End, Movable},
        row::{Cell, Row},
        tables::{Kind, TABLES, Table},
    },
};

/// How long a statement may take, and a lock while the service is busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Opens a database, which must be there.
pub(in crate::store) async fn end(url: &str) -> Result<End<Node>, StoreError> {
    let server = Server::parse(url, PATIENCE)?;
    let connection = server.first_connection().await?;
    Ok(End::new(server.place(), connection))
}

impl Movable for Node {
    const LAST_STEP: i64 = migrations::LAST;
    const NUMBERS: &'static str = "SELECT (SELECT value FROM counters WHERE name = 'revocations') AS revocations, \
                (SELECT value FROM counters WHERE name = 'audit') AS audit, \
                accepted_from FROM standing";
    const TAKE_TIME: Option<&'static str> = Some("SET LOCAL statement_timeout = 0");

    async fn step(connection: &mut PgConnection) -> Result<Option<i64>, StoreError> {
        Ok(migrations::taken(connection).await?.into_iter().max())
    }

    async fn make_schema(connection: &mut PgConnection) -> Result<(), StoreError> {
        migrations::run(connection).await
    }

    fn columns(tables: &str) -> Statement<'static> {
        sql(
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = ANY (string_to_array($1, ','))",
        )
        .bind(tables.to_owned())
    }

    async fn insert(
        connection: &mut PgConnection,
        table: &'static Table,
        rows: &[&Row],
    ) -> Result<(), sqlx::Error> {
        let lists: Vec<_> = (1..)
            .zip(table.columns)
            .map(|(place, (_, kind))| format!("${place}::{}[]", type_of(*kind)))
            .collect();
        let insert = format!(
            "INSERT INTO {} ({}) SELECT * FROM unnest({}) {}",
            table.name,
            Table::list(table.columns),
            lists.join(", "),
            table.or_change()
        );
        let mut query = sqlx::query(AssertSqlSafe(insert));
        for (place, (_, kind)) in table.columns.iter().enumerate() {
            let column = rows.iter().map(|row| &row.cells[place]);
            query = match kind {
                Kind::Id => query.bind(column.map(Cell::uuid).collect::<Vec<_>>()),
                Kind::Int => query.bind(column.map(Cell::int).collect::<Vec<_>>()),
                Kind::Text => query.bind(column.map(Cell::text).collect::<Vec<_>>()),
                Kind::Bytes => query.bind(column.map(Cell::bytes).collect::<Vec<_>>()),
            };
        }
        query.execute(connection).await.map(drop)
    }

    async fn set_number(
        connection: &mut PgConnection,
        table: &'static str,
        last: i64,
    ) -> Result<(), sqlx::Error> {
        let set = sql("UPDATE counters SET value = $1 WHERE name = $2");
        connection.execute(set.bind(last).bind(table)).await.map(drop)
    }

    /// Locks the tables, which waits for writers under way and holds back new ones, and has triggers refuse every
    /// write.
    fn shut() -> String {
        let tables: Vec<_> = shut_tables().collect();
        let lock = format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", tables.join(", "));
        let refuse = "CREATE OR REPLACE FUNCTION jeton_shut() RETURNS trigger LANGUAGE plpgsql AS $$ \
                      BEGIN RAISE EXCEPTION 'the database is being moved' USING ERRCODE = 'JETON'; END $$";
        let triggers = tables.iter().map(|table| {
            format!(
                "CREATE OR REPLACE TRIGGER shut BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} \
                 FOR EACH STATEMENT EXECUTE FUNCTION jeton_shut()"
            )
        });
        let statements: Vec<_> = [lock, refuse.to_owned()].into_iter().chain(triggers).collect();
        statements.join("; ")
    }

    fn open() -> String {
        shut_tables()
            .map(|table| format!("DROP TRIGGER IF EXISTS shut ON {table}; "))
            .chain(["DROP FUNCTION IF EXISTS jeton_shut()".to_owned()])
            .collect()
    }
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
