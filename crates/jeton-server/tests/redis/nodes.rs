//! Nodes as far as they meet in Redis.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use jeton_server::{redis::Redis, service::machinery::addresses::AddressLimit};
use redis::{Client, FromRedisValue, aio::MultiplexedConnection};

/// How often an address may try a minute: so rarely that nothing flows back during a test.
pub(crate) const ATTEMPTS: u32 = 20;

pub(crate) const SOMEBODY: &str = "192.0.2.1";

/// The server of this test run. Nodes of different keys do not meet there.
pub(crate) fn shared_server() -> String {
    std::env::var("JETON_TEST_REDIS_URL").unwrap_or_else(|_| {
        panic!(
            "this test needs a Redis server: run it by `cargo xtask test`, which starts one, or name one in \
             JETON_TEST_REDIS_URL"
        )
    })
}

/// A key no other test has.
pub(crate) fn key() -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&RandomState::new().hash_one(0).to_be_bytes());
    key
}

pub(crate) struct Node {
    pub(crate) redis: Arc<Redis>,
    limit: AddressLimit,
}

impl Node {
    /// A node that has not looked for Redis yet.
    pub(crate) fn new(url: &str, key: &[u8; 32]) -> Self {
        let redis = Arc::new(Redis::start(&url.parse().unwrap(), key));
        let limit = AddressLimit::new(NonZeroU32::new(ATTEMPTS).unwrap(), Some(Arc::clone(&redis)));
        Self { redis, limit }
    }

    /// A node that has found it.
    pub(crate) async fn connected(url: &str, key: &[u8; 32]) -> Self {
        let node = Self::new(url, key);
        node.until(true).await;
        node
    }

    /// Waits until it finds Redis to be there, or not.
    pub(crate) async fn until(&self, up: bool) {
        until(|| self.redis.is_up() == up).await;
    }

    pub(crate) async fn take(&self, address: &str) -> Result<(), Duration> {
        let address: IpAddr = address.parse().unwrap();
        self.limit.take(address, Instant::now()).await
    }

    /// How many attempts it lets through until it refuses one.
    pub(crate) async fn drain(&self, address: &str) -> u32 {
        let mut taken = 0;
        while self.take(address).await.is_ok() {
            taken += 1;
        }
        taken
    }
}

pub(crate) async fn until(holds: impl Fn() -> bool) {
    let all = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), all)
        .await
        .expect("what is waited for comes about");
}

/// Somebody who looks at the server from outside.
pub(crate) struct Onlooker(MultiplexedConnection);

impl Onlooker {
    pub(crate) async fn of(url: &str) -> Self {
        let client = Client::open(url).unwrap();
        Self(client.get_multiplexed_async_connection().await.unwrap())
    }

    pub(crate) async fn run<T: FromRedisValue>(&mut self, command: &[&str]) -> T {
        let mut words = redis::cmd(command[0]);
        words.arg(&command[1..]);
        words.query_async(&mut self.0).await.unwrap()
    }

    /// Every key of the services.
    pub(crate) async fn keys(&mut self) -> Vec<String> {
        self.run(&["KEYS", "jeton:*"]).await
    }
}
