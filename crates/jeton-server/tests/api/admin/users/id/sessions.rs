use serde_json::json;

use super::super::super::{NOBODY, cast, path_of};
use crate::actors::{ANY, Actor};

#[tokio::test]
async fn an_administrator_sees_a_users_sessions() {
    let (_server, ada, romel) = cast().await;
    let reply = ada.get(&path_of(&romel, "/sessions")).await;
    let session = json!({
        "id": romel.session(), "device": ANY, "created_at": ANY, "last_seen_at": ANY, "expires_at": ANY,
        "ends_at": ANY, "current": false,
    });
    reply.assert(200, &json!({ "sessions": [session] }));
    let own = ada.get(&path_of(&ada, "/sessions")).await;
    assert_eq!(own.json["sessions"][0]["current"], true);
}

#[tokio::test]
async fn one_session_ends_and_the_others_go_on() {
    let (_server, ada, romel) = cast().await;
    let other = romel.another_session().await;
    let path = path_of(&romel, &format!("/sessions/{}", other.session()));
    ada.delete(&path)
        .await
        .assert(200, &json!({ "message": "Sessions ended", "sessions": 1 }));
    other.assert_is_out().await;
    romel.assert_is_in().await;
    for gone in [&*other.session(), &ada.session(), NOBODY, "nonsense"] {
        let reply = ada.delete(&path_of(&romel, &format!("/sessions/{gone}"))).await;
        reply.assert_error(404, "session_not_found", "The user has no such session");
    }
    ada.assert_is_in().await;
}

#[tokio::test]
async fn all_sessions_end_and_the_user_may_come_back() {
    let (_server, ada, romel) = cast().await;
    let other = romel.another_session().await;
    ada.delete(&path_of(&romel, "/sessions"))
        .await
        .assert(200, &json!({ "message": "Sessions ended", "sessions": 2 }));
    romel.assert_is_out().await;
    other.assert_is_out().await;
    ada.assert_is_in().await;
    romel.another_session().await.assert_is_in().await;
}
