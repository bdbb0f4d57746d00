use std::collections::HashMap;

use crate::model::{
    id::{SessionId, TokenId, UserId},
    revocation::{Revocation, Target},
    time::Timestamp,
    user::UserVersion,
};

/// Seconds since the epoch in half the room: good until 2106, and an entry that outlives that stays until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Until(u32);

impl From<Timestamp> for Until {
    fn from(time: Timestamp) -> Self {
        Self(u32::try_from(time.seconds().max(0)).unwrap_or(u32::MAX))
    }
}

/// One of the 256 parts of the set.
#[derive(Debug, Default)]
pub(super) struct Shard {
    tokens: HashMap<TokenId, Until>,
    sessions: HashMap<SessionId, Until>,
    users: HashMap<UserId, (UserVersion, Until)>,
}

impl Shard {
    pub(super) fn has_token(&self, id: &TokenId) -> bool {
        self.tokens.contains_key(id)
    }

    pub(super) fn has_session(&self, id: &SessionId) -> bool {
        self.sessions.contains_key(id)
    }

    /// Whether tokens issued to a user under this version were revoked.
    pub(super) fn has_user(&self, id: &UserId, version: UserVersion) -> bool {
        self.users.get(id).is_some_and(|(below, _)| version < *below)
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len() + self.sessions.len() + self.users.len()
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.tokens.capacity() + self.sessions.capacity() + self.users.capacity()
    }

    pub(super) fn insert(&mut self, revocation: &Revocation) {
        let until = revocation.until.into();
        match revocation.target {
            Target::Token(id) => longest(self.tokens.entry(id).or_insert(until), until),
            Target::Session(id) => longest(self.sessions.entry(id).or_insert(until), until),
            Target::User { id, below } => {
                let (version, last) = self.users.entry(id).or_insert((below, until));
                *version = below.max(*version);
                longest(last, until);
            }
        }
    }

    /// Drops entries that can refuse nothing any more, and their room when most of it is empty.
    pub(super) fn forget(&mut self, now: Timestamp) {
        let now = Until::from(now);
        self.tokens.retain(|_, until| *until > now);
        self.sessions.retain(|_, until| *until > now);
        self.users.retain(|_, (_, until)| *until > now);
        shrink(&mut self.tokens);
        shrink(&mut self.sessions);
        shrink(&mut self.users);
    }
}

fn longest(kept: &mut Until, until: Until) {
    *kept = until.max(*kept);
}

fn shrink<K: Eq + std::hash::Hash, V>(map: &mut HashMap<K, V>) {
    if map.capacity() > 64 && map.len() < map.capacity() / 4 {
        map.shrink_to(map.len() * 2);
    }
}
