//! What cannot be moved is refused.

use jeton_server::store::transfer;

use super::{filled, move_to, refused};
use crate::prelude::*;

/// What is wrong with either side is said before anything is changed.
async fn is_refused(from: Database, to: Database) {
    let (source, target) = (from.url(), to.url());
    from.open().await.close().await;
    let said = refused(&source, &target).await;
    assert!(said.contains("there is nothing to move"), "{said}");

    filled(&from).await;
    let said = refused(&source, &source).await;
    assert!(said.contains("the same database"), "{said}");
    for url in ["mysql://db", "jeton.db"] {
        assert!(refused(url, &target).await.contains("(--from)"));
        assert!(refused(&source, url).await.contains("(--to)"));
    }

    filled(&to).await;
    let said = refused(&source, &target).await;
    assert!(said.contains("name an empty database"), "{said}");
    for statement in [
        "DELETE FROM audit_marks",
        "DELETE FROM audit_seals",
        "DELETE FROM audit",
        "DELETE FROM revocations",
        "DELETE FROM throttle",
        "DELETE FROM used_assertions",
        "DELETE FROM outbox",
        "DELETE FROM users",
        "DELETE FROM service_accounts",
        "DELETE FROM keys",
    ] {
        to.sql(statement).await;
    }
    to.sql("UPDATE standing SET move = 'arriving', other = 'elsewhere'")
        .await;
    let said = refused(&source, &target).await;
    assert!(said.contains("is being filled from elsewhere"), "{said}");
    let said = transfer::reopen(&target, at(0), &|_| Ok(signer()))
        .await
        .unwrap_err()
        .to_string();
    assert!(said.contains("half filled by a move from elsewhere"), "{said}");
    to.sql("UPDATE standing SET move = NULL, other = NULL").await;

    from.sql("ALTER TABLE users ADD COLUMN nickname TEXT").await;
    let said = refused(&source, &target).await;
    assert!(said.contains("the column nickname of the table users"), "{said}");
    from.sql("ALTER TABLE users DROP COLUMN nickname").await;

    from.sql("UPDATE standing SET move = 'moved', other = 'elsewhere'")
        .await;
    let said = refused(&source, &target).await;
    assert!(said.contains("was moved to elsewhere"), "{said}");
    from.sql("UPDATE standing SET move = NULL, other = NULL").await;

    // After all that, both are as they were.
    move_to(&from, &to).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_moved_from_sqlite_is_refused() {
    is_refused(Database::sqlite().await, Database::postgres().await).await;
}

#[tokio::test]
async fn what_cannot_be_moved_from_postgres_is_refused() {
    is_refused(Database::postgres().await, Database::sqlite().await).await;
}

#[tokio::test]
async fn a_source_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere.db");
    let to = Database::sqlite().await;
    let said = refused(&format!("sqlite://{}", path.display()), &to.url()).await;
    assert!(
        said.contains("there is no file") && said.contains("nowhere.db"),
        "{said}"
    );
    assert!(!path.exists());
}

#[tokio::test]
async fn a_source_of_another_schema_is_refused_with_what_to_do() {
    let [from, to] = [Database::sqlite().await, Database::postgres().await];
    filled(&from).await;
    from.sql("UPDATE _sqlx_migrations SET version = 1000 WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .await;
    let said = refused(&from.url(), &to.url()).await;
    assert!(said.contains("schema step 1000"), "{said}");
    from.sql("DELETE FROM _sqlx_migrations WHERE version > 1").await;
    let said = refused(&from.url(), &to.url()).await;
    assert!(
        said.contains("schema step 1,") && said.contains("jeton migrate"),
        "{said}"
    );
    from.sql("DROP TABLE _sqlx_migrations").await;
    let said = refused(&from.url(), &to.url()).await;
    assert!(said.contains("no database of jeton's"), "{said}");
}

#[tokio::test]
async fn a_file_in_another_spelling_is_the_same_database() {
    let from = Database::sqlite().await;
    filled(&from).await;
    let other = from.url().replace("/jeton.db", "/./jeton.db");
    let said = refused(&from.url(), &other).await;
    assert!(said.contains("the same database"), "{said}");
}
