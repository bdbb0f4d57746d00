//! The end of a run: everything that is known is asked for once more, and the administrators turn on each other.

use std::thread;

use serde_json::json;

use super::{
    acts::administration::Request,
    client::{Client, wall},
    history::What,
    oracle::Trail,
    stage::{MAX_LAG, Stage},
};

/// How many tokens that were refused are tried once more at each node.
const REVENANTS: usize = 1500;

/// Signs everybody in, exchanges every session's newest token, and tries everything that was revoked. What comes
/// of it is in the history.
pub fn sweep(client: &mut Client<'_>) {
    // By now every node must have heard of everything.
    thread::sleep(MAX_LAG);
    let (users, sessions, revenants) = {
        let state = client.world.state();
        let users = state.places.clone();
        let sessions = users.iter().flat_map(|user| {
            state.users[*user]
                .sessions
                .iter()
                .map(|known| (*user, known.clone()))
        });
        let revenants = state.revenants.iter().filter(|token| token.expires_at > wall());
        let revenants: Vec<_> = revenants.take(REVENANTS).cloned().collect();
        (users.clone(), sessions.collect::<Vec<_>>(), revenants)
    };
    for (user, known) in sessions {
        let node = client.node();
        if let Some(token) = known.access.last() {
            client.check_token(node, token);
        }
        if let Some(token) = known.refresh.last() {
            client.refresh_with(node, user, known.id, token);
        }
    }
    for user in users {
        client.sign_in(user);
    }
    for token in &revenants {
        for node in 0..client.stage.nodes().len() {
            client.check_token(node, token);
        }
    }
}

/// Everybody who administrates takes the role from the next at the same moment; somebody must be left.
pub fn last_stand(client: &mut Client<'_>) -> Option<String> {
    let all = {
        let state = client.world.state();
        [&state.administrators[..], &state.duellists].concat()
    };
    let mut fighters = Vec::new();
    for (place, user) in all.iter().enumerate() {
        client.command(*user, &["users", "enable", &client.name_of(*user)], What::Enable);
        client.grant(*user, "admin");
        let token = client.fresh_token(*user)?;
        let mut own = Client::new(
            2000 + place,
            client.random.next(),
            client.stage,
            client.world,
            client.history,
        );
        // What was granted a moment ago may be news to a node.
        own.check_token(0, &token);
        fighters.push((own, token, all[(place + 1) % all.len()]));
    }
    thread::scope(|scope| {
        for (mut own, token, next) in fighters {
            scope.spawn(move || {
                let path = format!("/admin/users/{}", own.id_of(next));
                let node = own.node();
                let request = Request {
                    method: "PATCH",
                    path,
                    body: Some(json!({"roles": []})),
                };
                own.administrate_with(node, &token, next, request, |_, _| What::SetRoles {
                    roles: Vec::new(),
                });
            });
        }
    });
    let left = client
        .stage
        .setup()
        .must(&["users", "list", "--role", "admin", "--json"], "");
    let left = left.map(|lines| {
        lines
            .lines()
            .filter(|line| !line.contains("\"disabled\":true"))
            .count()
    });
    match left {
        Ok(0) => Some("no administrator is left".to_owned()),
        Ok(_) => None,
        Err(error) => Some(format!("the administrators cannot be listed: {error}")),
    }
}

/// The audit trail, once it was verified.
pub fn trail(stage: &Stage) -> Result<Trail, String> {
    let said = |result: std::io::Result<String>| result.map_err(|error| error.to_string());
    said(stage.setup().must(&["audit", "verify"], ""))?;
    said(stage.setup().must(&["audit", "export", "-"], "")).map(|lines| Trail::read(&lines))
}
