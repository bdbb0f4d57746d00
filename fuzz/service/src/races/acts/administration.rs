//! What administrators do to others; half of what ends sessions is done twice, at two nodes.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    races::{
        client::{Call, Client, wall},
        history::{Access, Pair, User, What},
    },
    wire::Answer,
};

pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
}

pub fn disable(client: &mut Client<'_>) {
    let body = json!({"disabled": true});
    ends(client, "PATCH", "", Some(body), What::Disable);
}

pub fn end_all(client: &mut Client<'_>) {
    ends(client, "DELETE", "/sessions", None, What::EndAll);
}

pub fn delete(client: &mut Client<'_>) {
    let user = ends(client, "DELETE", "", None, What::Delete);
    // Somebody else comes instead.
    if let Some(new) = client.register() {
        let mut state = client.world.state();
        if let Some(place) = state.places.iter_mut().find(|place| **place == user) {
            *place = new;
        }
    }
}

pub fn enable(client: &mut Client<'_>) {
    let user = client.someone();
    client.patch(user, json!({"disabled": false}), What::Enable);
}

pub fn change_roles(client: &mut Client<'_>) {
    let user = client.someone();
    let roles = if client.random.one_in(2) {
        vec!["editor".to_owned()]
    } else {
        Vec::new()
    };
    let tokens = client.tokens_of(user);
    let node = client.patch(user, json!({"roles": roles}), What::SetRoles { roles });
    for token in &tokens {
        client.check_token(node, token);
    }
}

pub fn revoke_token(client: &mut Client<'_>) {
    let user = client.someone();
    let Some(token) = client.tokens_of(user).pop() else {
        return;
    };
    let mut node = client.node();
    for _ in 0..client.random.within(1..3) {
        let request = Request {
            method: "POST",
            path: "/admin/tokens/revoke".to_owned(),
            body: Some(json!({"token": token.text})),
        };
        let id = token.id.clone();
        client.administrate(node, user, request, |_, _| What::RevokeToken { token: id });
        client.check_token(node, &token);
        node = client.other_node(node);
    }
}

/// Ends everything of somebody at one node or two, then checks what they had.
fn ends(client: &mut Client<'_>, method: &'static str, below: &str, body: Option<Value>, what: What) -> User {
    let user = client.someone();
    let tokens = client.tokens_of(user);
    let path = format!("/admin/users/{}{below}", client.id_of(user));
    let mut node = client.node();
    for _ in 0..client.random.within(1..3) {
        let request = Request {
            method,
            path: path.clone(),
            body: body.clone(),
        };
        let what = what.clone();
        client.administrate(node, user, request, |_, _| what);
        for token in &tokens {
            client.check_token(node, token);
        }
        node = client.other_node(node);
    }
    user
}

impl Client<'_> {
    pub fn patch(&mut self, user: User, body: Value, what: What) -> usize {
        let path = format!("/admin/users/{}", self.id_of(user));
        let node = self.node();
        let request = Request {
            method: "PATCH",
            path,
            body: Some(body),
        };
        self.administrate(node, user, request, |_, _| what);
        node
    }

    /// Does something in the name of one of the administrators.
    pub fn administrate(
        &mut self,
        node: usize,
        user: User,
        request: Request,
        what: impl FnOnce(Option<&Answer>, Option<Pair>) -> What,
    ) -> Option<Answer> {
        let administrator = {
            let state = self.world.state();
            *self.random.pick(&state.administrators)
        };
        let token = self.fresh_token(administrator)?;
        self.administrate_with(node, &token, user, request, what)
    }

    pub fn administrate_with(
        &mut self,
        node: usize,
        token: &Arc<Access>,
        user: User,
        request: Request,
        what: impl FnOnce(Option<&Answer>, Option<Pair>) -> What,
    ) -> Option<Answer> {
        let Request { method, path, body } = request;
        let call = Call {
            node,
            user,
            with: None,
            method,
            path,
            bearer: None,
            body,
        };
        self.act(call.with(token), what)
    }

    /// An access token of somebody that will live for a while; signs in for it if there is none.
    pub fn fresh_token(&mut self, user: User) -> Option<Arc<Access>> {
        let newest = |client: &Self| {
            let state = client.world.state();
            let token = state.users[user].sessions.back()?.access.last()?;
            (token.expires_at > wall() + 2.0).then(|| Arc::clone(token))
        };
        newest(self).or_else(|| {
            self.sign_in(user);
            newest(self)
        })
    }
}
