//! The document and the router agree, both ways. That each answer is as documented, the actors check.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, DOCUMENT, Reply, Server};

/// What the document lists: the methods of each path.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    let methods = |item: &Value| {
        item.as_object()
            .unwrap()
            .keys()
            .map(|name| name.to_uppercase())
            .collect()
    };
    paths.map(|(path, item)| (path.clone(), methods(item))).collect()
}

async fn ask(server: &Server, method: &str, path: &str) -> Reply {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    server
        .visitor()
        .call(
            method,
            &path
                .replace("{id}", "019b0000-0000-7000-8000-000000000000")
                .replace("{session}", "019b0000-0000-7000-8000-000000000000"),
        )
        .await
}

#[tokio::test]
async fn it_is_served_as_openapi_3_1() {
    let server = Server::start().await;
    let reply = server.visitor().get("/openapi.json").await;
    reply.assert(200, &DOCUMENT);
    assert!(reply.text("openapi").starts_with("3.1."));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.json["info"]["title"], "Jeton");
    assert_eq!(reply.json["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn every_documented_route_answers() {
    let server = Server::start().await;
    for (path, methods) in documented() {
        for method in methods {
            let reply = ask(&server, &method, &path).await;
            assert!(
                reply.status != 404 && reply.status != 405,
                "{method} {path}: {}",
                reply.body
            );
        }
    }
}

#[tokio::test]
async fn no_documented_path_answers_another_method() {
    let server = Server::start().await;
    let sentence = "This route does not answer this method; the Allow header lists those it does";
    for (path, methods) in documented() {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            if methods.contains(method) {
                continue;
            }
            let reply = ask(&server, method, &path).await;
            reply.assert_error(405, "method_not_allowed", sentence);
            let allowed: BTreeSet<_> = reply.header("allow").split(',').map(str::to_owned).collect();
            let mut expected = methods.clone();
            if methods.contains("GET") {
                expected.insert("HEAD".to_owned());
            }
            assert_eq!(allowed, expected, "{path}");
        }
        let head = ask(&server, "HEAD", &path).await.status;
        assert_eq!(head == 405, !methods.contains("GET"), "HEAD {path}: {head}");
    }
}

/// Reads the page that has all routes.
#[test]
fn every_route_of_the_router_is_documented() {
    let source = include_str!("../../src/http.rs");
    let mut mounted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let handlers = &route[route.find(path).unwrap() + path.len()..];
        let names = handlers.match_indices('(').map(|(at, _)| {
            let before = &handlers[..at];
            let begins = before.rfind(|letter: char| !letter.is_ascii_lowercase());
            &before[begins.map_or(0, |at| at + 1)..]
        });
        let methods = names.filter(|name| ["get", "post", "put", "patch", "delete"].contains(name));
        let added = mounted.entry(path.to_owned()).or_default();
        added.extend(methods.map(str::to_uppercase));
    }
    assert_eq!(mounted, documented());
    for unlisted in [
        ".route_service(",
        ".nest(",
        ".nest_service(",
        "routing::any",
        "routing::on",
    ] {
        assert!(
            !source.contains(unlisted),
            "{unlisted} mounts what no document lists"
        );
    }
}

#[test]
fn the_tutorials_routes_are_all_there() {
    let documented = documented();
    for (path, method) in [
        ("/register", "POST"),
        ("/login", "POST"),
        ("/token", "POST"),
        ("/set-jwt", "POST"),
        ("/get-jwt", "GET"),
        ("/sign-token", "GET"),
        ("/sign-token", "POST"),
        ("/verify-token", "POST"),
        ("/protected", "GET"),
        ("/profile", "GET"),
        ("/refresh", "POST"),
        ("/logout", "POST"),
        ("/sessions", "GET"),
        ("/sessions/{id}", "DELETE"),
        ("/healthz", "GET"),
        ("/.well-known/jwks.json", "GET"),
    ] {
        assert!(
            documented
                .get(path)
                .is_some_and(|methods| methods.contains(method)),
            "{method} {path}"
        );
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_schema_is_left_over() {
    let text = DOCUMENT.to_string();
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let referred: BTreeSet<_> = text
        .split("#/components/schemas/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let defined: BTreeSet<_> = schemas.keys().map(String::as_str).collect();
    assert_eq!(referred, defined);
}

#[test]
fn every_failure_has_the_error_body_and_says_which_codes_it_brings() {
    let codes = DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"]
        .as_array()
        .unwrap();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                if status.starts_with('2') {
                    continue;
                }
                let schema = &answer["content"]["application/json"]["schema"];
                let oauth = path.starts_with("/oauth/");
                let body = if oauth { "OAuthErrorBody" } else { "ErrorBody" };
                assert_eq!(
                    *schema,
                    json!({ "$ref": format!("#/components/schemas/{body}") }),
                    "{path} {status}"
                );
                let description = answer["description"].as_str().unwrap();
                let named = description.split('`').skip(1).step_by(2).map(Value::from);
                let known = named.filter(|name| codes.contains(name)).count();
                assert!(known > 0, "{path} {status} names no code: {description}");
            }
        }
    }
}

#[test]
fn routes_with_a_body_document_what_a_bad_one_brings() {
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let with_a_body = operation["requestBody"].is_object();
            let with_a_token = operation["security"].is_array();
            let documented = |status: &str| operation["responses"][status].is_object();
            for status in ["413", "415"] {
                assert_eq!(documented(status), with_a_body, "{path} {status}");
            }
            let mut parameters = operation["parameters"].as_array().into_iter().flatten();
            let with_a_query = parameters.any(|parameter| parameter["in"] == "query");
            // A form that cannot be is 400 there (RFC 6749 §5.2).
            let oauth = path.starts_with("/oauth/");
            assert_eq!(
                documented("422"),
                (with_a_body || with_a_query) && !oauth,
                "{path} 422"
            );
            assert_eq!(documented("400"), with_a_body || with_a_token, "{path} 400");
        }
    }
}

#[test]
fn routes_that_change_something_document_that_other_sites_may_not() {
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let refusal = operation["responses"]["403"]["description"]
                .as_str()
                .unwrap_or_default();
            assert_eq!(
                refusal.contains("`cross_site`"),
                method != "get",
                "{method} {path}"
            );
        }
    }
}

/// A client made from the document offers what the service takes.
#[tokio::test]
async fn documented_scopes_are_those_logout_takes() {
    let server = Server::start().await;
    let scopes = DOCUMENT["components"]["schemas"]["LogoutScope"].to_string();
    for scope in ["session", "others", "all"] {
        assert!(scopes.contains(&format!("\"{scope}\"")), "{scopes}");
        let romel = server.signed_up(scope).await;
        romel
            .post("/logout", &json!({ "scope": scope }))
            .await
            .assert_status(200);
    }
}
