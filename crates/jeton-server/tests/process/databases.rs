//! Databases beside the file in a server's home.

use std::{path::Path, process::Command};

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{
    postgres_server::PostgresDatabase,
    process::{Home, Server},
};

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

pub(crate) fn postgres() -> PostgresDatabase {
    runtime().block_on(PostgresDatabase::create())
}

/// Changes a server's file behind its back.
pub(crate) fn sqlite(home: &Home, statement: &str) {
    let url = format!("sqlite://{}", home.path().join("jeton.db").display());
    runtime().block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
}

/// A number from a server's file.
pub(crate) fn number(home: &Home, query: &str) -> i64 {
    let url = format!("sqlite://{}", home.path().join("jeton.db").display());
    runtime().block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let row = sqlx::query(AssertSqlSafe(query)).fetch_one(&mut connection).await;
        let number = row.unwrap().get(0);
        connection.close().await.unwrap();
        number
    })
}

/// Waits until a query gives something else than zero; until then it may also fail.
pub(crate) fn wait_for(database: &PostgresDatabase, query: &str) {
    runtime().block_on(async {
        let mut connection = database.connect().await;
        loop {
            let row = sqlx::query(AssertSqlSafe(query)).fetch_one(&mut connection).await;
            if row.is_ok_and(|row| row.get::<i64, _>(0) > 0) {
                return;
            }
        }
    });
}

/// A server on a database of its own choice, with the master key of its home.
pub(crate) fn start_on(home: &Home, url: &str) -> Server {
    let mut command = home.command([]);
    command.env("JETON_DATABASE_URL", url);
    Server::start(command)
}

/// Runs one of PostgreSQL's own programs.
pub(crate) fn run(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
}
