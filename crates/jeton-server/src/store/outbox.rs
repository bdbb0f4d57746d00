use async_trait::async_trait;

use super::StoreError;
use crate::model::{id::MessageId, message::Message, time::Timestamp};

/// The outbox: messages are written in the transaction of their cause, and sent by whichever node takes them.
#[async_trait]
pub trait Outbox: Send + Sync + std::fmt::Debug {
    /// Takes some of the messages that are due. No other node is given them for a while: one that dies with them loses
    /// none, and one that is too slow sends twice. None to `busy` recipients, whom this node is sending to.
    async fn take_due(&self, busy: &[String], now: Timestamp) -> Result<Vec<Message>, StoreError>;

    /// Notes how an attempt went.
    async fn attempted(&self, id: MessageId, attempt: &Attempted) -> Result<(), StoreError>;

    /// Has a message sent as soon as may be, also one that was given up. Whether there is one that was not sent yet.
    async fn hasten(&self, id: MessageId, now: Timestamp) -> Result<bool, StoreError>;

    /// How many messages wait to be sent.
    async fn messages_waiting(&self) -> Result<u64, StoreError>;

    /// Messages, the newest first.
    async fn messages(&self, limit: u32) -> Result<Vec<Message>, StoreError>;
}

/// The outcome of an attempt to send a message.
#[derive(Clone, Debug)]
pub enum Attempted {
    Sent {
        at: Timestamp,
    },
    /// It is tried again, or given up where there is no next time.
    Failed {
        problem: String,
        next: Option<Timestamp>,
    },
    /// It was not tried, and another node may take it.
    GivenBack {
        at: Timestamp,
    },
}
