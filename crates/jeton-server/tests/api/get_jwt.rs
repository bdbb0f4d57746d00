use std::time::Duration;

use serde_json::json;

use crate::actors::{Actor, Server, claims_of};

#[tokio::test]
async fn a_valid_token_is_read_out_with_and_without_its_scheme() {
    let server = Server::start().await;
    let romel = server.signed_up("Romel").await;
    let valid = json!({ "message": "Token is valid", "user": "Romel", "claims": claims_of(&romel.access) });
    for value in [
        romel.access.clone(),
        format!("Bearer {}", romel.access),
        format!("bearer   {}", romel.access),
    ] {
        let reply = server
            .visitor()
            .get("/get-jwt")
            .header("authorization", value)
            .await;
        reply.assert(200, &valid);
    }
}

#[tokio::test]
async fn each_reason_to_refuse_a_token_has_its_answer() {
    let server = Server::start().await;
    let visitor = server.visitor();
    visitor
        .get("/get-jwt")
        .await
        .assert_error(401, "token_missing", "Token is missing");

    let ended = server.signed_up("Romel").await;
    ended.post("/logout", &json!({})).await.assert_status(200);
    let reply = visitor
        .get("/get-jwt")
        .header("authorization", &ended.access)
        .await;
    reply.assert_error(401, "token_revoked", "Token has been revoked");

    let late = ended.another_session().await;
    server.clock().advance(Duration::from_secs(931));
    let reply = visitor
        .get("/get-jwt")
        .header("authorization", &late.access)
        .await;
    reply.assert_error(401, "token_expired", "Token has expired");

    let invalid = [late.refresh.as_str(), "nonsense", "a.b.c", "null", "undefined"];
    for token in invalid {
        let reply = visitor.get("/get-jwt").header("authorization", token).await;
        reply.assert_error(401, "invalid_token", "Invalid token");
    }
}

/// Whether it was verified before makes no difference but in time.
#[tokio::test]
async fn a_token_that_was_good_is_asked_everything_again() {
    let server = Server::start().await;
    let visitor = server.visitor();
    let spellings = |token: &str| [token.to_owned(), format!("Bearer {token}")];
    let ask = async |value: &str| visitor.get("/get-jwt").header("authorization", value).await;

    let ended = server.signed_up("Romel").await;
    for value in [spellings(&ended.access), spellings(&ended.access)].concat() {
        ask(&value).await.assert_status(200);
    }
    ended.post("/logout", &json!({})).await.assert_status(200);
    for value in spellings(&ended.access) {
        ask(&value)
            .await
            .assert_error(401, "token_revoked", "Token has been revoked");
    }

    let late = ended.another_session().await;
    for value in spellings(&late.access) {
        ask(&value).await.assert_status(200);
    }
    server.clock().advance(Duration::from_secs(931));
    for value in spellings(&late.access) {
        ask(&value)
            .await
            .assert_error(401, "token_expired", "Token has expired");
    }
}
