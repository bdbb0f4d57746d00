use std::collections::BTreeSet;

use crate::{
    nodes::{Pair, Service, block_on, database, until},
    process::Server,
};

/// The names of the keys a node publishes.
fn published(node: &Server) -> BTreeSet<String> {
    let keys = node.get("/.well-known/jwks.json", "").body;
    let keys = keys["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

/// The name of the key a token is signed with, as its header has it.
fn signed_with(token: &str) -> String {
    let header = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(token.split('.').next().unwrap())
        .unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_that_follows_another_signs_at_every_node_and_what_the_other_signed_stays_good() {
    let database = database();
    let service = Service::on(database.url());
    let nodes: [_; 3] = service.nodes();
    let before = Pair::signed_up(&nodes[0], "Romel");
    let old = published(&nodes[0]);
    let rotated = service.run(["keys", "rotate"]);
    assert!(rotated.succeeded, "{rotated:?}");
    for node in &nodes {
        until(|| published(node).len() == 2);
        assert!(before.opens(node));
        assert!(
            old.contains(&signed_with(&before.refreshed(node).access)),
            "it signs before its time"
        );
    }

    // Its time comes.
    block_on(database.sql("UPDATE keys SET signs_from = 1 WHERE signs_from > 1"));
    let mut after = Vec::new();
    for node in &nodes {
        let mut pair = Pair::signed_in(node, "Romel");
        until(|| {
            pair = pair.refreshed(node);
            !old.contains(&signed_with(&pair.access))
        });
        after.push(pair);
    }
    for node in &nodes {
        assert!(before.opens(node), "what the old key signed is refused");
        assert!(
            after.iter().all(|pair| pair.opens(node)),
            "what the new key signed is refused"
        );
    }
}
