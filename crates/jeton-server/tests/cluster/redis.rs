use ureq::http::StatusCode;

use crate::{
    nodes::{Pair, Service, database, until},
    process::Server,
    servers,
};

const LIMIT: usize = 30;

/// What the nodes say to attempts one after the other, each at another node.
fn statuses(nodes: &[Server; 3], attempts: usize) -> Vec<StatusCode> {
    let turns = nodes.iter().cycle().take(attempts);
    turns.map(|node| node.login("nobody").status).collect()
}

#[test]
fn an_address_has_one_limit_for_all_nodes_and_its_own_at_each_while_redis_is_gone() {
    let (database, mut redis) = (database(), servers::redis());
    let service = Service::on(database.url())
        .with("JETON_REDIS_URL", redis.url())
        .with("JETON_RATE_LIMIT", "on")
        .with("JETON_FREE_FAILURES", "1000")
        .with("JETON_ADDRESS_LIMIT", &LIMIT.to_string());
    let nodes = service.nodes();
    for node in &nodes {
        until(|| node.metric("redis_up") > 0.0);
    }
    let said = statuses(&nodes, 2 * LIMIT);
    assert!(
        said[..LIMIT]
            .iter()
            .all(|status| *status == StatusCode::UNAUTHORIZED),
        "{said:?}"
    );
    assert!(said[LIMIT..].contains(&StatusCode::TOO_MANY_REQUESTS), "{said:?}");

    redis.tell("kill");
    for node in &nodes {
        until(|| node.metric("redis_up") == 0.0);
    }
    // Each node let a third of them through.
    let said = statuses(&nodes, LIMIT);
    assert!(
        said.iter().all(|status| *status == StatusCode::UNAUTHORIZED),
        "{said:?}"
    );
}

/// With nothing but its own clock, a node reads twice a second.
#[test]
fn a_node_that_is_told_of_revocations_reads_them_at_once() {
    let (database, redis) = (database(), servers::redis());
    let service = Service::on(database.url()).with("JETON_REDIS_URL", redis.url());
    let nodes: [_; 2] = service.nodes();
    for node in &nodes {
        until(|| node.metric("redis_up") > 0.0);
    }
    Pair::signed_up(&nodes[0], "Romel");
    let (began, readings) = (std::time::Instant::now(), "revocation_readings_total");
    let before = nodes[1].metric(readings);
    for _ in 0..40 {
        let pair = Pair::signed_in(&nodes[0], "Romel");
        pair.log_out(&nodes[0], "session");
        until(|| !pair.opens(&nodes[1]));
    }
    let by_itself = 2.0 * began.elapsed().as_secs_f64() + 1.0;
    let read = nodes[1].metric(readings) - before;
    assert!(
        read >= by_itself + 20.0,
        "{read} readings, {by_itself} of them due anyway"
    );
    assert!(nodes[1].metric("revocation_announcements_total") >= 40.0);
}

#[test]
fn redis_is_spoken_to_with_tls_where_its_certificate_is_trusted() {
    let (database, redis) = (database(), servers::redis_with_tls());
    let service = Service::on(database.url())
        .with("JETON_REDIS_URL", redis.url())
        .with("SSL_CERT_FILE", redis.root_cert());
    let node = service.node();
    until(|| node.metric("redis_up") > 0.0);
}
