use crate::{
    load::under_load,
    nodes::{Service, database, until},
    servers,
};

#[test]
fn a_node_and_redis_that_are_killed_under_load_lose_nothing_that_was_answered() {
    let (database, mut redis) = (database(), servers::redis());
    let service = Service::on(database.url()).with("JETON_REDIS_URL", redis.url());
    let nodes: [_; 3] = service.nodes();
    for node in &nodes {
        until(|| node.metric("redis_up") > 0.0);
    }
    let answered = under_load(&nodes, |load| {
        load.goes_on();
        nodes[1].kill_now();
        load.goes_on();
        redis.tell("kill");
        load.goes_on();
        redis.tell("start");
        load.goes_on();
    });
    let back = service.node();
    answered.assert_kept(&[&nodes[0], &back, &nodes[2]]);
    let verified = service.run(["audit", "verify"]);
    assert!(verified.succeeded, "{verified:?}");
}
