use crate::nodes::{Pair, Service, block_on, database};

#[test]
fn three_nodes_that_start_at_once_on_an_empty_database_are_one_service() {
    let database = database();
    let nodes: [_; 3] = Service::on(database.url()).nodes();
    let keys = nodes
        .each_ref()
        .map(|node| node.get("/.well-known/jwks.json", "").body);
    assert_eq!(keys[0]["keys"].as_array().unwrap().len(), 1, "{keys:?}");
    assert!(keys[1..].iter().all(|others| *others == keys[0]), "{keys:?}");

    let mut pair = Pair::signed_up(&nodes[0], "Romel");
    for node in &nodes {
        assert!(pair.opens(node));
        pair = pair.refreshed(node);
    }
    let made_twice = block_on(database.count("SELECT count(*) - count(DISTINCT purpose) FROM keys"));
    assert_eq!(made_twice, 0);
}
