//! A second request of somebody who has signed in: once more, in silence, or not too long ago.

use std::time::Duration;

use super::{Flow, Suite};
use crate::actors::{Answered, Asking};

/// A flow, and a second one after a while.
async fn twice(suite: &Suite, first: &Asking, wait: Duration, second: impl Fn(&Flow) -> Asking) -> [Flow; 2] {
    let before = suite.flow(first).await;
    suite.server.clock().advance(wait);
    let again = suite.flow(&second(&before)).await;
    [before, again]
}

fn auth_time(flow: &Flow) -> i64 {
    flow.id["auth_time"].as_i64().unwrap()
}

#[track_caller]
fn assert_same_sign_in(flows: &[Flow; 2]) {
    assert!(flows[1].stations.is_empty(), "{:?}", flows[1].stations);
    assert_eq!(auth_time(&flows[0]), auth_time(&flows[1]));
    assert_eq!(flows[0].id["sub"], flows[1].id["sub"]);
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let suite = Suite::start().await;
    let asking = suite.asks().with("prompt", "login");
    let wait = Duration::from_secs(1);
    let [first, second] = twice(&suite, &suite.asks(), wait, |_| asking.clone()).await;
    assert_eq!(second.stations, ["proves it again"]);
    assert!(auth_time(&second) > auth_time(&first));
}

/// With a long state, which comes back whole.
#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let suite = Suite::start().await;
    let state = "0123456789abcdef".repeat(8);
    let asking = suite.asks().with("prompt", "none").with("state", &state);
    let answered = Answered::of(&suite.user.open(&asking.path()).await);
    assert_eq!(answered.one("error"), "login_required");
    assert_eq!(answered.one("state"), state);
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let suite = Suite::start().await;
    let silent = suite.asks().with("prompt", "none");
    let wait = Duration::from_secs(1);
    let flows = twice(&suite, &suite.asks(), wait, |_| silent.clone()).await;
    assert_same_sign_in(&flows);
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let suite = Suite::start().await;
    let asking = suite.asks().with("max_age", "1");
    let wait = Duration::from_secs(2);
    let [first, second] = twice(&suite, &suite.asks(), wait, |_| asking.clone()).await;
    assert_eq!(second.stations, ["proves it again"]);
    assert!(auth_time(&second) > auth_time(&first));
    assert!(suite.server.clock().seconds() - auth_time(&second) <= 1);
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let suite = Suite::start().await;
    let asking = suite.asks().with("max_age", "10000");
    let longer = suite.asks().with("max_age", "15000");
    let wait = Duration::from_secs(1);
    let flows = twice(&suite, &longer, wait, |_| asking.clone()).await;
    assert_same_sign_in(&flows);
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let suite = Suite::start().await;
    let silent = suite.asks().with("prompt", "none");
    let wait = Duration::from_secs(1);
    let flows = twice(&suite, &suite.asks(), wait, |first| {
        silent
            .clone()
            .with("id_token_hint", first.tokens.text("id_token"))
    })
    .await;
    assert_same_sign_in(&flows);
}

#[tokio::test]
async fn oidcc_login_hint() {
    let suite = Suite::start().await;
    let asking = suite.asks().with("login_hint", "buffy@localhost");
    let page = suite.user.open(&asking.path()).await;
    let entrance = suite.user.open(page.location()).await;
    assert_eq!(entrance.value_of("username"), Some("buffy@localhost"));
    let flow = suite.flow(&asking).await;
    assert_eq!(flow.stations, ["signs in", "allows it"]);
}
