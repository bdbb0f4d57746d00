use crate::model::{
    audit::Actor,
    id::{CeremonyId, UserId},
    throttle::Counted,
};

/// The rows that a job changes. A group takes its rows in one order, so that no two groups wait for each other.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct RowLocks {
    /// Users whose rows, or whose sessions' rows, the job changes.
    pub(super) users: Vec<UserId>,
    /// The key of another row it changes. The jobs of a group run in the order of these.
    pub(super) other: Vec<u8>,
}

impl RowLocks {
    pub(super) const fn nothing() -> Self {
        Self {
            users: Vec::new(),
            other: Vec::new(),
        }
    }

    pub(in crate::store) fn user(user: UserId) -> Self {
        Self {
            users: vec![user],
            other: Vec::new(),
        }
    }

    /// Adds the row of the actor, who must stay an administrator until the job is done.
    pub(in crate::store) fn by(mut self, actor: Option<Actor>) -> Self {
        if let Some(Actor::User(user)) = actor {
            self.users.push(user);
        }
        self
    }

    /// Has the job run last in its group, for it locks the counters: who waited for a row behind them could wait for
    /// a node that has the row and waits for the counters.
    pub(in crate::store) fn and_counters(self) -> Self {
        // Every other key is shorter, or begins lower.
        self.and_row([u8::MAX; 64])
    }

    /// A row that is no user's and no session's.
    pub(in crate::store) fn row(key: impl Into<Vec<u8>>) -> Self {
        Self::default().and_row(key)
    }

    /// Adds the row of an attempt that a success takes back.
    pub(in crate::store) fn and_attempt(self, attempt: Option<&Counted>) -> Self {
        match attempt {
            Some(attempt) => self.and_row(*attempt.who.account.as_bytes()),
            None => self,
        }
    }

    /// Adds the row of a ceremony that the job begins or finishes.
    pub(in crate::store) fn and_ceremony(self, ceremony: Option<CeremonyId>) -> Self {
        match ceremony {
            Some(ceremony) => self.and_row(*ceremony.as_bytes()),
            None => self,
        }
    }

    fn and_row(self, key: impl Into<Vec<u8>>) -> Self {
        Self {
            other: key.into(),
            ..self
        }
    }
}
