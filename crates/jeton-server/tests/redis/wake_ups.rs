use std::time::Duration;

use tokio::time::timeout;

use crate::nodes::{Node, key, shared_server, until};

/// Whether it is told of something, given all the time that takes.
async fn hears(node: &Node) -> bool {
    timeout(Duration::from_secs(10), node.redis.announced())
        .await
        .is_ok()
}

#[tokio::test]
async fn an_announcement_reaches_every_node_of_its_service_and_no_other() {
    let (url, key) = (shared_server(), key());
    let nodes = [
        Node::connected(&url, &key).await,
        Node::connected(&url, &key).await,
        Node::connected(&url, &key).await,
    ];
    let stranger = Node::connected(&url, &crate::nodes::key()).await;
    for node in nodes.iter().chain([&stranger]) {
        assert!(hears(node).await, "a new connection may have missed something");
    }
    nodes[0].redis.announce().await;
    for node in &nodes {
        assert!(hears(node).await);
        assert_eq!(node.redis.announcements(), 1);
    }
    assert_eq!(stranger.redis.announcements(), 0);
}

#[tokio::test]
async fn any_number_of_announcements_wake_once() {
    let (url, key) = (shared_server(), key());
    let (one, other) = (
        Node::connected(&url, &key).await,
        Node::connected(&url, &key).await,
    );
    assert!(hears(&other).await);
    for _ in 0..1000 {
        one.redis.announce().await;
    }
    until(|| other.redis.announcements() == 1000).await;
    assert!(hears(&other).await);
    let again = timeout(Duration::from_millis(50), other.redis.announced()).await;
    assert!(again.is_err());
}
