use std::collections::BTreeSet;

use ureq::http::StatusCode;

use crate::nodes::{Pair, Service, database};

const ROUNDS: usize = 3;
const AT_EACH: usize = 20;

#[test]
fn refreshes_that_race_across_nodes_give_one_token_and_leave_one_session() {
    let database = database();
    let nodes: [_; 3] = Service::on(database.url()).nodes();
    let mut pair = Pair::signed_up(&nodes[0], "Romel");
    for round in 0..ROUNDS {
        let answers: Vec<_> = std::thread::scope(|scope| {
            let pair = &pair;
            let racers: Vec<_> = (0..AT_EACH)
                .flat_map(|_| &nodes)
                .map(|node| scope.spawn(move || pair.refresh(node)))
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let mut tokens = BTreeSet::new();
        for answer in &answers {
            assert_eq!(answer.status, StatusCode::OK, "round {round}: {answer:?}");
            tokens.insert(answer.text("refresh_token"));
        }
        assert_eq!(tokens.len(), 1, "round {round}");
        pair = Pair::of(&answers[0]);
        for node in &nodes {
            assert_eq!(pair.sessions(node).len(), 1);
        }
    }
}
