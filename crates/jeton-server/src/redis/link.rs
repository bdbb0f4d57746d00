//! The one connection, and whether there is one.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, PushInfo, PushKind, RedisError,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::{ANSWERS_IN, RedisUrl};

/// How long a connection may take to come about; only its own task waits for it.
const CONNECTS_IN: Duration = Duration::from_secs(1);

/// How long nobody is asked after it failed, and how often it is looked whether it is there while nobody asks.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Link {
    url: RedisUrl,
    channel: String,
    /// A command that the server must know before anybody asks it.
    trial: Cmd,
    state: Mutex<State>,
    broken: Notify,
    announced: Notify,
    announcements: AtomicU64,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// Counts connections: what went wrong with an old one says nothing about its successor.
    number: u64,
    /// The error of the last.
    problem: Option<String>,
}

impl Link {
    pub(super) fn new(url: RedisUrl, channel: String, trial: Cmd) -> Self {
        Self {
            url,
            channel,
            trial,
            state: Mutex::default(),
            broken: Notify::new(),
            announced: Notify::new(),
            announcements: AtomicU64::new(0),
        }
    }

    /// The answer to a command, if there is one in time. One that fails ends the connection for everybody, so that
    /// nobody else waits in vain.
    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let (number, mut connection) = {
            let state = self.state();
            (state.number, state.connection.clone()?)
        };
        match timeout(ANSWERS_IN, command.query_async(&mut connection)).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                self.give_up(number, error.to_string());
                None
            }
            Err(_) => {
                self.give_up(number, "it does not answer in time".to_owned());
                None
            }
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.state().connection.is_some()
    }

    pub(super) async fn announced(&self) {
        self.announced.notified().await;
    }

    pub(super) fn announcements(&self) -> u64 {
        self.announcements.load(Ordering::Relaxed)
    }

    fn give_up(&self, number: u64, problem: String) {
        let mut state = self.state();
        if state.number == number && state.connection.take().is_some() {
            state.problem = Some(problem);
            self.broken.notify_one();
        }
    }

    fn hear(&self, number: u64, push: &PushInfo) {
        match push.kind {
            PushKind::Message => {
                self.announcements.fetch_add(1, Ordering::Relaxed);
                self.announced.notify_one();
            }
            PushKind::Disconnection => self.give_up(number, "the connection was lost".to_owned()),
            _ => {}
        }
    }

    /// Ready when the connection is no longer one; says why.
    async fn watch(&self) -> String {
        let ping = redis::cmd("PING");
        while timeout(PAUSE, self.broken.notified()).await.is_err() {
            self.ask::<String>(&ping).await;
        }
        self.state().problem.take().unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees to it that there is a connection, as far as there can be one, for ever. Says what changed, once.
pub(super) async fn keep(link: Arc<Link>) {
    let mut said = false;
    loop {
        match timeout(CONNECTS_IN, connect(&link)).await {
            Ok(Ok(())) => {
                tracing::info!(
                    "Redis at {} is there: limits are shared, revocations are announced",
                    link.url
                );
                let problem = link.watch().await;
                tracing::warn!(problem, "Redis at {} is gone; {WITHOUT}", link.url);
                said = true;
            }
            Ok(Err(error)) if !said => {
                tracing::warn!(problem = %error, "Redis at {} cannot be used; {WITHOUT}", link.url);
                said = true;
            }
            Err(_) if !said => {
                tracing::warn!("Redis at {} does not answer; {WITHOUT}", link.url);
                said = true;
            }
            _ => {}
        }
        sleep(PAUSE).await;
    }
}

const WITHOUT: &str =
    "until it is there, each node counts attempts by itself and reads revocations twice a second";

async fn connect(link: &Arc<Link>) -> Result<(), RedisError> {
    let number = {
        let mut state = link.state();
        state.number += 1;
        state.number
    };
    // The connection belongs to the link, and not the other way round.
    let listener = Arc::downgrade(link);
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECTS_IN))
        .set_response_timeout(Some(CONNECTS_IN))
        .set_push_sender(move |push: PushInfo| -> Result<(), RedisError> {
            if let Some(link) = listener.upgrade() {
                link.hear(number, &push);
            }
            Ok(())
        });
    let mut connection = link
        .url
        .client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    connection.subscribe(&link.channel).await?;
    let tried: u64 = link.trial.query_async(&mut connection).await?;
    if tried != 0 {
        return Err((
            ErrorKind::UnexpectedReturnType,
            "it answers what it was not asked",
        )
            .into());
    }
    link.state().connection = Some(connection);
    link.announced.notify_one();
    Ok(())
}
