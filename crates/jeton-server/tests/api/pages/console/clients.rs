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

/// An application's form, with these fields beside or in place of its own.
fn application<'f>(more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("name", "grafana"),
        (
            "redirect_uris",
            "https://grafana.example/login/generic_oauth\nhttp://localhost:3000/login/generic_oauth",
        ),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("id_token_signed_response_alg", "RS256"),
    ];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend(more);
    fields
}

#[tokio::test]
async fn an_application_is_made_with_all_it_registers_and_told_what_to_connect_to() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/clients/new").await;
    let form = application(&[
        ("first_party", "yes"),
        ("pkce_optional", "yes"),
        ("post_logout_redirect_uris", "https://grafana.example/login"),
        ("userinfo_signed_response_alg", "ES256"),
    ]);
    let page = root.send("/console/clients/new", &form).await;
    page.assert_status(201)
        .assert_shows("How to connect it")
        .assert_shows("http://localhost:5000")
        .assert_hides("grant_type=client_credentials");
    let listed = server.admin("ada").await.get("/admin/clients").await;
    let client = &listed.json["clients"][0];
    assert_eq!(
        client["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(client["redirect_uris"].as_array().unwrap().len(), 2);
    assert_eq!(client["first_party"], true);
    assert_eq!(client["id_token_signed_response_alg"], "RS256");
    assert_eq!(client["userinfo_signed_response_alg"], "ES256");
    assert_eq!(
        client["post_logout_redirect_uris"],
        json!(["https://grafana.example/login"])
    );
    let path = format!("/console/clients/{}", client["id"].as_str().unwrap());
    for page in ["/console/clients", &path] {
        root.open(page).await.assert_shows("PKCE optional");
    }
    let saved = root
        .send_through(&path, &application(&[("act", "change"), ("own_tokens", "yes")]))
        .await;
    saved.assert_shows("Saved.").assert_hides("PKCE optional");
    let shown = server.admin("eve").await.get("/admin/clients").await;
    let client = &shown.json["clients"][0];
    assert_eq!(
        client["grant_types"],
        json!(["authorization_code", "refresh_token", "client_credentials"])
    );
    assert_eq!(client["first_party"], false);
    assert_eq!(client["post_logout_redirect_uris"], json!([]));
}

#[tokio::test]
async fn what_breaks_a_rule_is_said_at_its_field() {
    let server = Server::start().await;
    let root = administrator(&server).await;
    root.open("/console/clients/new").await;
    for (more, field) in [
        (
            &[("redirect_uris", "https://a.example/cb\nhttp://a.example/cb")][..],
            "redirect_uris",
        ),
        (&[("redirect_uris", "com.example.app:/cb")], "redirect_uris"),
        (
            &[("redirect_uris", ""), ("token_endpoint_auth_method", "none")],
            "redirect_uris",
        ),
        (
            &[("post_logout_redirect_uris", "javascript:x")],
            "post_logout_redirect_uris",
        ),
        (&[("token_endpoint_auth_method", "private_key_jwt")], "jwks"),
        (&[("jwks", "{}")], "jwks"),
        (&[("jwks", "no JSON")], "jwks"),
        (&[("jwks_uri", "http://a.example/jwks")], "jwks_uri"),
        (
            &[("backchannel_logout_uri", "ftp://a.example")],
            "backchannel_logout_uri",
        ),
        (&[("logo_uri", "http://a.example/logo.png")], "logo_uri"),
        (&[("scopes", "No Scope!")], "scopes"),
    ] {
        let page = root.send("/console/clients/new", &application(more)).await;
        page.assert_status(422).assert_wrong_at(field);
    }
    let public = [("token_endpoint_auth_method", "none"), ("pkce_optional", "yes")];
    let page = root.send("/console/clients/new", &application(&public)).await;
    page.assert_status(422)
        .assert_shows("A public client always sends PKCE.");
    let made = application(&[("token_endpoint_auth_method", "none")]);
    let page = root.send("/console/clients/new", &made).await;
    page.assert_status(201).assert_hides("jeton_sk_");
    let id = page.between("client_id</dt><dd><code>", "<").to_owned();
    let path = format!("/console/clients/{id}");
    root.open(&path).await.assert_hides("Make a new secret");
    let wrong = application(&[("act", "change"), ("tos_uri", "nowhere")]);
    let page = root.send(&path, &wrong).await;
    page.assert_status(422).assert_wrong_at("tos_uri");
}
