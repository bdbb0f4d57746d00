//! Databases for tests, on the PostgreSQL server that `cargo xtask test` starts.

use std::{
    env,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};

const URL: &str = "JETON_TEST_POSTGRES_URL";

/// A database of its own, gone when it is dropped.
#[derive(Debug)]
pub(crate) struct PostgresDatabase {
    name: String,
    url: String,
}

impl PostgresDatabase {
    pub(crate) async fn create() -> Self {
        Self::with("ENCODING 'UTF8'").await
    }

    /// One that is made with these words.
    pub(crate) async fn with(words: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("jeton_test_{}_{number}", std::process::id());
        let statement = format!("CREATE DATABASE {name} TEMPLATE template0 {words}");
        run(&server(), &statement).await;
        let url = server().database(&name).to_url_lossy().to_string();
        Self { name, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn sql(&self, statement: &str) {
        let mut connection = self.connect().await;
        execute(&mut connection, statement).await;
        connection.close().await.unwrap();
    }

    /// The number a query gives.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        let mut connection = self.connect().await;
        let row = sqlx::query(AssertSqlSafe(query))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        row.try_get(0).unwrap()
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnectOptions::from_str(&self.url)
            .unwrap()
            .connect()
            .await
            .unwrap()
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // The test's own runtime may be on its way out.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(run(&server(), &statement));
        });
        dropped.join().unwrap();
    }
}

/// The server, as somebody who may make databases.
pub(crate) fn server() -> PgConnectOptions {
    let url = env::var(URL).unwrap_or_else(|_| {
        panic!("this test needs a PostgreSQL server: run it by `cargo xtask test`, which starts one, or name one in {URL}")
    });
    PgConnectOptions::from_str(&url).unwrap()
}

pub(crate) async fn execute(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}

async fn run(server: &PgConnectOptions, statement: &str) {
    let mut connection = server.connect().await.unwrap();
    execute(&mut connection, statement).await;
    connection.close().await.unwrap();
}
