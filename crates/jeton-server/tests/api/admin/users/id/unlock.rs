use serde_json::json;

use super::super::super::{cast, path_of};
use crate::actors::Actor;

#[tokio::test]
async fn who_was_slowed_down_may_try_again_at_once() {
    let (server, ada, romel) = cast().await;
    for _ in 0..10 {
        let login = server.visitor().login("Romel", "not the password").await;
        login.assert_code(401, "invalid_credentials");
    }
    let login = server.visitor().login("Romel", &romel.password).await;
    login.assert_code(429, "too_many_attempts");
    let path = path_of(&romel, "/unlock");
    for _ in 0..2 {
        ada.call(http::Method::POST, &path)
            .await
            .assert(200, &json!({ "message": "User unlocked" }));
    }
    romel.another_session().await.assert_is_in().await;
    let events = server.service().store().events_after(0, 100).await.unwrap();
    let unlocked = events.iter().filter(|event| event.action == "user.unlocked");
    let by: Vec<_> = unlocked.map(|event| event.actor.clone().unwrap()).collect();
    assert_eq!(
        by,
        [format!("user:{}", ada.id)],
        "once: then there was nothing left"
    );
}

#[tokio::test]
async fn nobody_locks_an_account_before_it_is_made() {
    let (server, ada, _romel) = cast().await;
    for _ in 0..10 {
        server
            .visitor()
            .login("Grace", "a guess")
            .await
            .assert_status(401);
    }
    let body = json!({ "username": "Grace", "password": "graces own passphrase" });
    ada.post("/admin/users", &body).await.assert_status(201);
    server.visitor().sign_in("Grace", "graces own passphrase").await;
}
