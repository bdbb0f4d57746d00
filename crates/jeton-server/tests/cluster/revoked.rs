//! Tokens that one node revokes are refused by all.

use sqlx::{Connection, PgConnection};

use crate::{
    nodes::{Pair, Service, database, until},
    postgres_server::{PostgresDatabase, execute},
    process::Server,
    servers,
};

/// Every way to revoke, at the first node; all know of it before they would refuse to judge at all, which
/// `revocation_stale` would show.
fn revoked_on_one_is_refused_by_all(nodes: &[Server; 3]) {
    let [one, others @ ..] = nodes;
    let first = Pair::signed_up(one, "Romel");
    for scope in ["session", "others", "all"] {
        let caller = Pair::signed_in(one, "Romel");
        let gone = if scope == "others" { &first } else { &caller };
        assert!(nodes.iter().all(|node| gone.opens(node)), "{scope}");
        caller.log_out(one, scope);
        gone.assert_dead(one);
        for node in others {
            until(|| !gone.opens(node));
            gone.assert_dead(node);
        }
        assert_eq!(scope == "others", caller.opens(one), "{scope}");
    }
}

#[test]
fn revoked_on_one_is_refused_by_all_without_redis() {
    let database = database();
    revoked_on_one_is_refused_by_all(&Service::on(database.url()).nodes());
}

#[test]
fn revoked_on_one_is_refused_by_all_with_redis() {
    let (database, redis) = (database(), servers::redis());
    let service = Service::on(database.url()).with("JETON_REDIS_URL", redis.url());
    let nodes = service.nodes();
    for node in &nodes {
        until(|| node.metric("redis_up") > 0.0);
    }
    revoked_on_one_is_refused_by_all(&nodes);
}

/// A writer of the test's own, which draws the first number and takes its time to commit.
struct SlowWriter(PgConnection);

impl SlowWriter {
    async fn revokes(database: &PostgresDatabase, session: &str) -> Self {
        let mut connection = database.connect().await;
        execute(&mut connection, "BEGIN").await;
        let statement = format!(
            "WITH drawn AS (UPDATE counters SET value = value + 1 WHERE name = 'revocations' RETURNING value) \
             INSERT INTO revocations (number, kind, target, until) \
             SELECT value, 'session', '{session}', 9999999999 FROM drawn"
        );
        execute(&mut connection, &statement).await;
        Self(connection)
    }

    async fn commits(mut self) {
        execute(&mut self.0, "COMMIT").await;
        self.0.close().await.unwrap();
    }
}

#[test]
fn a_revocation_whose_commit_is_held_back_is_seen_by_all() {
    let database = database();
    // Time enough for whoever waits for the slow one.
    let service = Service::on(database.url()).with("JETON_DATABASE_TIMEOUT", "20s");
    let nodes: [_; 3] = service.nodes();
    let slow = Pair::signed_up(&nodes[0], "slow");
    let quick = Pair::signed_up(&nodes[0], "quick");
    let session = slow.sessions(&nodes[0])[0]["id"].as_str().unwrap().to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writer = runtime.block_on(SlowWriter::revokes(&database, &session));
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| quick.log_out(&nodes[1], "session"));
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until(|| runtime.block_on(database.count(waiting)) > 0);
        // Everybody reads on meanwhile, and sees neither.
        for node in &nodes {
            let before = node.metric("revocation_readings_total");
            until(|| node.metric("revocation_readings_total") >= before + 4.0);
            assert!(slow.opens(node) && quick.opens(node));
        }
        runtime.block_on(writer.commits());
        waits.join().unwrap();
    });
    for pair in [&slow, &quick] {
        for node in &nodes {
            until(|| !pair.opens(node));
        }
    }
}
