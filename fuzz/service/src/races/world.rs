//! What the clients know together: users, their passwords, sessions and tokens. What they believe need not be so; only
//! the history is judged.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use super::history::{Access, Pair, User};
use crate::random::Random;

/// How many people there are at a time, beside the administrators.
pub const PEOPLE: usize = 8;

pub const ADMINISTRATORS: usize = 3;

/// How many sessions of a user are remembered.
const SESSIONS: usize = 40;

/// How many tokens that were refused once are tried again.
const REVENANTS: usize = 3000;

pub struct World {
    state: Mutex<State>,
    /// Held by whoever has the two duellists fight.
    pub duel: Mutex<()>,
    /// Shut while nobody may ask anything.
    pub gate: RwLock<()>,
}

#[derive(Default)]
pub struct State {
    pub users: Vec<Person>,
    /// The users that are asked for; others were deleted.
    pub places: Vec<User>,
    pub administrators: Vec<User>,
    /// Two more administrators, who take each other's role.
    pub duellists: [User; 2],
    /// People whom nobody else touches.
    pub quiet: VecDeque<User>,
    /// Access tokens that were once refused because they were revoked.
    pub revenants: VecDeque<Arc<Access>>,
    passwords: usize,
}

pub struct Person {
    pub name: String,
    pub id: String,
    /// The one that is probably right comes last.
    pub passwords: Vec<Arc<str>>,
    pub codes: Vec<Arc<str>>,
    pub sessions: VecDeque<Known>,
}

/// A session, as far as it is known: its tokens, the newest last.
#[derive(Clone)]
pub struct Known {
    pub id: String,
    pub access: Vec<Arc<Access>>,
    pub refresh: Vec<Arc<str>>,
}

impl World {
    pub fn new() -> Self {
        Self {
            state: Mutex::default(),
            duel: Mutex::default(),
            gate: RwLock::default(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room for somebody who does not exist yet.
    pub fn person(&mut self, what: &str) -> User {
        let number = self.users.len();
        self.users.push(Person {
            name: format!("{what}{number}"),
            id: String::new(),
            passwords: Vec::new(),
            codes: Vec::new(),
            sessions: VecDeque::new(),
        });
        number
    }

    /// A password nobody has had.
    pub fn new_password(&mut self) -> Arc<str> {
        self.passwords += 1;
        format!("{}{}", super::PASSWORD, self.passwords).into()
    }

    /// Notes the tokens of a session that was opened or moved on.
    pub fn learn(&mut self, pair: &Pair) {
        let sessions = &mut self.users[pair.access.user].sessions;
        let id = &pair.access.session;
        let place = sessions
            .iter()
            .position(|known| known.id == *id)
            .unwrap_or_else(|| {
                sessions.push_back(Known {
                    id: id.clone(),
                    access: Vec::new(),
                    refresh: Vec::new(),
                });
                sessions.len() - 1
            });
        let known = &mut sessions[place];
        known.access.push(Arc::clone(&pair.access));
        if !pair.refresh.is_empty() && !known.refresh.contains(&pair.refresh) {
            known.refresh.push(Arc::clone(&pair.refresh));
        }
        if sessions.len() > SESSIONS {
            sessions.pop_front();
        }
    }

    /// Notes that a token was refused because it was revoked; when it was its session's newest, the session is
    /// over.
    pub fn refused(&mut self, token: &Arc<Access>) {
        self.expired(token);
        let mut over = vec![Arc::clone(token)];
        self.users[token.user].sessions.retain(|known| {
            let is_over = known.access.last().is_some_and(|newest| newest.id == token.id);
            if is_over {
                over.extend(known.access.iter().cloned());
            }
            !is_over
        });
        for token in over {
            if !self.revenants.iter().any(|known| known.id == token.id) {
                self.revenants.push_back(token);
            }
        }
        while self.revenants.len() > REVENANTS {
            self.revenants.pop_front();
        }
    }

    /// Notes that an access token is good for nothing any more, while its session may be.
    pub fn expired(&mut self, token: &Arc<Access>) {
        for known in &mut self.users[token.user].sessions {
            if known.access.len() > 1 {
                known.access.retain(|access| access.id != token.id);
            }
        }
    }
}

impl Person {
    /// One of the sessions, mostly a young one.
    pub fn session(&self, random: &mut Random) -> Option<&Known> {
        let count = self.sessions.len();
        if count == 0 {
            return None;
        }
        let young = if random.one_in(4) { count } else { count.min(4) };
        self.sessions.get(count - 1 - random.within(0..young))
    }

    /// One of the access tokens, mostly the newest of its session.
    pub fn access(&self, random: &mut Random) -> Option<Arc<Access>> {
        let access = &self.session(random)?.access;
        let place = if random.one_in(3) {
            random.within(0..access.len())
        } else {
            access.len() - 1
        };
        access.get(place).cloned()
    }

    pub fn password(&self) -> Option<Arc<str>> {
        self.passwords.last().cloned()
    }
}
