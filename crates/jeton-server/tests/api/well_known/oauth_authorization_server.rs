use serde_json::{Value, json};

use super::openid_configuration::metadata;
use crate::actors::{Actor, Program, Server, form_to};

const PATH: &str = "/.well-known/oauth-authorization-server";

/// What is left of it beside a shared secret.
fn tokens_alone(base: &str) -> Value {
    json!({
        "issuer": base,
        "token_endpoint": format!("{base}/oauth/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    })
}

#[tokio::test]
async fn it_describes_the_service() {
    let server = Server::start().await;
    let reply = server.visitor().get(PATH).await;
    reply.assert(200, &metadata("http://localhost:5000", "http://localhost:5000"));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
}

#[tokio::test]
async fn beside_a_shared_secret_it_describes_the_token_endpoint_alone() {
    let server = Server::with_secret("4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@").await;
    let reply = server.visitor().get(PATH).await;
    reply.assert(200, &tokens_alone("http://localhost:5000"));
}

/// RFC 8414 §3.1: between host and path, without the path's last slash. A proxy may also have taken the path away.
#[tokio::test]
async fn the_path_of_an_issuer_stands_behind_the_well_known_one() {
    for (path, others) in [
        ("/auth", ["/other", "/auth/more"]),
        ("/a/b%20c", ["/a", "/a/b"]),
        ("/{tenant}", ["/tenant", "/anybody"]),
    ] {
        for end in ["", "/"] {
            let base = format!("https://id.example{path}");
            let issuer = format!("{base}{end}");
            let server = Server::with(&[("issuer", &issuer)]).await;
            let expected = metadata(&issuer, &base);
            for behind in [String::new(), path.to_owned(), format!("{path}/")] {
                let reply = server.visitor().get(&format!("{PATH}{behind}")).await;
                reply.assert(200, &expected);
            }
            for other in others {
                let reply = server.visitor().get(&format!("{PATH}{other}")).await;
                reply.assert_code(404, "not_found");
            }
        }
    }
    let server = Server::with(&[("issuer", "https://id.example/")]).await;
    let reply = server.visitor().get(PATH).await;
    reply.assert(200, &metadata("https://id.example/", "https://id.example"));
}

/// Each address it names exists, and each grant is one.
#[tokio::test]
async fn it_says_no_more_than_there_is() {
    let server = Server::start().await;
    let metadata = server.visitor().get(PATH).await.json;
    let issuer = metadata["issuer"].as_str().unwrap();
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            let path = value.as_str().unwrap().strip_prefix(issuer).unwrap();
            let is_page = ["/oauth/authorize", "/oauth/logout"].contains(&path);
            let status = if is_page {
                server.person().open(path).await.status
            } else {
                server.visitor().get(path).await.status
            };
            assert!(status != 404, "{path}: {status}");
        }
    }
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "billing", &["invoices:read"]).await;
    for grant in metadata["grant_types_supported"].as_array().unwrap() {
        let form = format!(
            "grant_type={}&client_id={}&client_secret={}",
            grant.as_str().unwrap(),
            program.id,
            program.secret
        );
        let reply = form_to(&server.visitor(), &form).await;
        assert_ne!(reply.json["error"], "unsupported_grant_type", "{grant}");
    }
}
