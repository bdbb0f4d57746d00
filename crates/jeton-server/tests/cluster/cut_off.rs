//! A node between which and its database the network fails.

use tokio::runtime::Runtime;
use ureq::http::StatusCode;

use crate::{
    nodes::{Pair, Service, database},
    postgres_server::PostgresDatabase,
    process::Reply,
    proxy::{Cut, Proxy},
};

/// A network that fails when it is told to.
struct Network {
    proxy: Proxy,
    _runtime: Runtime,
}

impl Network {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        Self {
            proxy: runtime.block_on(Proxy::start()),
            _runtime: runtime,
        }
    }

    fn service(&self, database: &PostgresDatabase) -> Service {
        Service::on(&self.proxy.url(database))
    }

    /// Asks anew until it is this request's commit whose answer is lost: the audit trail's are among them too.
    fn lose_the_answer(&self, ask: impl Fn(usize) -> Reply) -> (usize, Reply) {
        let answers = (0..).map(|number| {
            self.proxy.cut(Cut::AfterCommit);
            (number, ask(number))
        });
        answers
            .into_iter()
            .find(|(_, reply)| !reply.status.is_success())
            .expect("there are numbers enough")
    }
}

fn assert_unknown(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{reply:?}");
    assert_eq!(reply.text("error"), "unavailable");
    assert!(reply.retry_after.is_some());
}

#[test]
fn a_commit_nobody_knows_the_end_of_is_answered_503_and_the_same_again_finds_it_done() {
    let (database, network) = (database(), Network::new());
    let node = network.service(&database).node();
    let (number, reply) = network.lose_the_answer(|number| node.register(&format!("user{number}")));
    assert_unknown(&reply);
    let again = node.register(&format!("user{number}"));
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.text("error"), "username_taken");

    let pair = std::cell::RefCell::new(Pair::signed_in(&node, &format!("user{number}")));
    let (_, reply) = network.lose_the_answer(|_| {
        let reply = pair.borrow().refresh(&node);
        if reply.status == StatusCode::OK {
            pair.replace(Pair::of(&reply));
        }
        reply
    });
    assert_unknown(&reply);
    let next = pair.into_inner().refreshed(&node).refreshed(&node);
    assert_eq!(next.sessions(&node).len(), 1);
}

/// It may be stale and say so, but it never says that a token is good which was revoked meanwhile.
#[test]
fn a_node_whose_database_falls_silent_judges_nothing_and_comes_back_with_what_it_missed() {
    let (database, network) = (database(), Network::new());
    let settings = |service: Service| {
        service
            .with("JETON_DATABASE_TIMEOUT", "1s")
            .with("JETON_REVOCATION_MAX_LAG", "2s")
    };
    let node = settings(network.service(&database)).node();
    let other = settings(Service::on(database.url())).node();
    let pair = Pair::signed_up(&other, "Romel");
    assert!(pair.opens(&node));
    let answer = || node.get("/protected", &pair.access);

    network.proxy.fall_silent();
    let refusal = std::iter::repeat_with(answer)
        .find(|reply| reply.status != StatusCode::OK)
        .unwrap();
    assert_eq!(refusal.status, StatusCode::SERVICE_UNAVAILABLE, "{refusal:?}");
    assert_eq!(refusal.text("error"), "revocation_stale");
    pair.log_out(&other, "session");

    network.proxy.speak_again();
    let verdict = std::iter::repeat_with(answer)
        .find(|reply| reply.status != StatusCode::SERVICE_UNAVAILABLE)
        .unwrap();
    assert_eq!(verdict.status, StatusCode::UNAUTHORIZED, "{verdict:?}");
    assert_eq!(verdict.text("error"), "token_revoked");
    assert_eq!(node.register("Johanna").status, StatusCode::CREATED);
}
