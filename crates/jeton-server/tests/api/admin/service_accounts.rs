//! The old name of clients answers as it always did.

use http::Method;
use serde_json::json;

use crate::actors::{ANY, Actor, Server};

#[tokio::test]
async fn the_old_name_answers_as_before_and_means_the_same_programs() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let body = json!({ "name": "billing", "scopes": ["a"] });
    let made = ada.post("/admin/service-accounts", &body).await;
    let id = made.text("client_id").to_owned();
    let record = super::clients::program(&id, "billing", &["a"], server.clock().seconds());
    made.assert(
        201,
        &json!({ "client_id": id, "client_secret": ANY, "service_account": record }),
    );
    let listed = ada.get("/admin/service-accounts").await;
    listed.assert(200, &json!({ "service_accounts": [record] }));
    let same = ada.get("/admin/clients").await;
    same.assert(200, &json!({ "clients": [record] }));

    let path = format!("/admin/service-accounts/{id}");
    let secret = ada.post(&format!("{path}/secret"), &json!({})).await;
    secret.assert(
        200,
        &json!({ "client_id": id, "client_secret": ANY, "service_account": record }),
    );
    let disabled = ada.call(Method::PATCH, &path).json(&json!({ "disabled": true }));
    assert_eq!(disabled.await.json["disabled"], true);
    let deleted = ada.delete(&path).await;
    deleted.assert(200, &json!({ "message": "Service account deleted" }));
    for reply in [
        ada.delete(&path).await,
        ada.post(&format!("{path}/secret"), &json!({})).await,
        ada.call(Method::PATCH, &path)
            .json(&json!({ "disabled": true }))
            .await,
    ] {
        reply.assert_code(404, "service_account_not_found");
    }
}

#[tokio::test]
async fn a_name_stays_given_by_either_name() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let body = json!({ "name": "billing" });
    ada.post("/admin/clients", &body).await.assert_status(201);
    ada.post("/admin/service-accounts", &body)
        .await
        .assert_code(409, "name_taken");
}
