use std::sync::Arc;

use serde_json::json;

use super::administration::Request;
use crate::races::{
    client::{Call, Client},
    history::What,
};

pub fn change(client: &mut Client<'_>) {
    let user = client.someone();
    let tokens = client.tokens_of(user);
    let Some(token) = tokens.first() else { return };
    let (current, new) = {
        let mut state = client.world.state();
        let Some(current) = state.users[user].password() else {
            return;
        };
        (current, state.new_password())
    };
    let node = client.node();
    let body = json!({"current_password": &*current, "new_password": &*new});
    let call = Call::post(node, user, "/password", body).with(token);
    let set = Arc::clone(&new);
    let answer = client.act(call, |_, opened| What::ChangePassword {
        current,
        new: set,
        opened,
    });
    let is_changed = answer.as_ref().is_some_and(|answer| answer.status == 200);
    if is_changed {
        client.world.state().users[user].passwords.push(new);
        for token in &tokens {
            client.check_token(node, token);
        }
    } else if answer.is_none() || client.random.one_in(2) {
        // Is it really as it was?
        client.try_password(node, user, new);
    }
}

pub fn issue_code(client: &mut Client<'_>) {
    issue(client, false);
}

pub fn force_reset(client: &mut Client<'_>) {
    issue(client, true);
}

fn issue(client: &mut Client<'_>, force: bool) {
    let user = client.someone();
    let tokens = client.tokens_of(user);
    let request = Request {
        method: "POST",
        path: format!("/admin/users/{}/password-reset", client.id_of(user)),
        body: Some(json!({"force": force})),
    };
    let node = client.node();
    let answer = client.administrate(node, user, request, |answer, _| What::IssueCode {
        force,
        code: answer.map(|answer| answer.text("code").into()),
    });
    if let Some(answer) = answer.filter(|answer| answer.status == 200) {
        client.world.state().users[user]
            .codes
            .push(answer.text("code").into());
        if force {
            for token in &tokens {
                client.check_token(node, token);
            }
        }
    }
}

pub fn reset(client: &mut Client<'_>) {
    let user = client.someone();
    let (name, code, new) = {
        let mut state = client.world.state();
        let Some(code) = state.users[user].codes.last().cloned() else {
            return;
        };
        if client.random.one_in(2) {
            state.users[user].codes.pop();
        }
        (state.users[user].name.clone(), code, state.new_password())
    };
    let node = client.node();
    let body = json!({"username": name, "code": &*code, "new_password": &*new});
    let set = Arc::clone(&new);
    let answer = client.act(Call::post(node, user, "/password/reset", body), |_, _| {
        What::Reset { code, new: set }
    });
    if answer.as_ref().is_some_and(|answer| answer.status == 200) {
        client.world.state().users[user].passwords.push(new);
    } else if answer.is_none() || client.random.one_in(2) {
        client.try_password(node, user, new);
    }
}

impl Client<'_> {
    /// Signs in with a password that should not be the account's; believes it if it is.
    fn try_password(&mut self, node: usize, user: usize, password: Arc<str>) {
        let opened = self.sign_in_with(node, user, Arc::clone(&password));
        if opened {
            self.world.state().users[user].passwords.push(password);
        }
    }
}
