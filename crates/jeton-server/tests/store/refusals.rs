//! Databases that are not opened, and what is said instead.

use crate::{
    postgres_server::{PostgresDatabase, execute, server},
    prelude::*,
};

const ROOT_CERT: &str = "JETON_TEST_POSTGRES_ROOT_CERT";

async fn refused(url: &str) -> String {
    let said = store::open(url).await.unwrap_err().to_string();
    assert!(!said.contains("hush"), "{said}");
    said
}

fn url(login: &str, rest: &str) -> String {
    let server = server();
    format!(
        "postgres://{login}@{}:{}/{rest}",
        server.get_host(),
        server.get_port()
    )
}

/// A setting of the private server, where there is one.
fn root_cert() -> String {
    std::env::var(ROOT_CERT)
        .unwrap_or_else(|_| panic!("{ROOT_CERT} is not set: run this by `cargo xtask test`"))
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_refused_with_those_that_are() {
    for url in ["mysql://db/jeton", "jeton.db", ""] {
        let said = refused(url).await;
        assert!(said.contains("`sqlite:` or `postgres:`"), "{said}");
    }
}

#[tokio::test]
async fn a_misspelled_parameter_is_refused() {
    let said = refused("postgres://jeton:hush@db/jeton?sslmod=require").await;
    assert!(said.contains("`sslmod`") && said.contains("sslmode"), "{said}");
}

#[tokio::test]
async fn nobody_there_is_said_with_the_address() {
    let said = refused("postgres://jeton:hush@127.0.0.1:1/jeton").await;
    assert!(
        said.contains("database jeton at 127.0.0.1:1 does not answer"),
        "{said}"
    );
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let said = refused(&url(server().get_username(), "nobody_made_this")).await;
    assert!(
        said.contains("there is no database nobody_made_this at") && said.contains("createdb"),
        "{said}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_called_that() {
    root_cert();
    let database = PostgresDatabase::create().await;
    execute(
        &mut database.connect().await,
        "DO $$ BEGIN CREATE ROLE with_password LOGIN PASSWORD 'right'; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    )
    .await;
    let said = refused(&url("with_password:hush", "postgres")).await;
    assert!(said.contains("the password of with_password is wrong"), "{said}");
}

#[tokio::test]
async fn a_database_that_is_only_read_is_refused() {
    let database = PostgresDatabase::create().await;
    execute(
        &mut database.connect().await,
        "DO $$ BEGIN \
             EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); \
         END $$",
    )
    .await;
    let said = refused(database.url()).await;
    assert!(said.contains("is read-only"), "{said}");
}

#[tokio::test]
async fn a_database_of_another_encoding_is_refused() {
    let database = PostgresDatabase::with("ENCODING 'LATIN1' LOCALE 'C'").await;
    let said = refused(database.url()).await;
    assert!(
        said.contains("LATIN1") && said.contains("--encoding=UTF8"),
        "{said}"
    );
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let sqlite = Database::sqlite().await;
    let postgres = Database::postgres().await;
    for (database, newer) in [
        (
            &sqlite,
            "INSERT INTO _sqlx_migrations VALUES (9999, 'newer', 0, TRUE, x'', 0)",
        ),
        (&postgres, "INSERT INTO schema_migrations (version) VALUES (9999)"),
    ] {
        database.open().await.close().await;
        database.sql(newer).await;
        let said = refused(&database.url()).await;
        assert!(said.contains("schema step 9999"), "{said}");
    }
}

#[tokio::test]
async fn tls_is_checked_as_the_url_asks() {
    let root_cert = root_cert();
    let database = PostgresDatabase::create().await;
    let bare = database.url().split('?').next().unwrap_or_default();
    let url = |parameters: &str| format!("{bare}?{parameters}");
    let trusted = url(&format!("sslmode=verify-full&sslrootcert={root_cert}"));
    let store = store::open(&trusted).await.unwrap();
    let mut connection = database.connect().await;
    let row = sqlx::query(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND ssl",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    let encrypted: i64 = sqlx::Row::try_get(&row, 0).unwrap();
    assert!(encrypted > 0);
    store.close().await;
    let said = refused(&url("sslmode=verify-full")).await;
    assert!(
        said.contains("there is no safe way to") && said.contains("sslrootcert"),
        "{said}"
    );
}
