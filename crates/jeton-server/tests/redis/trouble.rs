//! Nothing that happens to Redis reaches whoever signs in.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    nodes::{ATTEMPTS, Node, Onlooker, SOMEBODY, key},
    servers,
};

/// Far less than if each of them had waited, and far more than they need.
async fn nobody_waits(node: &Node) {
    let began = Instant::now();
    for number in 0..300 {
        node.take(&format!("198.51.{}.{}", number / 200, number % 200))
            .await
            .unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn killed_it_is_missed_by_nobody_and_started_again_it_is_found() {
    let (mut server, key) = (servers::redis(), key());
    let nodes = [
        Node::connected(server.url(), &key).await,
        Node::connected(server.url(), &key).await,
    ];
    assert_eq!(nodes[0].drain(SOMEBODY).await, ATTEMPTS);
    server.tell("kill");
    for node in &nodes {
        nobody_waits(node).await;
        assert!(!node.redis.is_up());
        node.redis.announce().await;
    }
    assert!(
        nodes[0].take(SOMEBODY).await.is_err(),
        "it still knows what it let through"
    );
    assert_eq!(nodes[1].drain(SOMEBODY).await, ATTEMPTS, "each counts by itself");

    server.tell("start");
    for node in &nodes {
        node.until(true).await;
    }
    let mut taken = 0;
    while nodes[taken % 2].take("192.0.2.2").await.is_ok() {
        taken += 1;
    }
    assert_eq!(taken, ATTEMPTS as usize, "they count together again");
    nodes[0].redis.announce().await;
    nodes[1].redis.announced().await;
}

#[tokio::test]
async fn hung_it_holds_nobody_up_and_resumed_it_is_found() {
    let (mut server, key) = (servers::redis(), key());
    let node = Node::connected(server.url(), &key).await;
    server.tell("pause");
    nobody_waits(&node).await;
    assert!(!node.redis.is_up());
    server.tell("resume");
    node.until(true).await;
    assert_eq!(node.drain(SOMEBODY).await, ATTEMPTS);
}

/// Nobody signs in, and still it is noticed: an announcement would not come.
#[tokio::test]
async fn hung_it_is_noticed_though_nobody_asks() {
    let mut server = servers::redis();
    let node = Node::connected(server.url(), &key()).await;
    server.tell("pause");
    node.until(false).await;
}

#[tokio::test]
async fn flushed_it_gives_nobody_more_than_a_node_alone_would() {
    let (server, key) = (servers::redis(), key());
    let node = Node::connected(server.url(), &key).await;
    assert_eq!(node.drain(SOMEBODY).await, ATTEMPTS);
    let mut onlooker = Onlooker::of(server.url()).await;
    for flush in [&["FLUSHALL"][..], &["SCRIPT", "FLUSH"]] {
        onlooker.run::<()>(flush).await;
        assert!(node.take(SOMEBODY).await.is_err());
        node.take("192.0.2.2").await.unwrap();
        assert!(node.redis.is_up());
    }
}

#[tokio::test]
async fn a_server_that_may_not_be_written_to_is_not_asked() {
    let server = servers::redis();
    let mut onlooker = Onlooker::of(server.url()).await;
    onlooker.run::<()>(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let node = Node::new(server.url(), &key());
    nobody_waits(&node).await;
    assert!(!node.redis.is_up());
    onlooker.run::<()>(&["REPLICAOF", "NO", "ONE"]).await;
    node.until(true).await;
}

#[tokio::test]
async fn nobody_there_at_the_start_is_no_reason_not_to() {
    let node = Node::new("redis://127.0.0.1:1", &key());
    nobody_waits(&node).await;
    assert_eq!(node.drain(SOMEBODY).await, ATTEMPTS);
}

/// Something else listens there: it says this to whatever it is told, or nothing at all.
#[tokio::test]
async fn nonsense_is_not_believed() {
    for nonsense in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
        b":9223372036854775807\r\n:9223372036854775807\r\n:9223372036854775807\r\n",
        b"\0\xff\xfe",
        b"*1000000000\r\n",
        b"",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut heard = [0; 4096];
                    while client.read(&mut heard).await.is_ok_and(|length| length > 0) {
                        if client.write_all(nonsense).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        let node = Node::new(&url, &key());
        nobody_waits(&node).await;
        assert_eq!(node.drain(SOMEBODY).await, ATTEMPTS, "{nonsense:?}");
    }
}
