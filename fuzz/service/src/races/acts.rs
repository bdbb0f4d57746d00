//! The acts of the clients: each picks somebody and does one thing, or a few that belong together.

pub mod administration;
mod command_line;
mod duel;
mod endings;
mod passwords;
mod quiet;
mod sign_in;
mod tokens;

use std::{sync::Arc, time::Duration};

use super::{
    client::Client,
    history::{Access, User},
    world::PEOPLE,
};

type Doing = fn(&mut Client<'_>);

/// Every act, and how often it is chosen.
const ALL: &[(usize, Doing)] = &[
    (14, sign_in::with_the_right_password),
    (2, sign_in::with_an_old_password),
    (22, tokens::check),
    (8, tokens::check_one_that_was_refused),
    (12, tokens::refresh),
    (6, tokens::refresh_again),
    (4, tokens::refresh_twice),
    (1, tokens::refresh_an_old_one),
    (5, endings::log_out),
    (2, endings::end_session),
    (6, passwords::change),
    (1, passwords::issue_code),
    (1, passwords::force_reset),
    (3, passwords::reset),
    (2, administration::disable),
    (3, administration::enable),
    (1, administration::delete),
    (2, administration::end_all),
    (3, administration::revoke_token),
    (5, administration::change_roles),
    (2, quiet::begin),
    (2, quiet::end),
    (1, duel::duel),
    (1, command_line::revoke),
    (1, command_line::switch),
];

/// One act after the other at the same person is more of a race than one here and one there: for so long everybody
/// looks at the same.
const HOT: Duration = Duration::from_secs(2);

impl Client<'_> {
    pub fn act_at_random(&mut self) {
        self.random.weighted(ALL)(self);
    }

    pub fn someone(&mut self) -> User {
        let place = if self.random.one_in(2) {
            (self.history.now().as_millis() / HOT.as_millis()) as usize % PEOPLE
        } else {
            self.random.within(0..PEOPLE)
        };
        self.world.state().places[place]
    }

    /// A few of somebody's access tokens.
    pub fn tokens_of(&mut self, user: User) -> Vec<Arc<Access>> {
        let state = self.world.state();
        let tokens = (0..3).filter_map(|_| state.users[user].access(&mut self.random));
        let mut tokens: Vec<_> = tokens.collect();
        tokens.dedup_by(|one, other| one.id == other.id);
        tokens
    }

    pub fn id_of(&self, user: User) -> String {
        self.world.state().users[user].id.clone()
    }

    pub fn name_of(&self, user: User) -> String {
        self.world.state().users[user].name.clone()
    }
}
