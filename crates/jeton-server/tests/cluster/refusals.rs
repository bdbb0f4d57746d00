//! What a node does not start with, and what it says instead.

use crate::{
    nodes::{Service, block_on, database},
    servers,
};

/// It ends before it listens, says this, and no password.
fn assert_refused(service: &Service, says: &[&str]) {
    let finished = service.run([]);
    assert!(!finished.succeeded, "it started");
    for word in says {
        assert!(finished.err.contains(word), "no {word:?} in {:?}", finished.err);
    }
    assert!(!finished.err.contains("listening on"), "{}", finished.err);
    assert!(!finished.err.contains("hush"), "{}", finished.err);
}

#[test]
fn a_database_that_cannot_be_reached_is_named() {
    for (url, says) in [
        (
            "postgres://jeton:hush@127.0.0.1:1/jeton",
            &["database jeton at 127.0.0.1:1 does not answer", "database-url"][..],
        ),
        (
            "postgres://jeton:hush@db.invalid/jeton",
            &["db.invalid:5432 does not answer"],
        ),
        (
            "postgres://jeton:hush@127.0.0.1:x/jeton",
            &["cannot be opened", "port"],
        ),
        (
            "postgresq://jeton:hush@127.0.0.1/jeton",
            &["`sqlite:` or `postgres:`"],
        ),
    ] {
        assert_refused(&Service::on(url), says);
    }
}

#[test]
fn a_newer_schema_is_left_to_a_newer_version() {
    let database = database();
    let service = Service::on(database.url());
    assert!(service.run(["migrate"]).succeeded);
    block_on(database.sql("INSERT INTO schema_migrations (version) VALUES (9999)"));
    assert_refused(
        &service,
        &["schema step 9999", "only a newer one can work with it"],
    );
}

#[test]
fn a_node_without_the_master_key_of_the_others_is_refused() {
    let database = database();
    drop(Service::on(database.url()).node());
    let key_of_another = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";
    let wrong = Service::on(database.url()).with("JETON_MASTER_KEY", key_of_another);
    assert_refused(&wrong, &["cannot be opened"]);
    let missing = Service::without_key(database.url());
    assert_refused(&missing, &["jeton.key", "no new key was made"]);
    drop(Service::on(database.url()).node());
}

#[test]
fn a_database_or_role_that_only_reads_is_refused() {
    let database = database();
    let service = Service::on(database.url());
    assert!(service.run(["migrate"]).succeeded);
    let name = database.url().split(['/', '?']).nth(3).unwrap();
    block_on(database.sql(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    )));
    assert_refused(&service, &["is read-only", "default_transaction_read_only"]);
}

#[test]
fn a_replica_is_refused_with_a_word_on_the_primary() {
    let mut postgres = servers::postgres(false);
    let service = Service::on(postgres.url());
    assert!(service.run(["migrate"]).succeeded);
    postgres.tell("follow");
    assert_refused(&service, &["is a replica", "name the primary in database-url"]);
}

#[test]
fn a_redis_that_is_not_there_is_no_reason_not_to_start() {
    let database = database();
    let node = Service::on(database.url())
        .with("JETON_REDIS_URL", "redis://:hush@127.0.0.1:1")
        .node();
    assert!(node.metric("redis_up") < 1.0);
    assert!(node.register("Romel").status.is_success());
}
