//! Nodes with other lifetimes, and restarts with other settings: what was revoked stays revoked.

use std::time::{Duration, Instant};

use jeton_server::model::{
    audit,
    id::{SessionId, TokenId, UserId},
    session::EndReason,
    time::Timestamp,
    user::changes::Changes,
};
use jeton_server::{
    service::tokens::revoke::Named,
    store::{Ending, Which},
};
use proptest::prelude::*;
use serde_json::json;

use crate::actors::{Actor, Admin, Server, SignedIn, claims_of};

/// A node with these lifetimes on the database of another.
async fn node(other: &Server, access: &str, grace: &str) -> Server {
    let settings = [("JETON_ACCESS_LIFETIME", access), ("JETON_REFRESH_GRACE", grace)];
    other.restarted_with(&settings).await
}

/// Reads the table so often that whatever may be forgotten is.
async fn forget(node: &Server) {
    node.catches_up().await;
    let (follower, store) = (node.service().revocations(), node.service().store());
    let now = Timestamp::from_seconds(node.clock().seconds());
    for _ in 0..40 {
        follower.catch_up(store, Some(now), Instant::now()).await.unwrap();
    }
}

async fn is_accepted(node: &Server, token: &str) -> bool {
    let reply = node.visitor().get_with("/protected", token).await;
    if reply.status != 200 {
        reply.assert_status(401);
    }
    reply.status == 200
}

#[tokio::test]
async fn a_replay_where_tokens_live_longer_gives_none_that_outlives_its_revocation() {
    let first = Server::start().await;
    let (here, there) = (node(&first, "5s", "30s").await, node(&first, "1h", "30s").await);
    for disable in [false, true] {
        let name = if disable { "Ramon" } else { "Romel" };
        let romel = here.signed_up(name).await;
        here.visitor().refresh(&romel.refresh).await.assert_status(200);
        let replayed = there.visitor().refresh(&romel.refresh).await;
        replayed.assert_status(200);
        let token = replayed.text("token");
        assert!(is_accepted(&there, token).await);
        let (user, session) = (romel.id.parse().unwrap(), romel.session().parse().unwrap());
        if disable {
            set_disabled(&here, user, true).await;
        } else {
            end(&here, user, Which::One(session)).await;
        }
        for seconds in [0, 31, 40, 60, 3600] {
            here.clock().advance(Duration::from_secs(seconds));
            forget(&there).await;
            assert!(!is_accepted(&there, token).await, "{name} after {seconds} s more");
        }
    }
}

/// One that could never have been used would log its owner out.
#[tokio::test]
async fn a_replay_where_the_grace_time_is_longer_is_good_for_as_long_as_any() {
    let first = Server::start().await;
    let (here, there) = (node(&first, "5s", "0s").await, node(&first, "15m", "120s").await);
    let romel = here.signed_up("Romel").await;
    here.visitor().refresh(&romel.refresh).await.assert_status(200);
    here.clock().advance(Duration::from_secs(100));
    there.catches_up().await;
    let replayed = there.visitor().refresh(&romel.refresh).await;
    replayed.assert_status(200);
    assert_eq!(replayed.json["expires_in"], 900);
    assert!(is_accepted(&there, replayed.text("token")).await);
}

async fn set_disabled(node: &Server, user: UserId, disabled: bool) {
    let changes = Changes {
        disabled: Some(disabled),
        ..Changes::default()
    };
    change(node, user, &changes).await;
}

/// As the command line does: every node hears of it at its next reading.
async fn change(node: &Server, user: UserId, changes: &Changes) {
    let act = jeton_server::store::AdminAction {
        user,
        by: audit::Actor::CommandLine,
        now: Timestamp::from_seconds(node.clock().seconds()),
        may_take_last_admin: false,
    };
    node.service().store().change_user(&act, changes).await.unwrap();
}

/// Ends sessions as another process does.
async fn end(node: &Server, user: UserId, which: Which) {
    let ending = Ending {
        user,
        which,
        reason: EndReason::Logout,
        by: None,
        now: Timestamp::from_seconds(node.clock().seconds()),
    };
    node.service().store().end_sessions(&ending).await.unwrap();
}

#[derive(Clone, Debug)]
enum Act {
    SignIn,
    /// Exchanges the refresh token that is good now, or signs in where there is none.
    Refresh,
    /// The same, and the other node gives the answer once more.
    Race,
    /// Presents the one before again.
    Replay,
    /// Presents any that there was.
    Present(prop::sample::Index),
    Behalf,
    LogOut(prop::sample::Index),
    LogOutEverywhere,
    Disable,
    TakeRole,
    /// Revokes one access token by its id.
    Revoke(prop::sample::Index),
    Pass(u64),
    Prune,
    /// Starts the node again with other lifetimes.
    Restart {
        access: u8,
        grace: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let which = any::<prop::sample::Index>;
    prop_oneof![
        1 => Just(Act::SignIn),
        2 => Just(Act::Refresh),
        8 => Just(Act::Race),
        1 => Just(Act::Replay),
        1 => which().prop_map(Act::Present),
        1 => Just(Act::Behalf),
        2 => which().prop_map(Act::LogOut),
        1 => Just(Act::LogOutEverywhere),
        1 => Just(Act::Disable),
        1 => Just(Act::TakeRole),
        1 => which().prop_map(Act::Revoke),
        6 => prop_oneof![0..3_u64, 30..140_u64, 500..4000_u64].prop_map(Act::Pass),
        1 => Just(Act::Prune),
        3 => (0..4_u8, 0..3_u8).prop_map(|(access, grace)| Act::Restart { access, grace }),
    ]
}

struct Issued {
    token: String,
    session: SessionId,
    /// By the oracle: it was revoked, and must never be accepted again.
    revoked: bool,
}

/// Two nodes, one user and all tokens they ever got.
struct World {
    nodes: [Server; 2],
    ada: Admin,
    romel: SignedIn,
    issued: Vec<Issued>,
    refresh: Vec<String>,
}

impl World {
    async fn new() -> Self {
        let first = Server::start().await;
        let (ada, romel) = (first.admin("ada").await, first.signed_up("Romel").await);
        let nodes = [node(&first, "5s", "30s").await, node(&first, "1h", "120s").await];
        let romel = nodes[0].visitor().sign_in("Romel", &romel.password).await;
        let mut world = Self {
            nodes,
            ada,
            romel: romel.clone(),
            issued: Vec::new(),
            refresh: vec![romel.refresh.clone()],
        };
        world.keep(&romel.access);
        world
    }

    fn user(&self) -> UserId {
        self.romel.id.parse().unwrap()
    }

    fn keep(&mut self, token: &str) {
        self.issued.push(Issued {
            token: token.to_owned(),
            session: claims_of(token)["sid"].as_str().unwrap().parse().unwrap(),
            revoked: false,
        });
    }

    fn revoked(&mut self, which: impl Fn(&Issued) -> bool) {
        for issued in self.issued.iter_mut().filter(|issued| which(issued)) {
            issued.revoked = true;
        }
    }

    async fn sign_in(&mut self, node: &Server) {
        let reply = node.visitor().login("Romel", &self.romel.password).await;
        reply.assert_status(200);
        self.keep(reply.text("token"));
        self.refresh.push(reply.text("refresh_token").to_owned());
    }

    async fn refresh(&mut self, node: &Server) {
        let last = self.refresh[self.refresh.len() - 1].clone();
        if !self.present(node, last).await {
            self.sign_in(node).await;
        }
    }

    fn before_last(&self) -> String {
        self.refresh[self.refresh.len().saturating_sub(2)].clone()
    }

    /// Presents a refresh token, and says whether it was exchanged.
    async fn present(&mut self, node: &Server, token: String) -> bool {
        let reply = node.visitor().refresh(&token).await;
        if reply.status == 200 {
            self.keep(reply.text("token"));
            let successor = reply.text("refresh_token").to_owned();
            if self.refresh.last() != Some(&successor) {
                self.refresh.push(successor);
            }
            return true;
        }
        if reply.text("error") == "token_reused" {
            let session = claims_of(&token)["sid"].as_str().unwrap().parse().unwrap();
            self.revoked(|issued| issued.session == session);
        }
        false
    }

    async fn step(&mut self, at: usize, act: &Act) {
        let node = self.nodes[at].clone();
        let (user, now) = (self.user(), Timestamp::from_seconds(node.clock().seconds()));
        match act {
            Act::SignIn => self.sign_in(&node).await,
            Act::Refresh => self.refresh(&node).await,
            Act::Race => {
                self.refresh(&node).await;
                let other = self.nodes[1 - at].clone();
                self.present(&other, self.before_last()).await;
            }
            Act::Replay => {
                self.present(&node, self.before_last()).await;
            }
            Act::Present(which) => {
                self.present(&node, which.get(&self.refresh).clone()).await;
            }
            Act::Behalf => {
                let ada = node.visitor().sign_in("ada", &self.ada.password).await;
                let reply = ada.post("/set-jwt", &json!({ "username": "Romel" })).await;
                reply.assert_status(200);
                self.keep(reply.text("token"));
            }
            Act::LogOut(which) => {
                let session = which.get(&self.issued).session;
                end(&node, user, Which::One(session)).await;
                self.revoked(|issued| issued.session == session);
            }
            Act::LogOutEverywhere => {
                end(&node, user, Which::All).await;
                self.revoked(|_| true);
            }
            Act::Disable => {
                set_disabled(&node, user, true).await;
                set_disabled(&node, user, false).await;
                self.revoked(|_| true);
            }
            Act::TakeRole => {
                for roles in [vec!["editor".parse().unwrap()], Vec::new()] {
                    let changes = Changes {
                        roles: Some(roles),
                        ..Changes::default()
                    };
                    change(&node, user, &changes).await;
                }
                self.revoked(|_| true);
            }
            Act::Revoke(which) => {
                let issued = which.get(&self.issued);
                let claims = claims_of(&issued.token);
                let token = issued.token.clone();
                let id: TokenId = claims["jti"].as_str().unwrap().parse().unwrap();
                let by = audit::Actor::CommandLine;
                node.service().revoke_token(Named::ById(id), by).await.unwrap();
                self.revoked(|issued| issued.token == token);
            }
            Act::Pass(seconds) => {
                node.clock().advance(Duration::from_secs(*seconds));
                for node in &self.nodes {
                    forget(node).await;
                }
            }
            Act::Prune => {
                node.service().store().prune(now).await.unwrap();
            }
            Act::Restart { access, grace } => {
                let access = ["5s", "1m", "15m", "1h"][usize::from(*access)];
                let grace = ["0s", "30s", "120s"][usize::from(*grace)];
                self.nodes[at] = self::node(&node, access, grace).await;
            }
        }
    }

    async fn check(&self, after: &Act) {
        for node in &self.nodes {
            node.catches_up().await;
            let now = Timestamp::from_seconds(node.clock().seconds());
            for issued in &self.issued {
                if !is_accepted(node, &issued.token).await {
                    continue;
                }
                assert!(!issued.revoked, "a revoked token is accepted after {after:?}");
                let row = node.service().store().session(issued.session).await.unwrap();
                let until = row.unwrap().accepted_until;
                assert!(now < until, "accepted at {now}, and the row says {until}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_access_token_is_accepted_after_it_was_revoked_or_longer_than_its_row_says(
        steps in prop::collection::vec((0..2_usize, act()), 1..24),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for (at, act) in &steps {
                world.step(*at, act).await;
                world.check(act).await;
            }
        });
    }
}
