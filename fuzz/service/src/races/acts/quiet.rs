//! People whom nobody else touches: what was revoked of theirs stays refused, however little happened to them since.
//! Whatever is done to the others keeps calling their old tokens back.

use std::sync::Arc;

use crate::races::{client::Client, history::What};

/// Somebody registers, signs in and exchanges the token once.
pub fn begin(client: &mut Client<'_>) {
    let Some(user) = client.register() else { return };
    client.sign_in(user);
    if let Some((session, token)) = client.refresh_token(user, 0) {
        let node = client.node();
        client.refresh_with(node, user, session, &token);
        client.world.state().quiet.push_back(user);
    }
}

/// Later, perhaps after a restart, the exchanged token is presented once more, and then everything is revoked.
pub fn end(client: &mut Client<'_>) {
    let user = {
        let mut state = client.world.state();
        // The youngest: its exchange is not long ago.
        state.quiet.pop_back()
    };
    let Some(user) = user else { return };
    if let Some((session, token)) = client.refresh_token(user, 1) {
        let node = client.node();
        client.refresh_with(node, user, session, &token);
    }
    let tokens = {
        let state = client.world.state();
        let newest = state.users[user].sessions.back();
        newest.map(|known| known.access.iter().map(Arc::clone).collect::<Vec<_>>())
    };
    let tokens = tokens.unwrap_or_default();
    let Some(token) = tokens.last() else { return };
    let node = client.node();
    if client.random.one_in(3) {
        client.patch(user, serde_json::json!({"disabled": true}), What::Disable);
    } else {
        client.log_out_everywhere(node, token);
    }
    for token in &tokens {
        client.check_token(node, token);
    }
}
