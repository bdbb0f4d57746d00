//! What becomes of an account while its password is changed.

use std::{
    future::IntoFuture,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{NEW, body};
use crate::{
    actors::{Actor, Server},
    login::slow_server,
};

const RAISE: &str = "UPDATE users SET version = version + 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_rises_while_the_new_password_is_hashed_is_no_wrong_password() {
    let server = slow_server().await;
    let romel = server.signed_up("Romel").await;
    let raise = server.prepare(RAISE).await;
    let before = server.service().hashes_computed();
    let change = romel.post("/password", &body(&romel.password, NEW));
    let change = tokio::spawn(change.into_future());
    // The present one is checked, and the new one is being hashed.
    while server.service().hashes_computed() < before + 2 {
        tokio::task::yield_now().await;
    }
    raise.make().await;
    let reply = change.await.unwrap();
    reply.assert_status(200);
    let opened = server.visitor().get_with("/protected", reply.text("token")).await;
    opened.assert_status(200);
    server.visitor().sign_in("Romel", NEW).await;
}

/// Whatever the answer is, it is true.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_when_the_answer_says_so_and_not_otherwise() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let stop = Arc::new(AtomicBool::new(false));
    let raising = tokio::spawn({
        let (server, stop) = (server.clone(), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::Relaxed) {
                server.sql(RAISE).await;
            }
        }
    });
    for turn in 0..25 {
        let new = format!("passphrase number {turn}");
        let reply = loop {
            let there = server.visitor().sign_in("Romel", &romel.password).await;
            let reply = there.post("/password", &body(&romel.password, &new)).await;
            // The access token may be revoked before it is looked at.
            if reply.status != 401 || reply.text("error") != "token_revoked" {
                break reply;
            }
        };
        assert_eq!(reply.status, 200, "turn {turn}: {}", reply.body);
        romel.password = new;
        server.visitor().sign_in("Romel", &romel.password).await;
    }
    stop.store(true, Ordering::Relaxed);
    raising.await.unwrap();
    let events = server.service().store().events_after(0, 5000).await.unwrap();
    assert!(events.iter().all(|event| event.action != "login.failed"));
}
