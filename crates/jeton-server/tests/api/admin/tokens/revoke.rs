use std::time::Duration;

use serde_json::{Value, json};

use crate::actors::{Actor, Admin, Reply, Server, SignedIn, claims_of};

async fn revoke(ada: &Admin, body: Value) -> Reply {
    ada.post("/admin/tokens/revoke", &body).await
}

fn jti(user: &SignedIn) -> Value {
    claims_of(&user.access)["jti"].clone()
}

#[tokio::test]
async fn one_token_is_revoked_and_its_session_goes_on() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let mut romel = server.signed_up("Romel").await;
    let reply = revoke(&ada, json!({ "token": romel.access })).await;
    reply.assert(200, &json!({ "message": "Token revoked" }));
    let refused = romel.get("/protected").await;
    refused.assert_error(401, "token_revoked", "Token has been revoked");
    let told = ada
        .post("/admin/explain", &json!({ "token": romel.access }))
        .await;
    assert_eq!(told.text("verdict"), "Refused: this token alone was revoked.");
    assert_eq!(told.json["token"]["revoked"], true);
    romel.renew().await;
    romel.assert_is_in().await;
    let events = ada.get("/admin/audit?action=token.revoked").await;
    let event = &events.json["events"][0];
    assert_eq!(event["by"], format!("user:{}", ada.id));
    assert_eq!(event["user"], romel.id);
    assert_eq!(event["session"], romel.session());
}

#[tokio::test]
async fn a_token_that_is_not_at_hand_is_named_by_its_id() {
    // Whatever is said of its time: nobody knows here how long it lives.
    for until in [None, Some(-1), Some(1), Some(900), Some(i64::MAX)] {
        let server = Server::with(&[("access-lifetime", "24h")]).await;
        let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
        let now = server.clock().seconds();
        let body = match until {
            None => json!({ "jti": jti(&romel) }),
            Some(until) => json!({ "jti": jti(&romel), "until": until.saturating_add(now) }),
        };
        revoke(&ada, body).await.assert_status(200);
        // As long as a verifier may forgive that its time is over.
        for seconds in [0, 1000, 84_000, 1400, 29] {
            server.clock().advance(Duration::from_secs(seconds));
            for _ in 0..40 {
                server.catches_up().await;
            }
            romel.get("/protected").await.assert_code(401, "token_revoked");
        }
    }
}

#[tokio::test]
async fn for_one_whose_time_is_over_there_is_nothing_to_do() {
    let server = Server::start().await;
    let (mut ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    server.clock().advance(Duration::from_secs(2000));
    ada = ada.signed_in_again().await;
    revoke(&ada, json!({ "token": romel.access }))
        .await
        .assert_status(200);
    let events = ada.get("/admin/audit?action=token.revoked").await;
    assert_eq!(events.json["events"], json!([]));
    assert!(server.service().revocations().set().is_empty());
}

#[tokio::test]
async fn what_names_no_token_is_refused() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let now = server.clock().seconds();
    for body in [
        json!({}),
        json!({ "token": "nonsense" }),
        json!({ "token": romel.refresh }),
        json!({ "token": romel.access, "jti": jti(&romel), "until": now }),
        json!({ "until": now }),
        json!({ "jti": "x", "until": now }),
        json!({ "jti": jti(&romel), "until": "soon" }),
        json!({ "token": romel.access, "more": true }),
    ] {
        revoke(&ada, body).await.assert_code(422, "invalid_request");
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn it_asks_for_an_administrator_who_signed_in_recently() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let body = json!({ "token": romel.access });
    let reply = romel.post("/admin/tokens/revoke", &body).await;
    reply.assert_code(403, "insufficient_scope");
    server.clock().advance(Duration::from_secs(901));
    let reply = revoke(&ada, body).await;
    reply.assert_code(401, "insufficient_user_authentication");
    assert!(reply.header("www-authenticate").contains("max_age=\"900\""));
    romel.assert_is_in().await;
}
