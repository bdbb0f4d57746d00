//! Revocations by another process.

use crate::races::{
    client::Client,
    history::{User, What},
};

pub fn revoke(client: &mut Client<'_>) {
    command(client, &["users", "revoke"], What::EndAll);
}

pub fn switch(client: &mut Client<'_>) {
    if client.random.one_in(3) {
        command(client, &["users", "disable"], What::Disable);
    }
    command(client, &["users", "enable"], What::Enable);
}

/// Runs a command about somebody; then has a node carry out what is carried out already, and checks.
fn command(client: &mut Client<'_>, words: &[&str], what: What) {
    let user = client.someone();
    let tokens = client.tokens_of(user);
    let name = client.name_of(user);
    let is_ending = !matches!(what, What::Enable);
    client.command(user, &[words, &[name.as_str()]].concat(), what);
    if !is_ending {
        return;
    }
    let node = client.node();
    if let Some(token) = tokens.first() {
        client.log_out_everywhere(node, token);
    }
    for token in &tokens {
        client.check_token(node, token);
    }
}

impl Client<'_> {
    /// Gives somebody these roles and no others, by the command line.
    pub fn grant(&mut self, user: User, role: &str) {
        let name = self.name_of(user);
        let what = What::SetRoles {
            roles: vec![role.to_owned()],
        };
        self.command(user, &["users", "set", &name, "--role", role], what);
    }
}
