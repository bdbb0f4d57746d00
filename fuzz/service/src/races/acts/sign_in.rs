use std::sync::Arc;

use serde_json::json;

use crate::races::{
    client::{Call, Client, credentials},
    history::{User, What},
};

pub fn with_the_right_password(client: &mut Client<'_>) {
    let user = client.someone();
    client.sign_in(user);
}

/// Somebody remembers an earlier password, or the wrong one of two that were just changed.
pub fn with_an_old_password(client: &mut Client<'_>) {
    let user = client.someone();
    let password = {
        let state = client.world.state();
        let passwords = &state.users[user].passwords;
        // Every other user is careful, so that nothing of theirs may count as a failure.
        if user % 2 == 0 || passwords.is_empty() {
            return;
        }
        let young = passwords.len().min(3);
        Arc::clone(&passwords[passwords.len() - 1 - client.random.within(0..young)])
    };
    let node = client.node();
    client.sign_in_with(node, user, password);
}

impl Client<'_> {
    pub fn sign_in(&mut self, user: User) {
        let password = self.world.state().users[user].password();
        let node = self.node();
        if let Some(password) = password {
            self.sign_in_with(node, user, password);
        }
    }

    /// Whether that opened a session.
    pub fn sign_in_with(&mut self, node: usize, user: User, password: Arc<str>) -> bool {
        let body = credentials(&self.name_of(user), &password);
        let path = if self.random.one_in(4) { "/token" } else { "/login" };
        let answer = self.act(Call::post(node, user, path, body), |_, opened| What::Login {
            password,
            opened,
        });
        answer.is_some_and(|answer| answer.status == 200)
    }

    /// Makes a new account; nobody, if that does not work out.
    pub fn register(&mut self) -> Option<User> {
        let (user, name, password) = {
            let mut state = self.world.state();
            let (user, password) = (state.person("person"), state.new_password());
            state.users[user].passwords.push(Arc::clone(&password));
            (user, state.users[user].name.clone(), password)
        };
        let node = self.node();
        let body = json!({"username": name, "password": &*password, "email": format!("{name}@example.org")});
        let answer = self.act(Call::post(node, user, "/register", body), |_, _| What::Register {
            password,
        })?;
        let id = answer.json()["user"]["id"].as_str()?.to_owned();
        self.world.state().users[user].id = id;
        Some(user)
    }
}
