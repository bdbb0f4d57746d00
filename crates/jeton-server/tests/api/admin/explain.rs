use std::time::Duration;

use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Admin, Reply, Server, claims_of};

async fn explain(ada: &Admin, token: &str) -> Reply {
    let reply = ada.post("/admin/explain", &json!({ "token": token })).await;
    reply.assert_status(200);
    reply
}

async fn verdict(ada: &Admin, token: &str) -> String {
    explain(ada, token).await.text("verdict").to_owned()
}

fn outcome(reply: &Reply, check: &str) -> Value {
    let checks = reply.json["checks"].as_array().unwrap();
    checks.iter().find(|made| made["name"] == check).unwrap()["outcome"].clone()
}

#[tokio::test]
async fn a_good_token_is_good_and_its_session_and_user_are_told() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let now = server.clock().seconds();
    let mut reply = explain(&ada, &romel.access).await;
    assert!(reply.json["checks"].as_array().unwrap().len() > 5);
    reply.json["checks"] = json!([]);
    reply.assert(
        200,
        &json!({
            "kind": "access",
            "good": true,
            "verdict": "It is good.",
            "checks": [],
            "token": {
                "id": claims_of(&romel.access)["jti"],
                "issued_at": now,
                "expires_at": now + 900,
                "revoked": false,
            },
            "user": { "id": romel.id, "service_account": false, "exists": true, "disabled": false, "version": 0, "token_version": 0 },
            "session": {
                "id": romel.session(),
                "exists": true,
                "opened_at": now,
                "generation": 0,
                "rotated_at": now,
                "expires_at": now + 7 * 86_400,
                "ends_at": now + 30 * 86_400,
            },
        }),
    );
}

#[tokio::test]
async fn a_token_whose_session_ended_says_when_and_how() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    server.clock().advance(Duration::from_secs(5));
    romel.post("/logout", &json!({})).await.assert_status(200);
    let reply = explain(&ada, &romel.access).await;
    assert_eq!(reply.json["good"], false);
    assert_eq!(reply.json["session"]["end_reason"], "logout");
    assert_eq!(reply.json["session"]["cause"]["action"], "session.ended");
    let told = reply.text("verdict");
    assert!(
        told.starts_with("Refused: its session ended, by signing out, at 2026-01-02T03:04:10Z (event ")
            && told.ends_with(", session.ended)."),
        "{told}"
    );
    let refresh = verdict(&ada, &romel.refresh).await;
    assert!(
        refresh.starts_with("Refused: its session ended, by signing out, at"),
        "{refresh}"
    );
}

#[tokio::test]
async fn ending_many_sessions_at_once_is_told_of_each() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let other = romel.another_session().await;
    server.clock().advance(Duration::from_secs(5));
    romel
        .post("/logout", &json!({ "scope": "others" }))
        .await
        .assert_status(200);
    server.clock().advance(Duration::from_secs(5));
    let told = verdict(&ada, &other.access).await;
    assert!(told.contains("by signing out, at 2026-01-02T03:04:10Z"), "{told}");
    romel
        .post("/logout", &json!({ "scope": "all" }))
        .await
        .assert_status(200);
    let reply = explain(&ada, &romel.access).await;
    let told = reply.text("verdict");
    assert!(
        told.starts_with(
            "Refused: everything issued to its user before was revoked, at 2026-01-02T03:04:15Z"
        ),
        "{told}"
    );
    assert_eq!(reply.json["user"]["version"], 1);
    assert_eq!(reply.json["user"]["token_version"], 0);
    assert_eq!(reply.json["user"]["cause"]["detail"]["version"], 1);
    // The other one's own end is still its own.
    let other = explain(&ada, &other.refresh).await;
    assert_eq!(other.json["session"]["cause"]["at"], server.clock().seconds() - 5);
}

#[tokio::test]
async fn an_expired_token_still_says_whose_it_was() {
    let server = Server::start().await;
    let mut ada = server.admin("ada").await;
    let romel = server.signed_up("Romel").await;
    server.clock().advance(Duration::from_secs(2000));
    ada = ada.signed_in_again().await;
    let reply = explain(&ada, &romel.access).await;
    assert_eq!(reply.text("verdict"), "Refused: the token expired 1100 s ago.");
    assert_eq!(outcome(&reply, "exp"), "failed");
    assert_eq!(outcome(&reply, "signature"), "passed");
    assert_eq!(reply.json["session"]["id"], romel.session());
}

#[tokio::test]
async fn refresh_tokens_are_judged_and_not_exchanged() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let mut romel = server.signed_up("Romel").await;
    let first = romel.refresh.clone();
    let current = "It is good: its session's current refresh token.";
    assert_eq!(verdict(&ada, &first).await, current);
    assert_eq!(verdict(&ada, &first).await, current, "asking changes nothing");
    romel.renew().await;
    assert_eq!(verdict(&ada, &romel.refresh).await, current);
    let replayed = explain(&ada, &first).await;
    assert!(
        replayed.text("verdict").contains("the identical successor"),
        "{replayed:?}"
    );
    assert_eq!(replayed.json["good"], true);
    assert_eq!(replayed.json["session"]["generation"], 1);
    assert_eq!(replayed.json["session"]["token_generation"], 0);
    assert_eq!(replayed.json["token"].get("id"), None, "it would prove the token");
    server.clock().advance(Duration::from_secs(31));
    let reused = explain(&ada, &first).await;
    assert!(
        reused
            .text("verdict")
            .starts_with("Refused, and presenting it would end its session")
    );
    romel.renew().await;
    server
        .visitor()
        .refresh(&first)
        .await
        .assert_code(401, "token_reused");
    let told = verdict(&ada, &romel.access).await;
    assert!(
        told.contains("a refresh token was used again after its successor"),
        "{told}"
    );
}

#[tokio::test]
async fn nothing_is_looked_up_for_what_was_not_signed_here() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let stranger = Server::start().await.signed_up("Romel").await;
    let body = romel.access.rsplit_once('.').unwrap().0;
    for (token, kind) in [
        (stranger.access.as_str(), "access"),
        (&stranger.refresh, "refresh"),
        (&format!("{body}.AAAA"), "access"),
        ("nonsense", "unknown"),
        ("", "unknown"),
        ("..", "unknown"),
    ] {
        let reply = explain(&ada, token).await;
        assert_eq!(reply.json["kind"], kind, "{}", reply.body);
        assert_eq!(reply.json["good"], false);
        assert!(reply.text("verdict").starts_with("Refused: "));
        for facts in ["token", "user", "session"] {
            assert_eq!(reply.json.get(facts), None, "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn samples_of_the_playground_are_known() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let sample = server.visitor().get("/sign-token").await;
    let reply = explain(&ada, sample.text("token")).await;
    assert_eq!(
        (reply.text("kind"), &reply.json["good"]),
        ("playground", &json!(true))
    );
    server.clock().advance(Duration::from_secs(301));
    let late = explain(&ada, sample.text("token")).await;
    assert_eq!(late.json["good"], false);
    assert!(
        late.text("verdict").contains("its time is over") || late.text("verdict").contains("time is over")
    );
}

#[tokio::test]
async fn no_answer_repeats_a_secret_or_a_claim() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    for token in [&romel.access, &romel.refresh] {
        let reply = explain(&ada, token).await;
        assert!(
            !reply.body.contains(token.as_str()) && !reply.body.contains("Romel"),
            "{}",
            reply.body
        );
        for part in token.split('.') {
            assert!(!reply.body.contains(part), "{}", reply.body);
        }
    }
    let proof = claims_of(&romel.refresh)["jti"].as_str().unwrap().to_owned();
    assert!(!explain(&ada, &romel.refresh).await.body.contains(&proof));
}

#[tokio::test]
async fn a_deleted_user_is_gone() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    server.sql("DELETE FROM users WHERE username = 'Romel'").await;
    let reply = explain(&ada, &romel.refresh).await;
    reply.assert(
        200,
        &json!({
            "kind": "refresh",
            "good": false,
            "verdict": "Refused: its user was deleted.",
            "checks": ANY,
            "token": ANY,
            "user": { "id": romel.id, "service_account": false, "exists": false, "disabled": false },
            "session": { "id": romel.session(), "exists": false, "token_generation": 0 },
        }),
    );
}

#[tokio::test]
async fn it_is_for_administrators_alone() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let asked = json!({ "token": romel.access });
    let reply = romel.post("/admin/explain", &asked).await;
    reply.assert_code(403, "insufficient_scope");
    let reply = server.visitor().post("/admin/explain", &asked).await;
    reply.assert_code(401, "token_missing");
    let ada = server.admin("ada").await;
    for wrong in [
        json!({}),
        json!({ "token": 1 }),
        json!({ "token": "", "more": 1 }),
    ] {
        ada.post("/admin/explain", &wrong)
            .await
            .assert_code(422, "invalid_request");
    }
}
