//! Two administrators take each other's role at the same moment.

use std::{sync::Arc, thread};

use serde_json::json;

use super::administration::Request;
use crate::races::{
    client::Client,
    history::{Access, User, What},
};

pub fn duel(client: &mut Client<'_>) {
    // One duel at a time: a second would give back what the first takes.
    let Ok(_guard) = client.world.duel.try_lock() else {
        return;
    };
    let duellists = client.world.state().duellists;
    let [Some(one), Some(other)] = duellists.map(|duellist| {
        client.command(
            duellist,
            &["users", "enable", &client.name_of(duellist)],
            What::Enable,
        );
        client.grant(duellist, "admin");
        client.fresh_token(duellist)
    }) else {
        return;
    };
    let [mut left, mut right] = [0, 1].map(|side| {
        let number = 1000 + 2 * client.number + side;
        Client::new(
            number,
            client.random.next(),
            client.stage,
            client.world,
            client.history,
        )
    });
    let (one, other) = (&one, &other);
    thread::scope(|scope| {
        scope.spawn(move || strike(&mut left, one, other.user));
        scope.spawn(move || strike(&mut right, other, one.user));
    });
}

fn strike(client: &mut Client<'_>, by: &Arc<Access>, at: User) {
    let node = client.node();
    let (method, body, what) = if client.random.one_in(3) {
        ("PATCH", json!({"disabled": true}), What::Disable)
    } else {
        (
            "PATCH",
            json!({"roles": []}),
            What::SetRoles { roles: Vec::new() },
        )
    };
    let path = format!("/admin/users/{}", client.id_of(at));
    let request = Request {
        method,
        path,
        body: Some(body),
    };
    client.administrate_with(node, by, at, request, |_, _| what);
}
