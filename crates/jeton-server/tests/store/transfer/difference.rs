//! A row that arrives otherwise is seen.

use jeton_server::store::{Relocation, transfer::TransferError};

use super::{filled, move_to};
use crate::prelude::*;

/// A target that changes what it is given.
async fn shows_a_difference(to: Database, spoil: &[&str]) {
    let from = Database::sqlite().await;
    filled(&from).await;
    to.open().await.close().await;
    for statement in spoil {
        to.sql(statement).await;
    }
    let said = move_to(&from, &to).await.unwrap_err();
    assert!(matches!(said, TransferError::Differs("sessions")), "{said}");
    let store = from.open().await;
    create(&*store, 7, "still-writable").await;
    store.close().await;
    let said = store::open(&to.url()).await.unwrap_err();
    assert!(
        matches!(said, StoreError::Moving(Relocation::Arriving { .. })),
        "{said}"
    );
}

#[tokio::test]
async fn a_row_that_is_not_the_same_in_sqlite_is_seen_and_the_source_stays_in_use() {
    let spoil = ["INSERT", "UPDATE"].map(|action| {
        format!(
            "CREATE TRIGGER spoil_{action} AFTER {action} ON sessions WHEN NEW.device <> 'x' \
             BEGIN UPDATE sessions SET device = 'x' WHERE id = NEW.id; END"
        )
    });
    shows_a_difference(Database::sqlite().await, &spoil.each_ref().map(String::as_str)).await;
}

#[tokio::test]
async fn a_row_that_is_not_the_same_in_postgres_is_seen_and_the_source_stays_in_use() {
    let spoil = [
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN NEW.device := 'x'; RETURN NEW; END $$",
        "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION spoil()",
    ];
    shows_a_difference(Database::postgres().await, &spoil).await;
}
