use std::sync::Arc;

use crate::races::{
    client::{Call, Client, wall},
    history::{Access, User, What},
};

pub fn check(client: &mut Client<'_>) {
    let user = client.someone();
    let token = client.world.state().users[user].access(&mut client.random);
    let node = client.node();
    if let Some(token) = token {
        client.check_token(node, &token);
    }
}

pub fn check_one_that_was_refused(client: &mut Client<'_>) {
    let token = {
        let state = client.world.state();
        let tries = (0..5).filter_map(|_| {
            let count = state.revenants.len();
            let place = client.random.within(0..count.max(1));
            state.revenants.get(place)
        });
        // One whose time is over is refused anyway.
        tries.filter(|token| token.expires_at > wall()).last().cloned()
    };
    let node = client.node();
    if let Some(token) = token {
        client.check_token(node, &token);
    }
}

pub fn refresh(client: &mut Client<'_>) {
    client.refresh_the(0);
}

/// A lost answer, or two tabs.
pub fn refresh_again(client: &mut Client<'_>) {
    client.refresh_the(1);
}

/// The same token at two nodes, whose settings may differ.
pub fn refresh_twice(client: &mut Client<'_>) {
    let user = client.someone();
    if let Some((session, token)) = client.refresh_token(user, 0) {
        let node = client.node();
        client.refresh_with(node, user, session.clone(), &token);
        let other = client.other_node(node);
        client.refresh_with(other, user, session, &token);
    }
}

/// Somebody has a copy.
pub fn refresh_an_old_one(client: &mut Client<'_>) {
    let back = client.random.within(2..5);
    client.refresh_the(back);
}

impl Client<'_> {
    pub fn check_token(&mut self, node: usize, token: &Arc<Access>) {
        let route = self
            .random
            .weighted(&[(6, "/protected"), (2, "/get-jwt"), (2, "/profile")]);
        let call = Call {
            node,
            user: token.user,
            with: None,
            method: "GET",
            path: route.into(),
            bearer: None,
            body: None,
        };
        self.act(call.with(token), |_, _| What::Check { route });
    }

    /// Exchanges the refresh token so many generations before the newest.
    fn refresh_the(&mut self, back: usize) {
        let user = self.someone();
        if let Some((session, token)) = self.refresh_token(user, back) {
            let node = self.node();
            self.refresh_with(node, user, session, &token);
        }
    }

    pub fn refresh_token(&mut self, user: User, back: usize) -> Option<(String, Arc<str>)> {
        let state = self.world.state();
        let session = state.users[user].session(&mut self.random)?;
        let place = session.refresh.len().checked_sub(back + 1)?;
        Some((session.id.clone(), Arc::clone(&session.refresh[place])))
    }

    pub fn refresh_with(&mut self, node: usize, user: User, session: String, token: &Arc<str>) {
        let call = Call {
            node,
            user,
            with: None,
            method: "POST",
            path: "/refresh".into(),
            bearer: Some(token),
            body: None,
        };
        let shown = Arc::clone(token);
        self.act(call, |_, got| What::Refresh {
            session,
            token: shown,
            got,
        });
    }
}
