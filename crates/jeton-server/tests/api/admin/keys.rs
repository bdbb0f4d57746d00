use serde_json::{Value, json};

use crate::actors::{ANY, Actor, Admin, Server, header_of};

async fn cast() -> (Server, Admin) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    (server, ada)
}

/// The keys of a purpose.
async fn keys(ada: &Admin, purpose: &str) -> Vec<Value> {
    let reply = ada.get("/admin/keys").await;
    reply.assert_status(200);
    let keys = reply.json["keys"].as_array().unwrap().iter();
    keys.filter(|key| key["purpose"] == purpose).cloned().collect()
}

#[tokio::test]
async fn a_rotation_says_its_times_and_the_list_shows_them() {
    let (server, ada) = cast().await;
    let now = server.clock().seconds();
    let [old] = &keys(&ada, "access").await[..] else {
        panic!("one access key")
    };
    assert_eq!(
        *old,
        json!({
            "kid": header_of(&ada.access)["kid"], "purpose": "access", "algorithm": "ES256", "state": "signing",
            "created_at": now, "signs_from": now, "accepted_until": null,
        })
    );
    let made = ada
        .post(
            "/admin/keys",
            &json!({ "purpose": "access", "algorithm": "EdDSA" }),
        )
        .await;
    made.assert(
        201,
        &json!({
            "kid": ANY, "purpose": "access", "published_at": now, "signs_from": now + 340, "sessions_ended": 0,
            "replaced": [{ "kid": old["kid"], "accepted_until": now + 340 + 900 + 70 }],
        }),
    );
    let [new, old] = &keys(&ada, "access").await[..] else {
        panic!("two access keys")
    };
    assert_eq!(
        (&new["state"], &new["algorithm"]),
        (&json!("pending"), &json!("EdDSA"))
    );
    assert_eq!(
        (&old["state"], &old["accepted_until"]),
        (&json!("signing"), &json!(now + 1310))
    );
    let published = server.visitor().get("/.well-known/jwks.json").await;
    assert_eq!(
        published.json["keys"].as_array().unwrap().len(),
        2,
        "this node knows at once"
    );
    let events = ada.get("/admin/audit?action=key.rotated").await;
    assert_eq!(events.json["events"][0]["by"], format!("user:{}", ada.id));
}

#[tokio::test]
async fn an_emergency_ends_what_the_lost_key_signed() {
    let (server, ada) = cast().await;
    let romel = server.signed_up("Romel").await;
    let lost = json!({ "purpose": "access", "emergency": true });
    ada.post("/admin/keys", &lost).await.assert_status(201);
    romel.get("/protected").await.assert_code(401, "invalid_token");
    let ada = ada.signed_in_again().await;
    let lost = json!({ "purpose": "refresh", "emergency": true });
    let made = ada.post("/admin/keys", &lost).await;
    assert_eq!(made.json["sessions_ended"], 3);
    server
        .visitor()
        .refresh(&romel.refresh)
        .await
        .assert_code(401, "invalid_token");
    ada.get("/admin/keys").await.assert_code(401, "token_revoked");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let (_server, ada) = cast().await;
    for (body, says) in [
        (json!({}), "purpose"),
        (
            json!({ "purpose": "root" }),
            "`purpose` is none of access, refresh, playground, id-es256, id-rs256 and id-eddsa",
        ),
        (json!({ "purpose": 1 }), "purpose"),
        (
            json!({ "purpose": "access", "algorithm": "none" }),
            "`algorithm` is no algorithm known here",
        ),
        (json!({ "purpose": "access", "emergency": "yes" }), "emergency"),
        (
            json!({ "purpose": "access", "kid": "mine" }),
            "a member this route does not know",
        ),
        (
            json!({ "purpose": "refresh", "algorithm": "RS256" }),
            "RS256 cannot sign refresh tokens",
        ),
    ] {
        let refused = ada.post("/admin/keys", &body).await;
        refused.assert_code(422, "invalid_request");
        assert!(refused.text("message").contains(says), "{}", refused.body);
    }
    assert_eq!(keys(&ada, "access").await.len(), 1);
    let planned = json!({ "purpose": "access" });
    ada.post("/admin/keys", &planned).await.assert_status(201);
    let again = ada.post("/admin/keys", &planned).await;
    again.assert_code(409, "key_conflict");
    assert!(
        again
            .text("message")
            .contains("waits to sign from 2026-01-02T03:09:45Z"),
        "{}",
        again.body
    );
    assert_eq!(keys(&ada, "access").await.len(), 2);
}

#[tokio::test]
async fn a_secret_from_the_settings_is_changed_there() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    let ada = server.admin("ada").await;
    let refused = ada.post("/admin/keys", &json!({ "purpose": "access" })).await;
    refused.assert_code(409, "key_conflict");
    assert!(
        refused.text("message").contains("JWT_SECRET_PREVIOUS"),
        "{}",
        refused.body
    );
    assert!(keys(&ada, "access").await.is_empty());
    ada.post("/admin/keys", &json!({ "purpose": "refresh" }))
        .await
        .assert_status(201);
}
