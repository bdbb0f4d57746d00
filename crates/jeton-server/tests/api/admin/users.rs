use serde_json::{Value, json};

use super::cast;
use crate::actors::{ANY, Actor, Admin, Server, claims_of};

mod id;

async fn names(admin: &Admin, query: &str) -> Vec<String> {
    let reply = admin.get(&format!("/admin/users{query}")).await;
    reply.assert_status(200);
    let users = reply.json["users"].as_array().unwrap().iter();
    users
        .map(|user| user["username"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_user_is_listed_with_everything_but_secrets() {
    let (server, ada, romel) = cast().await;
    let reply = ada.get("/admin/users").await;
    let now = server.clock().seconds();
    let record = |id: &str, username: &str, roles: &[&str]| {
        json!({
            "id": id, "username": username, "email": null, "roles": roles, "claims": {}, "disabled": false,
            "created_at": now,
        })
    };
    let mut users = [
        record(&ada.id, "ada", &["admin"]),
        record(&romel.id, "Romel", &[]),
    ];
    users.sort_by_key(|user| user["id"].to_string());
    assert_eq!(reply.json, json!({ "users": users, "next": null }));
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    for number in 1..=5 {
        server.clock().advance(std::time::Duration::from_millis(2));
        server
            .visitor()
            .register(&format!("user{number}"), "their own passphrase")
            .await
            .assert_status(201);
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let reply = ada.get(&format!("/admin/users?limit=2{after}")).await;
        reply.assert_status(200);
        let page = reply.json["users"].as_array().unwrap();
        assert!(page.len() <= 2);
        seen.extend(
            page.iter()
                .map(|user| user["username"].as_str().unwrap().to_owned()),
        );
        match reply.json["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["ada", "user1", "user2", "user3", "user4", "user5"]);
    let exact = ada.get("/admin/users?limit=6").await;
    assert_eq!(exact.json["next"], Value::Null, "nothing follows");
}

#[tokio::test]
async fn a_list_is_searched_and_sifted() {
    let (server, ada, romel) = cast().await;
    let body =
        json!({ "username": "ramon", "password": "ramons own passphrase", "email": "R.Amon@Example.org" });
    server.visitor().post("/register", &body).await.assert_status(201);
    super::patch(&ada, &romel, json!({ "disabled": true, "roles": ["editor"] }))
        .await
        .assert_status(200);
    for (query, expected) in [
        ("?search=ROM", &["Romel"][..]),
        ("?search=r.amon%40example", &["ramon"]),
        ("?search=nobody", &[]),
        ("?role=admin", &["ada"]),
        ("?role=editor&disabled=true", &["Romel"]),
        ("?role=editor&disabled=false", &[]),
        ("?disabled=true", &["Romel"]),
    ] {
        assert_eq!(names(&ada, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_is_refused() {
    let (_server, ada, _romel) = cast().await;
    for query in [
        "?limit=0",
        "?limit=201",
        "?limit=-1",
        "?limit=many",
        "?after=nonsense",
        "?search=%00",
        "?search=a%0Ab",
        "?role=A+b",
        "?disabled=perhaps",
        "?sort=name",
    ] {
        let reply = ada.get(&format!("/admin/users{query}")).await;
        reply.assert_code(422, "invalid_request");
    }
    ada.get("/admin/users?limit=200").await.assert_status(200);
}

#[tokio::test]
async fn an_account_is_made_with_all_there_is_to_say() {
    let (server, ada, _romel) = cast().await;
    let body = json!({
        "username": "Grace", "password": "graces own passphrase", "email": "grace@example.org",
        "roles": ["reader", "editor", "reader"], "claims": { "tenant": "blue", "limits": { "files": 3 } },
    });
    let reply = ada.post("/admin/users", &body).await;
    reply.assert(
        201,
        &json!({ "user": {
            "id": ANY, "username": "Grace", "email": "grace@example.org", "roles": ["editor", "reader"],
            "claims": { "tenant": "blue", "limits": { "files": 3 } }, "disabled": false,
            "created_at": server.clock().seconds(),
        } }),
    );
    let grace = server.visitor().sign_in("Grace", "graces own passphrase").await;
    let claims = claims_of(&grace.access);
    assert_eq!(claims["roles"], json!(["editor", "reader"]));
    assert_eq!(claims["tenant"], "blue");
    let get_jwt = grace.get("/get-jwt").await;
    assert_eq!(get_jwt.json["claims"], claims);
    let verified = grace.post("/verify-token", &json!({})).await;
    assert_eq!(verified.json["user"], claims);
    grace.assert_is_in().await;
}

#[tokio::test]
async fn custom_claims_and_roles_come_with_every_refresh() {
    let (_server, ada, mut romel) = cast().await;
    let changes = json!({ "roles": ["editor"], "claims": { "tenant": "blue" } });
    super::patch(&ada, &romel, changes).await.assert_status(200);
    romel.assert_is_in().await;
    assert_eq!(claims_of(&romel.access)["tenant"], Value::Null);
    romel.renew().await;
    let claims = claims_of(&romel.access);
    assert_eq!(
        (&claims["tenant"], &claims["roles"]),
        (&json!("blue"), &json!(["editor"]))
    );
}

#[tokio::test]
async fn an_account_without_a_password_begins_with_a_code() {
    let (server, ada, _romel) = cast().await;
    let reply = ada.post("/admin/users", &json!({ "username": "Grace" })).await;
    reply.assert(
        201,
        &json!({ "user": ANY, "reset": { "code": ANY, "expires_at": server.clock().seconds() + 86_400 } }),
    );
    let code = reply.json["reset"]["code"].as_str().unwrap();
    assert!(code.starts_with("jr_") && code.len() == 25, "{code}");
    for guess in ["", "!", code] {
        let login = server.visitor().login("Grace", guess).await;
        login.assert_code(401, "invalid_credentials");
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_is_refused() {
    let (server, ada, _romel) = cast().await;
    let hashes = server.service().hashes_computed();
    let password = "graces own passphrase";
    for (body, status, code) in [
        (
            json!({ "username": "rornel", "password": password }),
            400,
            "username_taken",
        ),
        (json!({ "username": "Romel" }), 400, "username_taken"),
        (json!({ "username": "two words" }), 422, "invalid_request"),
        (
            json!({ "username": "Grace", "roles": ["editor", "admin"] }),
            422,
            "invalid_request",
        ),
        (json!({ "password": password }), 422, "invalid_request"),
        (
            json!({ "username": "Grace", "password": "short" }),
            422,
            "weak_password",
        ),
        (
            json!({ "username": "Gracious", "password": "GRACIOUS1!" }),
            422,
            "weak_password",
        ),
        (
            json!({ "username": "Grace", "email": "nonsense" }),
            422,
            "invalid_request",
        ),
        (
            json!({ "username": "Grace", "roles": ["A b"] }),
            422,
            "invalid_request",
        ),
        (
            json!({ "username": "Grace", "roles": "admin" }),
            422,
            "invalid_request",
        ),
        (
            json!({ "username": "Grace", "claims": { "sub": "ada" } }),
            422,
            "invalid_request",
        ),
        (
            json!({ "username": "Grace", "claims": [] }),
            422,
            "invalid_request",
        ),
        (
            json!({ "username": "Grace", "claims": { "a": "x".repeat(2048) } }),
            422,
            "invalid_request",
        ),
    ] {
        ada.post("/admin/users", &body).await.assert_code(status, code);
    }
    assert!(server.service().hashes_computed() <= hashes + 1);
    let twice = r#"{"username":"Grace","claims":{"a":1,"a":2}}"#;
    let reply = ada
        .post("/admin/users", &json!({}))
        .raw("application/json", twice)
        .await;
    let sentence = "A member stands twice in one object of the body";
    reply.assert_error(422, "invalid_request", sentence);
    assert_eq!(names(&ada, "?search=grace").await.len(), 0);
}

#[tokio::test]
async fn accounts_are_made_while_registration_is_closed() {
    let server = Server::with(&[("registration", "closed")]).await;
    let ada = server.admin("ada").await;
    ada.post("/admin/users", &json!({ "username": "Grace" }))
        .await
        .assert_status(201);
}
