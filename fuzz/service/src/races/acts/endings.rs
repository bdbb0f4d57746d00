//! Sessions ended by their owner. What one node was told is told to another as well, half the time: it, too, must refuse
//! the tokens from its own answer on.

use std::sync::Arc;

use serde_json::json;

use crate::races::{
    client::{Call, Client},
    history::{Access, Scope, What},
};

pub fn log_out(client: &mut Client<'_>) {
    let (scope, name) = client.random.weighted(&[
        (4, (Scope::Session, "session")),
        (2, (Scope::Others, "others")),
        (1, (Scope::All, "all")),
    ]);
    owner_ends(client, |client, node, token| {
        client.log_out_by(node, token, scope, name);
    });
}

pub fn end_session(client: &mut Client<'_>) {
    let user = client.someone();
    let session = {
        let state = client.world.state();
        state.users[user]
            .session(&mut client.random)
            .map(|session| session.id.clone())
    };
    let Some(session) = session else { return };
    owner_ends(client, |client, node, token| {
        if token.user != user {
            return;
        }
        let call = Call {
            node,
            user,
            with: None,
            method: "DELETE",
            path: format!("/sessions/{session}"),
            bearer: None,
            body: None,
        };
        let session = session.clone();
        client.act(call.with(token), |_, _| What::EndSession { session });
    });
}

fn owner_ends(client: &mut Client<'_>, end: impl Fn(&mut Client<'_>, usize, &Arc<Access>)) {
    let user = client.someone();
    let tokens = client.tokens_of(user);
    let Some(token) = tokens.first() else { return };
    let mut node = client.node();
    end(client, node, token);
    if client.random.one_in(2) {
        node = client.other_node(node);
        end(client, node, token);
    }
    for token in &tokens {
        client.check_token(node, token);
    }
}

impl Client<'_> {
    pub fn log_out_everywhere(&mut self, node: usize, token: &Arc<Access>) {
        self.log_out_by(node, token, Scope::All, "all");
    }

    fn log_out_by(&mut self, node: usize, token: &Arc<Access>, scope: Scope, name: &str) {
        let call = Call::post(node, token.user, "/logout", json!({"scope": name})).with(token);
        let session = token.session.clone();
        self.act(call, |_, _| What::LogOut { session, scope });
    }
}
