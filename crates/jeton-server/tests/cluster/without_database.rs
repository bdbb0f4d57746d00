use ureq::http::StatusCode;

use crate::{
    load::under_load,
    nodes::{Pair, Service, until},
    process::{Reply, Server},
    servers,
};

/// It is refused for now, with this code and a word on when to come again.
fn assert_unavailable(reply: &Reply, code: &str) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
    assert_eq!(reply.text("error"), code);
    assert!(reply.retry_after.is_some(), "{reply:?}");
}

/// Whether the node refuses to judge a token by now. Until then it may let it pass, and it never says 401.
fn is_stale(node: &Server, pair: &Pair) -> bool {
    let reply = node.get("/protected", &pair.access);
    if reply.status == StatusCode::OK {
        return false;
    }
    assert_unavailable(&reply, "revocation_stale");
    true
}

#[test]
fn a_database_that_stops_under_load_is_waited_for_and_nothing_answered_is_lost() {
    let mut postgres = servers::postgres(false);
    let service = Service::on(postgres.url())
        .with("JETON_DATABASE_TIMEOUT", "1s")
        .with("JETON_REVOCATION_MAX_LAG", "2s")
        .with("JETON_REFRESH_GRACE", "120s");
    let nodes: [_; 3] = service.nodes();
    let bystander = Pair::signed_up(&nodes[0], "bystander");
    let answered = under_load(&nodes, |load| {
        load.goes_on();
        postgres.tell("stop");
        for node in &nodes {
            until(|| is_stale(node, &bystander));
            assert_unavailable(&bystander.refresh(node), "unavailable");
            assert_unavailable(&node.get("/readyz", ""), "unavailable");
            assert_eq!(node.get("/healthz", "").status, StatusCode::OK);
        }
        postgres.tell("start");
        for node in &nodes {
            until(|| node.get("/readyz", "").status == StatusCode::OK);
            assert!(bystander.opens(node));
        }
        load.goes_on();
    });
    answered.assert_kept(&nodes.each_ref());
    let verified = service.run(["audit", "verify"]);
    assert!(verified.succeeded, "{verified:?}");
}
