use http::Method;
use serde_json::{Value, json};

use super::super::{cast, patch, path_of};
use crate::actors::{Actor, claims_of};

mod password_reset;
mod sessions;
mod unlock;

#[tokio::test]
async fn a_user_is_shown_as_they_are_now() {
    let (server, ada, romel) = cast().await;
    let changes = json!({ "roles": ["editor"], "claims": { "a": 1 }, "email": "romel@example.org" });
    let now = patch(&ada, &romel, changes).await;
    let expected = json!({
        "id": romel.id, "username": "Romel", "email": "romel@example.org", "roles": ["editor"],
        "claims": { "a": 1 }, "disabled": false, "created_at": server.clock().seconds(),
    });
    now.assert(200, &expected);
    ada.get(&path_of(&romel, "")).await.assert(200, &expected);
    let profile = romel.get("/profile").await;
    assert_eq!(profile.json["email"], "romel@example.org");
    let cleared = patch(&ada, &romel, json!({ "email": null })).await;
    assert_eq!(cleared.json["email"], Value::Null);
    assert_eq!(cleared.json["roles"], json!(["editor"]), "what is left out stays");
    patch(&ada, &romel, json!({})).await.assert(200, &cleared.json);
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_in_no_token_from_then_on() {
    let (_server, ada, mut romel) = cast().await;
    patch(&ada, &romel, json!({ "roles": ["editor", "reader"] }))
        .await
        .assert_status(200);
    romel.renew().await;
    romel.assert_is_in().await;
    patch(&ada, &romel, json!({ "roles": ["reader"] }))
        .await
        .assert_status(200);
    romel
        .get("/protected")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
    romel.renew().await;
    romel.assert_is_in().await;
    assert_eq!(claims_of(&romel.access)["roles"], json!(["reader"]));
}

#[tokio::test]
async fn a_claim_that_is_changed_revokes_tokens_that_say_otherwise() {
    let (_server, ada, mut romel) = cast().await;
    patch(&ada, &romel, json!({ "claims": { "tenant": "blue" } }))
        .await
        .assert_status(200);
    romel.renew().await;
    patch(
        &ada,
        &romel,
        json!({ "claims": { "tenant": "blue", "plan": "free" } }),
    )
    .await
    .assert_status(200);
    romel.assert_is_in().await;
    patch(&ada, &romel, json!({ "claims": { "tenant": "red" } }))
        .await
        .assert_status(200);
    romel.get("/protected").await.assert_code(401, "token_revoked");
    romel.renew().await;
    assert_eq!(claims_of(&romel.access)["tenant"], "red");
}

#[tokio::test]
async fn who_is_disabled_is_out_and_stays_out_until_enabled() {
    let (server, ada, romel) = cast().await;
    let disabled = patch(&ada, &romel, json!({ "disabled": true })).await;
    assert_eq!(disabled.json["disabled"], true);
    romel.assert_is_out().await;
    let (right, wrong) = (
        server.visitor().login("Romel", &romel.password).await,
        server.visitor().login("Romel", "not the password").await,
    );
    right.assert_error(401, "invalid_credentials", "Invalid username or password");
    wrong.assert_error(401, "invalid_credentials", "Invalid username or password");
    patch(&ada, &romel, json!({ "disabled": false }))
        .await
        .assert_status(200);
    romel.assert_is_out().await;
    romel.another_session().await.assert_is_in().await;
}

#[tokio::test]
async fn a_change_that_cannot_be_changes_nothing() {
    let (_server, ada, romel) = cast().await;
    for changes in [
        json!({ "roles": null }),
        json!({ "roles": [""] }),
        json!({ "claims": null }),
        json!({ "claims": { "exp": 1 } }),
        json!({ "email": "nonsense" }),
        json!({ "email": 1 }),
        json!({ "disabled": null }),
        json!({ "disabled": "yes" }),
        json!({ "username": "ada" }),
        json!({ "password": "a new passphrase" }),
        json!({ "version": 0 }),
        json!({ "disabled": true, "roles": ["A b"] }),
    ] {
        patch(&ada, &romel, changes)
            .await
            .assert_code(422, "invalid_request");
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn who_is_deleted_is_gone_at_once_and_the_name_is_free() {
    let (server, ada, romel) = cast().await;
    ada.delete(&path_of(&romel, ""))
        .await
        .assert(200, &json!({ "message": "User deleted" }));
    romel
        .get("/protected")
        .await
        .assert_error(401, "token_revoked", "Token has been revoked");
    server
        .visitor()
        .refresh(&romel.refresh)
        .await
        .assert_error(401, "invalid_token", "Invalid token");
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_error(401, "invalid_credentials", "Invalid username or password");
    ada.delete(&path_of(&romel, ""))
        .await
        .assert_error(404, "user_not_found", "User does not exist");
    let again = server.signed_up("Romel").await;
    assert_ne!(again.id, romel.id);
}

#[tokio::test]
async fn administrators_do_not_lock_themselves_out() {
    let (server, ada, _romel) = cast().await;
    server.admin("grace").await;
    let own = "This is your own account: ask another administrator";
    for changes in [
        json!({ "roles": [] }),
        json!({ "roles": ["editor"] }),
        json!({ "disabled": true }),
    ] {
        patch(&ada, &ada, changes)
            .await
            .assert_error(409, "own_account", own);
    }
    ada.delete(&path_of(&ada, ""))
        .await
        .assert_error(409, "own_account", own);
    patch(
        &ada,
        &ada,
        json!({ "roles": ["admin", "editor"], "email": "ada@example.org" }),
    )
    .await
    .assert_status(200);
    ada.assert_is_in().await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let (server, ada, _romel) = cast().await;
    let grace = server.admin("grace").await;
    patch(&ada, &grace, json!({ "disabled": true }))
        .await
        .assert_status(200);
    // Two who take each other's role at once: the second finds nobody else left.
    server
        .sql("UPDATE users SET disabled_at = NULL WHERE username = 'grace'")
        .await;
    let grace = grace.another_session().await;
    server
        .sql("UPDATE users SET roles = 'admin' WHERE username = 'grace'")
        .await;
    let (first, second) = tokio::join!(
        patch(&ada, &grace, json!({ "roles": [] })),
        patch(&grace, &ada, json!({ "roles": [] })),
    );
    let statuses = [first.status.as_u16(), second.status.as_u16()];
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    let refused = if statuses[0] == 200 { second } else { first };
    // Refused by the guard where the other was already through, by the store where both passed the guard.
    assert!(
        ["last_admin", "token_revoked", "insufficient_scope"].contains(&refused.text("error")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_was_done_is_in_the_trail_with_who_did_it() {
    let (server, ada, romel) = cast().await;
    patch(
        &ada,
        &romel,
        json!({ "roles": ["editor"], "email": "romel@example.org" }),
    )
    .await
    .assert_status(200);
    patch(&ada, &romel, json!({ "disabled": true }))
        .await
        .assert_status(200);
    ada.call(Method::DELETE, &path_of(&romel, ""))
        .await
        .assert_status(200);
    let events = server.service().store().events_after(0, 100).await.unwrap();
    let by_ada: Vec<_> = events
        .iter()
        .filter(|event| event.actor == Some(format!("user:{}", ada.id)))
        .collect();
    let actions: Vec<_> = by_ada.iter().map(|event| &*event.action).collect();
    assert_eq!(
        actions,
        [
            "user.changed",
            "session.ended",
            "user.disabled",
            "session.ended",
            "user.deleted"
        ]
    );
    for event in by_ada {
        assert_eq!(event.user.unwrap().to_string(), romel.id);
        assert!(!event.detail.contains("example.org"), "{event:?}");
    }
    let of_romel = events
        .iter()
        .filter(|event| event.user.is_some_and(|id| id.to_string() == romel.id));
    assert!(of_romel.clone().count() > 4);
    assert!(of_romel.clone().all(|event| event.personal.is_none()), "erased");
}
