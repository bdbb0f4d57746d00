//! Refusals leave events, and a flood of them leaves few.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, Admin, Program, Server, form_to};

async fn events(ada: &Admin, action: &str) -> Vec<Value> {
    let reply = ada.get(&format!("/admin/audit?action={action}")).await;
    reply.assert_status(200);
    reply.json["events"].as_array().unwrap().clone()
}

async fn a_minute_passes(server: &Server) {
    server.clock().advance(Duration::from_mins(1));
    server.service().tell_refusals(false).await.unwrap();
}

#[tokio::test]
async fn who_lacks_the_administrators_role_stands_in_the_trail() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    for _ in 0..5 {
        romel.get("/admin/users").await.assert_status(403);
    }
    romel.post("/sign-token", &json!({})).await.assert_status(403);
    let on_behalf = json!({ "username": "ada" });
    romel.post("/set-jwt", &on_behalf).await.assert_status(403);
    let told = events(&ada, "access.refused").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["user"], romel.id);
    assert_eq!(told[0]["session"], romel.session());
    assert_eq!(told[0]["detail"], json!({ "lacks": "admin" }));
    assert_eq!(told[0]["personal"]["device"], "unknown device");
    a_minute_passes(&server).await;
    let told = events(&ada, "access.refused").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0]["detail"], json!({ "lacks": "admin", "more": 6 }));
}

#[tokio::test]
async fn who_acts_for_another_is_named_when_refused() {
    let server = Server::start().await;
    let (ada, romel) = (server.admin("ada").await, server.signed_up("Romel").await);
    let made = ada.token_for("Romel").await;
    let acting = server
        .visitor()
        .get_with("/admin/users", made.text("token"))
        .await;
    acting.assert_status(403);
    let told = events(&ada, "access.refused").await;
    assert_eq!(told[0]["user"], romel.id);
    assert_eq!(told[0]["by"], format!("user:{}", ada.id));
}

#[tokio::test]
async fn a_missing_scope_and_a_wrong_secret_stand_in_the_trail() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "billing", &["invoices:read"]).await;
    for _ in 0..3 {
        program.call(Method::GET, "/revocations").await.assert_status(403);
    }
    let told = events(&ada, "access.refused").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["user"], program.id);
    assert_eq!(told[0]["detail"], json!({ "lacks": "revocations:read" }));

    let nobody = "0199d2a0-0000-7000-8000-000000000000";
    for id in [&*program.id, nobody, "nonsense"] {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret=wrong");
        for _ in 0..3 {
            form_to(&server.visitor(), &form).await.assert_status(401);
        }
    }
    let told = events(&ada, "login.failed").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0]["detail"], json!({ "client": "unknown" }));
    assert_eq!(told[1]["user"], program.id);
    a_minute_passes(&server).await;
    let mut more: Vec<Value> = events(&ada, "login.failed").await;
    more.truncate(2);
    let mut more: Vec<_> = more
        .iter()
        .map(|event| event["detail"]["more"].as_u64())
        .collect();
    more.sort_unstable();
    assert_eq!(more, [Some(2), Some(5)]);
}
