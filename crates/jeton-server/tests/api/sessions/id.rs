use serde_json::json;

use crate::actors::{Actor, Server};

#[tokio::test]
async fn a_user_ends_a_session_from_another() {
    let server = Server::start().await;
    let here = server.signed_up("Romel").await;
    let (lost, third) = (here.another_session().await, here.another_session().await);
    let reply = here.delete(&format!("/sessions/{}", lost.session())).await;
    reply.assert(200, &json!({ "message": "Session ended" }));
    lost.assert_is_out().await;
    here.assert_is_in().await;
    third.assert_is_in().await;
}

#[tokio::test]
async fn a_user_ends_the_session_they_are_in() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    romel
        .delete(&format!("/sessions/{}", romel.session()))
        .await
        .assert_status(200);
    romel.assert_is_out().await;
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else() {
    let server = Server::start().await;
    let (romel, ada) = (server.signed_up("Romel").await, server.admin("ada").await);
    let reply = ada.delete(&format!("/sessions/{}", romel.session())).await;
    reply.assert_error(404, "session_not_found", "You have no such session");
    romel.assert_is_in().await;
    let reply = server
        .visitor()
        .delete(&format!("/sessions/{}", romel.session()))
        .await;
    reply.assert_error(401, "token_missing", "Token is missing");
    romel.assert_is_in().await;
}

#[tokio::test]
async fn what_is_no_live_session_cannot_be_ended() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let ended = romel.another_session().await;
    ended.post("/logout", &json!({})).await.assert_status(200);
    for id in [
        &*ended.session(),
        "019b0000-0000-7000-8000-000000000000",
        "nonsense",
        "%00",
        "..%2F..",
    ] {
        let reply = romel.delete(&format!("/sessions/{id}")).await;
        reply.assert_error(404, "session_not_found", "You have no such session");
    }
    romel.assert_is_in().await;
}

#[tokio::test]
async fn a_session_whose_time_is_over_is_none() {
    let server = Server::with(&[("access-lifetime", "1h"), ("refresh-lifetime", "2h")]).await;
    let romel = server.signed_up("Romel").await;
    let late = romel.another_session().await.session();
    server.clock().advance(std::time::Duration::from_mins(90));
    let romel = romel.another_session().await;
    server.clock().advance(std::time::Duration::from_mins(31));
    let reply = romel.delete(&format!("/sessions/{late}")).await;
    reply.assert_error(404, "session_not_found", "You have no such session");
    let listed = romel.get("/sessions").await;
    assert_eq!(listed.json["sessions"].as_array().unwrap().len(), 1);
}
