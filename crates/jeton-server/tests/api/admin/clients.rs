use http::Method;
use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Admin, Program, Reply, Server};

mod registration;

/// A program without a registration of its own, as answers show it.
pub(super) fn program(id: &str, name: &str, scopes: &[&str], created_at: i64) -> Value {
    json!({
        "id": id,
        "name": name,
        "scopes": scopes,
        "disabled": false,
        "created_at": created_at,
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "pkce": "required",
        "first_party": false,
        "id_token_signed_response_alg": "ES256",
    })
}

async fn cast() -> (Server, Admin) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    (server, ada)
}

async fn make(ada: &Admin, body: Value) -> Reply {
    ada.post("/admin/clients", &body).await
}

async fn patch(ada: &Admin, id: &str, body: Value) -> Reply {
    let path = format!("/admin/clients/{id}");
    ada.call(Method::PATCH, &path).json(&body).await
}

/// Whether the token a program holds opens what its scope opens.
async fn status(program: &Program) -> u16 {
    program.get("/revocations").await.status.as_u16()
}

async fn feeder(server: &Server, ada: &Admin) -> Program {
    Program::new(server, ada, "feeder", &["revocations:read"]).await
}

#[tokio::test]
async fn one_is_made_with_a_secret_that_is_shown_once() {
    let (server, ada) = cast().await;
    let made = make(&ada, json!({ "name": "billing", "scopes": ["a", "b", "a"] })).await;
    let now = server.clock().seconds();
    let record = program(made.text("client_id"), "billing", &["a", "b"], now);
    made.assert(
        201,
        &json!({ "client_id": ANY, "client_secret": ANY, "client": record }),
    );
    let secret = made.text("client_secret");
    assert!(secret.starts_with("jeton_sk_") && secret.len() == 58, "{secret}");
    let listed = ada.get("/admin/clients").await;
    listed.assert(200, &json!({ "clients": [record] }));
    let shown = ada
        .get(&format!("/admin/clients/{}", made.text("client_id")))
        .await;
    shown.assert(200, &record);
    assert!(!listed.body.contains(secret) && !shown.body.contains(secret));
    let events = ada.get("/admin/audit?action=service_account.created").await;
    assert_eq!(events.json["events"][0]["by"], format!("user:{}", ada.id));
    assert!(!events.body.contains(secret));
}

#[tokio::test]
async fn a_name_is_given_once_and_what_cannot_be_is_refused() {
    let (_server, ada) = cast().await;
    make(&ada, json!({ "name": "billing" })).await.assert_status(201);
    make(&ada, json!({ "name": "billing" }))
        .await
        .assert_code(409, "name_taken");
    let many: Vec<_> = (0..33).map(|number| format!("s{number}")).collect();
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": " x" }),
        json!({ "name": "x".repeat(65) }),
        json!({ "name": "x", "scopes": ["A"] }),
        json!({ "name": "x", "scopes": "a" }),
        json!({ "name": "x", "scopes": many }),
        json!({ "name": "x", "secret": "mine" }),
        json!({ "name": "x", "id": "019b0000-0000-7000-8000-000000000000" }),
    ] {
        make(&ada, body).await.assert_code(422, "invalid_request");
    }
}

#[tokio::test]
async fn fewer_scopes_call_its_tokens_back_and_more_do_not() {
    let (server, ada) = cast().await;
    let program = feeder(&server, &ada).await;
    let more = patch(&ada, &program.id, json!({ "scopes": ["revocations:read", "x"] })).await;
    more.assert_status(200);
    assert_eq!(status(&program).await, 200);
    let fewer = patch(&ada, &program.id, json!({ "scopes": ["x"] })).await;
    assert_eq!(fewer.json["scopes"], json!(["x"]));
    program
        .get("/revocations")
        .await
        .assert_code(401, "token_revoked");
    let asked = json!({ "token": program.access });
    let told = ada.post("/admin/explain", &asked).await;
    assert!(
        told.text("verdict")
            .starts_with("Refused: everything issued to its client before was revoked, at 20"),
        "{}",
        told.body
    );
    let token = program.ask_for_token().await;
    let denied = server
        .visitor()
        .get_with("/revocations", token.text("access_token"))
        .await;
    denied.assert_code(403, "insufficient_scope");
    assert!(
        denied
            .header("www-authenticate")
            .contains("scope=\"revocations:read\"")
    );
}

#[tokio::test]
async fn a_disabled_one_gets_no_tokens_until_it_is_enabled() {
    let (server, ada) = cast().await;
    let program = feeder(&server, &ada).await;
    let disabled = patch(&ada, &program.id, json!({ "disabled": true })).await;
    assert_eq!(disabled.json["disabled"], true);
    program
        .get("/revocations")
        .await
        .assert_code(401, "token_revoked");
    program.ask_for_token().await.assert_status(401);
    patch(&ada, &program.id, json!({ "disabled": false }))
        .await
        .assert_status(200);
    program.ask_for_token().await.assert_status(200);
    assert_eq!(status(&program).await, 401, "what was revoked stays so");
}

#[tokio::test]
async fn a_new_secret_ends_the_old_one_and_its_tokens() {
    let (server, ada) = cast().await;
    let mut program = feeder(&server, &ada).await;
    let path = format!("/admin/clients/{}/secret", program.id);
    let rotated = ada.call(Method::POST, &path).await;
    rotated.assert(
        200,
        &json!({ "client_id": program.id, "client_secret": ANY, "client": ANY }),
    );
    program
        .get("/revocations")
        .await
        .assert_code(401, "token_revoked");
    program.ask_for_token().await.assert_status(401);
    program.secret = rotated.text("client_secret").to_owned();
    program.ask_for_token().await.assert_status(200);
}

#[tokio::test]
async fn a_deleted_one_is_gone() {
    let (server, ada) = cast().await;
    let program = feeder(&server, &ada).await;
    let path = format!("/admin/clients/{}", program.id);
    ada.delete(&path)
        .await
        .assert(200, &json!({ "message": "Client deleted" }));
    program
        .get("/revocations")
        .await
        .assert_code(401, "token_revoked");
    program.ask_for_token().await.assert_status(401);
    let told = ada
        .post("/admin/explain", &json!({ "token": program.access }))
        .await;
    assert!(
        told.text("verdict")
            .starts_with("Refused: its client was deleted, at ")
    );
    let listed = ada.get("/admin/clients").await;
    listed.assert(200, &json!({ "clients": [] }));
    for id in [&*program.id, "nobody", &ada.id] {
        ada.delete(&format!("/admin/clients/{id}"))
            .await
            .assert_code(404, "client_not_found");
        patch(&ada, id, json!({}))
            .await
            .assert_code(404, "client_not_found");
        ada.get(&format!("/admin/clients/{id}"))
            .await
            .assert_code(404, "client_not_found");
        let secret = format!("/admin/clients/{id}/secret");
        let reply = ada.call(Method::POST, &secret).await;
        reply.assert_code(404, "client_not_found");
    }
    make(&ada, json!({ "name": "feeder" })).await.assert_status(201);
}

#[tokio::test]
async fn they_are_for_administrators_who_signed_in_recently() {
    let (server, ada) = cast().await;
    let (program, romel) = (feeder(&server, &ada).await, server.signed_up("Romel").await);
    let id = &program.id;
    let changing = [
        (Method::POST, "/admin/clients".to_owned()),
        (Method::PATCH, format!("/admin/clients/{id}")),
        (Method::POST, format!("/admin/clients/{id}/secret")),
        (Method::DELETE, format!("/admin/clients/{id}")),
    ];
    let body = json!({ "name": "another" });
    let reading = ["/admin/clients".to_owned(), format!("/admin/clients/{id}")];
    for path in &reading {
        romel.get(path).await.assert_code(403, "insufficient_scope");
    }
    for (method, path) in &changing {
        let reply = romel.call(method.clone(), path).json(&body).await;
        reply.assert_code(403, "insufficient_scope");
        let reply = program.call(method.clone(), path).json(&body).await;
        reply.assert_code(401, "invalid_token");
    }
    server.clock().advance(std::time::Duration::from_secs(901));
    for path in &reading {
        ada.get(path).await.assert_status(200);
    }
    for (method, path) in &changing {
        let reply = ada.call(method.clone(), path).json(&body).await;
        reply.assert_code(401, "insufficient_user_authentication");
    }
}
