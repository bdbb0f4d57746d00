use std::time::Duration;

use crate::{
    nodes::{ATTEMPTS, Node, Onlooker, SOMEBODY, key, shared_server},
    servers,
};

#[tokio::test]
async fn attempts_at_all_nodes_are_one_count() {
    let (url, key) = (shared_server(), key());
    let nodes = [
        Node::connected(&url, &key).await,
        Node::connected(&url, &key).await,
        Node::connected(&url, &key).await,
    ];
    let mut taken = 0;
    while nodes[taken % 3].take(SOMEBODY).await.is_ok() {
        taken += 1;
    }
    assert_eq!(taken, ATTEMPTS as usize);
    for node in &nodes {
        let wait = node.take(SOMEBODY).await.unwrap_err();
        assert!(wait <= Duration::from_mins(1) / ATTEMPTS, "{wait:?}");
        assert!(node.redis.is_up());
    }
    let newcomer = Node::connected(&url, &key).await;
    assert!(newcomer.take(SOMEBODY).await.is_err());
    assert_eq!(newcomer.drain("192.0.2.2").await, ATTEMPTS);
}

#[tokio::test]
async fn attempts_at_once_are_counted_one_by_one() {
    let (url, key) = (shared_server(), key());
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let node = std::sync::Arc::new(Node::connected(&url, &key).await);
        for _ in 0..ATTEMPTS {
            let node = std::sync::Arc::clone(&node);
            attempts.spawn(async move { node.take(SOMEBODY).await.is_ok() });
        }
    }
    let let_through = attempts
        .join_all()
        .await
        .into_iter()
        .filter(|passed| *passed)
        .count();
    assert_eq!(let_through, ATTEMPTS as usize);
}

#[tokio::test]
async fn services_with_different_keys_do_not_count_together() {
    let url = shared_server();
    for _ in 0..2 {
        assert_eq!(
            Node::connected(&url, &key()).await.drain(SOMEBODY).await,
            ATTEMPTS
        );
    }
}

#[tokio::test]
async fn what_is_kept_names_nobody_and_goes_by_itself() {
    let server = servers::redis();
    let node = Node::connected(server.url(), &key()).await;
    let mut onlooker = Onlooker::of(server.url()).await;
    onlooker.run::<()>(&["FLUSHALL"]).await;
    for address in [SOMEBODY, SOMEBODY, "2001:db8::1"] {
        node.take(address).await.unwrap();
    }
    let keys = onlooker.keys().await;
    assert_eq!(keys.len(), 2, "{keys:?}");
    let attempt = 60_000 / i64::from(ATTEMPTS);
    for key in keys {
        for trace in ["192", "2001", "c000", "20010db8"] {
            assert!(!key.contains(trace), "{key}");
        }
        let left: i64 = onlooker.run(&["PTTL", &key]).await;
        assert!((1..=2 * attempt).contains(&left), "{key} stays for {left} ms");
    }
}

/// Whoever writes into the place of a bucket can give attempts away, but not take them for longer than a bucket fills.
#[tokio::test]
async fn a_bucket_that_is_none_counts_for_nothing() {
    let server = servers::redis();
    let node = Node::connected(server.url(), &key()).await;
    let mut onlooker = Onlooker::of(server.url()).await;
    onlooker.run::<()>(&["FLUSHALL"]).await;
    node.take(SOMEBODY).await.unwrap();
    let bucket = onlooker.keys().await.concat();
    for spoilt in [
        &["SET", &bucket, "a text"][..],
        &["SET", &bucket, ""],
        &["SET", &bucket, "-1e308"],
    ] {
        onlooker.run::<()>(spoilt).await;
        node.take(SOMEBODY).await.unwrap();
        let left: i64 = onlooker.run(&["PTTL", &bucket]).await;
        assert!((1..=60_000).contains(&left), "{spoilt:?}: {left} ms");
    }
    onlooker.run::<()>(&["DEL", &bucket]).await;
    onlooker.run::<()>(&["RPUSH", &bucket, "a list"]).await;
    node.take(SOMEBODY).await.unwrap();
    onlooker.run::<()>(&["SET", &bucket, "9e300"]).await;
    let wait = node.take(SOMEBODY).await.unwrap_err();
    assert!(wait <= Duration::from_mins(1) / ATTEMPTS, "{wait:?}");
    assert!(node.redis.is_up());
}
