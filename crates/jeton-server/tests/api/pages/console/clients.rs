use serde_json::json;

use super::administrator;
use crate::actors::{Actor, Person, Reply, Server, form_to};

/// Asks for a token as the client would.
async fn token(server: &Server, id: &str, secret: &str) -> Reply {
    let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    form_to(&server.visitor(), &body).await
}

/// A client made on its page, by its id and secret.
async fn made(root: &Person, name: &str, scopes: &str) -> (String, String) {
    root.open("/console/clients/new").await.assert_status(200);
    let page = root
        .send("/console/clients/new", &[("name", name), ("scopes", scopes)])
        .await;
    page.assert_status(201).assert_shows("shown this once");
    let id = page.between("client_id</dt><dd><code>", "<").to_owned();
    (
        id,
        format!(
            "jeton_sk_{}",
            page.between("<code id=\"shown-secret\">jeton_sk_", "<")
        ),
    )
}

#[tokio::test]
async fn a_client_comes_with_its_secret_once() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/clients").await.assert_shows("No program yet");
    let (id, secret) = made(&root, "billing", "orders:read orders:write").await;
    token(&server, &id, &secret).await.assert_status(200);
    let list = root.open("/console/clients").await;
    list.assert_shows(">billing</a>")
        .assert_shows("orders:write")
        .assert_hides(&secret);
    root.open(&format!("/console/clients/{id}"))
        .await
        .assert_hides(&secret);
}

#[tokio::test]
async fn errors_stand_at_their_fields() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    made(&root, "billing", "").await;
    let many = (0..33)
        .map(|number| format!("s{number}"))
        .collect::<Vec<_>>()
        .join(" ");
    for (name, scopes, status, field) in [
        ("", "", 422, "name"),
        ("billing", "", 409, "name"),
        ("other", "No Scope!", 422, "scopes"),
        ("other", &many, 422, "scopes"),
    ] {
        let page = root
            .send("/console/clients/new", &[("name", name), ("scopes", scopes)])
            .await;
        page.assert_status(status).assert_wrong_at(field);
        assert_eq!(page.value_of("scopes"), Some(scopes));
    }
}

#[tokio::test]
async fn a_client_is_changed_disabled_and_given_another_secret() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let (id, secret) = made(&root, "billing", "orders:read").await;
    let path = format!("/console/clients/{id}");
    let page = root
        .send_through(&path, &[("act", "change"), ("scopes", "orders:write")])
        .await;
    page.assert_shows("Saved.");
    assert_eq!(page.value_of("scopes"), Some("orders:write"));
    let wrong = root.send(&path, &[("act", "change"), ("scopes", "No!")]).await;
    wrong.assert_status(422).assert_wrong_at("scopes");

    root.send_through(&path, &[("act", "disable")])
        .await
        .assert_shows("Disabled.");
    token(&server, &id, &secret).await.assert_status(401);
    root.send_through(&path, &[("act", "enable")])
        .await
        .assert_shows("Enabled.");
    token(&server, &id, &secret).await.assert_status(200);

    let page = root.send(&path, &[("act", "secret")]).await;
    page.assert_status(200);
    let next = format!(
        "jeton_sk_{}",
        page.between("<code id=\"shown-secret\">jeton_sk_", "<")
    );
    token(&server, &id, &secret).await.assert_status(401);
    token(&server, &id, &next).await.assert_status(200);
    root.send(&path, &[("act", "nonsense")]).await.assert_status(422);
}

#[tokio::test]
async fn a_client_is_deleted_by_its_name() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    let (id, secret) = made(&root, "billing", "").await;
    let path = format!("/console/clients/{id}/delete");
    root.open(&path).await.assert_shows("Delete billing?");
    let wrong = root.send(&path, &[("name", "Billing")]).await;
    wrong.assert_status(422).assert_wrong_at("name");
    let page = root.send_through(&path, &[("name", "billing")]).await;
    page.assert_shows("The client is gone.");
    token(&server, &id, &secret).await.assert_status(401);
    root.open(&path).await.assert_status(404);
    let listed = server.admin("ada").await.get("/admin/clients").await;
    listed.assert(200, &json!({ "clients": [] }));
}
