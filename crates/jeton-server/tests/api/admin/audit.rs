use serde_json::json;

use crate::actors::{ANY, Actor, Server};

#[tokio::test]
async fn an_administrator_sees_what_happened_the_newest_first() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let reply = ada.get(&format!("/admin/audit?user={}", romel.id)).await;
    reply.assert(
        200,
        &json!({ "events": [
            {
                "number": ANY,
                "at": server.clock().seconds(),
                "action": "login.succeeded",
                "user": romel.id,
                "session": romel.session(),
                "detail": {},
                "personal": { "device": "unknown device" },
            },
            {
                "number": ANY,
                "at": server.clock().seconds(),
                "action": "user.registered",
                "user": romel.id,
                "detail": {},
                "personal": { "device": "unknown device", "username": "Romel" },
            },
        ] }),
    );
    let made = ada.get("/admin/audit?action=user.created").await;
    assert_eq!(made.json["events"][0]["by"], "command-line");
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let all = ada.get("/admin/audit").await.json;
    let (mut path, mut found) = ("/admin/audit?limit=2".to_owned(), Vec::new());
    loop {
        let page = ada.get(&path).await.json;
        found.extend(page["events"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("/admin/audit?limit=2&before={next}");
    }
    assert_eq!(json!(found), all["events"]);
    assert_eq!(all.get("next"), None);
}

#[tokio::test]
async fn what_is_asked_for_narrows_the_list() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let count = async |query: String| {
        let reply = ada.get(&format!("/admin/audit?{query}")).await;
        reply.json["events"].as_array().unwrap().len()
    };
    assert_eq!(count(format!("session={}", romel.session())).await, 1);
    assert_eq!(count("action=login.succeeded".into()).await, 2);
    let now = server.clock().seconds();
    assert!(count(format!("since={now}")).await > 0);
    assert_eq!(count(format!("since={}", now + 1)).await, 0);
}

#[tokio::test]
async fn a_query_that_cannot_be_is_refused() {
    let ada = Server::start().await.admin("ada").await;
    for query in [
        "user=nobody",
        "session=x",
        "action=nothing",
        "since=whenever",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "before=x",
        "unknown=1",
        "limit=1&limit=2",
    ] {
        let reply = ada.get(&format!("/admin/audit?{query}")).await;
        reply.assert_code(422, "invalid_request");
    }
}

#[tokio::test]
async fn nobody_else_sees_it() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    romel
        .get("/admin/audit")
        .await
        .assert_code(403, "insufficient_scope");
    server
        .visitor()
        .get("/admin/audit")
        .await
        .assert_code(401, "token_missing");
}

#[tokio::test]
async fn the_role_is_read_from_the_database() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    server.sql("UPDATE users SET roles = ''").await;
    ada.get("/admin/audit")
        .await
        .assert_code(403, "insufficient_scope");
}
