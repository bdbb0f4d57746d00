//! Rotation and where the token may be; what becomes of old ones is in `refresh/reuse.rs`, of late ones in
//! `refresh/expiry.rs`.

use http::Method;
use serde_json::json;

use crate::actors::{ANY, Actor, Server, claims_of};

mod expiry;
mod lifetimes;
mod limits;
mod reuse;

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_a_new_pair_of_the_same_session() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let reply = server.visitor().refresh(&romel.refresh).await;
    reply.assert(
        200,
        &json!({
            "token": ANY, "access_token": ANY, "refresh_token": ANY, "token_type": "bearer",
            "expires_in": 900, "refresh_expires_in": 604_800, "user_id": romel.id,
        }),
    );
    assert_eq!(reply.json["token"], reply.json["access_token"]);
    let (old, new) = (claims_of(&romel.access), claims_of(reply.text("token")));
    for same in ["sub", "sid", "auth_time", "username"] {
        assert_eq!(old[same], new[same]);
    }
    assert_ne!(old["jti"], new["jti"]);
    assert_ne!(reply.text("refresh_token"), romel.refresh);
}

#[tokio::test]
async fn both_access_tokens_are_good_after_a_refresh() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let before = romel.clone();
    romel.renew().await;
    before.assert_is_in().await;
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_session_goes_on_through_many_exchanges() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let session = romel.session();
    for _ in 0..10 {
        romel.renew().await;
        assert_eq!(romel.session(), session);
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn the_token_may_be_in_the_header_or_in_the_body() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    romel.renew().await;
    let in_body = server
        .visitor()
        .post("/refresh", &json!({ "refresh_token": romel.refresh }))
        .await;
    in_body.assert_status(200);
    // Clients keep sending their access token in the header: the body says what is meant.
    let next = in_body.text("refresh_token");
    let with_both = romel.post("/refresh", &json!({ "refresh_token": next })).await;
    with_both.assert_status(200);
}

#[tokio::test]
async fn without_a_token_there_is_nothing_to_exchange() {
    let visitor = Server::start().await.visitor();
    visitor
        .call(Method::POST, "/refresh")
        .await
        .assert_error(401, "token_missing", "Token is missing");
    for body in [json!({}), json!({ "refresh_token": null })] {
        visitor
            .post("/refresh", &body)
            .await
            .assert_error(401, "token_missing", "Token is missing");
    }
}

#[tokio::test]
async fn the_two_kinds_of_token_never_pass_for_one_another() {
    for server in [
        Server::start().await,
        Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await,
    ] {
        let romel = server.signed_up("Romel").await;
        for path in ["/protected", "/profile", "/get-jwt", "/sessions"] {
            let reply = server.visitor().get_with(path, &romel.refresh).await;
            reply.assert_error(401, "invalid_token", "Invalid token");
        }
        let reply = server.visitor().refresh(&romel.access).await;
        reply.assert_error(401, "invalid_token", "Invalid token");
        let reply = server
            .visitor()
            .post("/refresh", &json!({ "refresh_token": romel.access }))
            .await;
        reply.assert_error(401, "invalid_token", "Invalid token");
        romel.assert_is_in().await;
    }
}

#[tokio::test]
async fn what_is_no_refresh_token_of_this_server_is_invalid() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let stranger = Server::start().await.signed_up("Romel").await;
    let (unsigned, _) = romel.refresh.rsplit_once('.').unwrap();
    for token in [
        "",
        "nonsense",
        "a.b.c",
        &*stranger.refresh,
        &*format!("{unsigned}.AAAA"),
        &*format!("{unsigned}."),
    ] {
        let reply = server
            .visitor()
            .post("/refresh", &json!({ "refresh_token": token }))
            .await;
        reply.assert_error(401, "invalid_token", "Invalid token");
    }
    romel.renew().await;
}

#[tokio::test]
async fn a_shared_secret_changes_nothing_about_refreshing() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    let mut romel = server.signed_up("Romel").await;
    let first = romel.clone();
    romel.renew().await;
    romel.assert_is_in().await;
    romel.renew().await;
    server
        .visitor()
        .refresh(&first.refresh)
        .await
        .assert_code(401, "token_reused");
    romel.assert_is_out().await;
}

#[tokio::test]
async fn a_new_access_token_has_the_roles_of_now() {
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    server.sql("UPDATE users SET roles = 'editor'").await;
    romel.renew().await;
    assert_eq!(claims_of(&romel.access)["roles"], json!(["editor"]));
}
