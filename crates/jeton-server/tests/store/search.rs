//! A search by the beginning of a name or an address reads the rows it finds, and no others.

use crate::{postgres_server::PostgresDatabase, prelude::*};

const USERS: u8 = 30;

/// PostgreSQL reads a small table as a whole unless it is told not to; then it does so only where no index serves.
#[tokio::test]
async fn postgres_searches_by_the_beginning_through_indexes() {
    let database = PostgresDatabase::create().await;
    let store = open(database.url()).await;
    for number in 1..=USERS {
        let mut account = account(number, &format!("somebody{number}"));
        account.user.email = Some(format!("{number}@example.org").parse().unwrap());
        store.create_user(&account, &registered(&account)).await.unwrap();
    }
    store.close().await;
    let switched_off = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database()); \
         END $$";
    database.sql(switched_off).await;
    // Opening the store reads one.
    assert!(rows_read_by(&database, "somebody30").await < 5);
    assert!(rows_read_by(&database, "30@").await < 5);
    database.sql("DROP INDEX users_by_email").await;
    // The server counts a reading a moment after its connection has closed.
    let mut seen = 0;
    for _ in 0..20 {
        seen += rows_read_by(&database, "30@").await;
        if seen >= i64::from(USERS) {
            return;
        }
    }
    panic!("a search without its index was not seen: {seen}");
}

/// How many rows of users a search that finds one reads.
async fn rows_read_by(database: &PostgresDatabase, beginning: &str) -> i64 {
    const READ: &str = "SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'users') \
         + (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'users')";
    let before = database.count(READ).await;
    let store = open(database.url()).await;
    let query = UserQuery {
        begins_with: Some(beginning.to_owned()),
        limit: 10,
        ..UserQuery::default()
    };
    assert_eq!(store.users(&query).await.unwrap().len(), 1);
    store.close().await;
    database.count(READ).await - before
}
