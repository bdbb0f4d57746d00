//! Messages: what waits in the outbox to be sent to the outside. Each was written in the transaction of its cause.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    id::{ClientId, MessageId, SessionId, UserId},
    time::Timestamp,
};

/// How long a message is tried before it is given up.
pub const TRIED_FOR: Duration = Duration::from_hours(24);

/// How long a message is kept once it was sent or given up, to be looked at.
pub const KEPT_AFTER_END: Duration = Duration::from_hours(24 * 7);

/// How long a node has to send what it took, before another may take it.
pub const TAKEN_FOR: Duration = Duration::from_mins(2);

/// The pause before the second attempt. Each one after is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(5);

const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Tells a client that a user signed out (OpenID Connect Back-Channel Logout).
    Logout,
}

impl Kind {
    const ALL: [Self; 1] = [Self::Logout];

    /// The name a kind is stored under.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A message as it is stored.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: MessageId,
    pub kind: Kind,
    /// Where it goes: a URL, or an address.
    pub recipient: String,
    pub content: Vec<u8>,
    pub created_at: Timestamp,
    /// When it is tried next; none once it was sent or given up.
    pub due_at: Option<Timestamp>,
    /// How often it was taken to be sent.
    pub attempts: u32,
    pub sent_at: Option<Timestamp>,
    /// What went wrong at the last attempt.
    pub problem: Option<String>,
}

impl Message {
    /// When to try again after the last attempt failed now; none when it is given up.
    #[must_use]
    pub fn next_attempt(&self, now: Timestamp) -> Option<Timestamp> {
        let doublings = self.attempts.saturating_sub(1).min(16);
        let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        let next = now.plus(pause);
        (next < self.created_at.plus(TRIED_FOR)).then_some(next)
    }
}

/// The content of a message that tells of a sign-out. The token is signed when it is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Logout {
    pub client: ClientId,
    pub user: UserId,
    /// The grant, whose id is the `sid` of its ID tokens.
    pub grant: SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_a_message_is_given_up_after_a_day() {
        let created_at = Timestamp::from_seconds(1000);
        let mut message = Message {
            id: MessageId::from_bytes([1; 16]),
            kind: Kind::Logout,
            recipient: String::new(),
            content: Vec::new(),
            created_at,
            due_at: Some(created_at),
            attempts: 1,
            sent_at: None,
            problem: None,
        };
        let mut now = created_at;
        let mut pauses = Vec::new();
        while let Some(next) = message.next_attempt(now) {
            pauses.push(next.since(now).as_secs());
            (now, message.attempts) = (next, message.attempts + 1);
        }
        assert_eq!(pauses[..4], [5, 10, 20, 40]);
        assert!(pauses.iter().all(|pause| *pause <= 3600));
        assert!(now.since(created_at) + LONGEST_PAUSE > TRIED_FOR);
        assert_eq!(Kind::from_name("logout"), Some(Kind::Logout));
    }
}
