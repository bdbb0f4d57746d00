//! The document and the router agree, both ways. That each answer is as documented, the actors check.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use crate::actors::{Actor, DOCUMENT, Program, Reply, Server};

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

fn is_open_to_all(path: &str) -> bool {
    let open = ["/oauth/token", "/oauth/userinfo", "/oauth/revoke", "/oauth/par"];
    open.contains(&path) || path.starts_with("/.well-known/")
}

#[tokio::test]
async fn no_documented_path_answers_another_method() {
    let server = Server::start().await;
    let sentence = "This route does not answer this method; the Allow header lists those it does";
    for (path, methods) in documented() {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
        ] {
            // Where pages of any origin may call, a browser asks so beforehand.
            let is_answered = method == "OPTIONS" && is_open_to_all(&path);
            if methods.contains(method) || is_answered {
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

/// A client made from the document leaves the body out, and never sends `null`.
#[tokio::test]
async fn a_body_that_may_be_left_out_is_an_object_when_it_is_there() {
    let ada = Server::start().await.admin("ada").await;
    let mut found = 0;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let body = &operation["requestBody"];
            let Some(content) = body["content"].as_object() else {
                continue;
            };
            for content in content.values() {
                let nullable = content["schema"].to_string().contains("null");
                assert!(!nullable, "{method} {path}: {}", content["schema"]);
            }
            let can_be_left_out = body["required"] != true;
            found += usize::from(can_be_left_out);
            if content.contains_key("application/json") {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let path = path.replace("{id}", "019b0000-0000-7000-8000-000000000000");
                let call = ada.another_session().await.call(method, &path);
                let null = call.clone().json(&Value::Null).await;
                null.assert_error(422, "invalid_request", "The body must be a JSON object");
                let left_out = call.await.status;
                assert_eq!(
                    left_out == 400 || left_out == 415,
                    !can_be_left_out,
                    "{path}: {left_out}"
                );
            }
        }
    }
    assert_eq!(
        found, 5,
        "/refresh, /logout, /verify-token, /oauth/userinfo and the reset of a password"
    );
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
                (method != "get" || path == "/csrf") && !path.starts_with("/oauth/"),
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

#[test]
fn operations_have_names_of_their_own() {
    let mut names = BTreeSet::new();
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name} is there twice");
        }
    }
}

/// Clients made from the document name their functions after it.
#[test]
fn operation_ids_are_names_in_every_language() {
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            assert!(name.chars().all(plain) && !name.is_empty(), "{path}: {name}");
        }
    }
}

/// A reader's list shows them: a line each.
#[test]
fn summaries_are_one_short_sentence() {
    let mut seen = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let summary = operation["summary"].as_str().unwrap();
            assert!(
                (5..=60).contains(&summary.chars().count()) && summary.ends_with('.'),
                "{method} {path}: {summary}"
            );
            assert_eq!(summary.matches(". ").count(), 0, "{method} {path}: {summary}");
            assert!(seen.insert(summary), "{method} {path}: {summary} is there twice");
        }
    }
}

#[test]
fn tags_are_described_in_reading_order_and_used() {
    let tags = DOCUMENT["tags"].as_array().unwrap();
    let listed: Vec<_> = tags.iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(
        listed,
        [
            "accounts",
            "tokens",
            "sessions",
            "playground",
            "administration",
            "standards",
            "operations"
        ]
    );
    assert!(tags.iter().all(|tag| tag["description"].is_string()));
    let mut used = BTreeSet::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let [tag] = operation["tags"].as_array().unwrap().as_slice() else {
                panic!("{path} has not one tag");
            };
            used.insert(tag.as_str().unwrap());
        }
    }
    assert_eq!(used, listed.into_iter().collect());
}

/// Relative to where the document is, so that it holds under every name and path the service is reached by.
#[test]
fn the_server_is_the_one_the_document_came_from() {
    let servers = DOCUMENT["servers"].as_array().unwrap();
    assert_eq!(servers.len(), 1);
    assert_eq!(servers[0]["url"], ".");
}

/// The example of a body: its own, or its schema's.
fn example<'d>(operation: &'d Value, content_type: &str) -> &'d Value {
    let content = &operation["requestBody"]["content"][content_type];
    if content["example"].is_object() {
        return &content["example"];
    }
    let name = content["schema"]["$ref"].as_str().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap();
    &DOCUMENT["components"]["schemas"][name]["example"]
}

/// Whoever tries the document, operation by operation, is never told that the request was wrong.
#[tokio::test]
async fn every_body_has_an_example_that_is_taken_as_it_stands() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let mut tried = 0;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else {
                continue;
            };
            tried += 1;
            let content_type = content.keys().next().unwrap();
            let example = example(operation, content_type);
            assert!(example.is_object(), "{method} {path} has no example");
            if content_type != "application/json" {
                continue;
            }
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "019b0000-0000-7000-8000-000000000000");
            let call = ada.another_session().await.call(method, &path);
            let reply = call.json(example).await;
            let wrong = [
                "invalid_request",
                "malformed_json",
                "unsupported_media_type",
                "weak_password",
            ];
            let error = reply.json["error"].as_str().unwrap_or_default();
            assert!(!wrong.contains(&error), "{path} {example}: {}", reply.body);
        }
    }
    assert!(tried >= 18, "{tried}");
}

/// From the first example to a token, without a word changed.
#[tokio::test]
async fn the_examples_register_somebody_and_give_tokens() {
    let server = Server::start().await;
    let visitor = server.visitor();
    let sent = async |path: &str| {
        let operation = &DOCUMENT["paths"][path]["post"];
        visitor.post(path, example(operation, "application/json")).await
    };
    sent("/register").await.assert_status(201);
    for path in ["/login", "/token", "/set-jwt"] {
        let reply = sent(path).await;
        reply.assert_status(200);
        let opened = visitor.get_with("/protected", reply.text("access_token")).await;
        opened.assert_status(200);
    }
}

/// No optional body may be `null`, nor may what has no way to be: a header, a query, a form.
#[test]
fn nothing_is_documented_as_null_that_cannot_be() {
    let is_null = |schema: &Value| {
        let alternatives = schema["oneOf"].as_array().into_iter().flatten();
        schema["type"]
            .as_array()
            .is_some_and(|types| types.contains(&json!("null")))
            || alternatives.into_iter().any(|schema| schema["type"] == "null")
    };
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(!is_null(&parameter["schema"]), "{path}: {parameter}");
            }
            for content in operation["requestBody"]["content"]
                .as_object()
                .into_iter()
                .flatten()
            {
                assert!(!is_null(&content.1["schema"]), "{path}: {content:?}");
            }
        }
    }
    for member in DOCUMENT["components"]["schemas"]["TokenForm"]["properties"]
        .as_object()
        .unwrap()
    {
        assert!(!is_null(member.1), "{member:?}");
    }
}

/// What numbers in a query may be is what the document says, to the last one.
#[tokio::test]
async fn numbers_in_queries_have_the_bounds_that_are_documented() {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    let program = Program::new(&server, &ada, "feeder", &["revocations:read"]).await;
    let mut checked = 0;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
            if schema["type"] != "integer" {
                continue;
            }
            let ask = async |value: i64| {
                let path = format!("{path}?{name}={value}");
                if path.starts_with("/admin/") {
                    ada.get(&path).await
                } else {
                    program.get(&path).await
                }
            };
            for (bound, beyond) in [("minimum", -1), ("maximum", 1)] {
                let Some(bound) = schema[bound].as_i64() else {
                    continue;
                };
                ask(bound).await.assert_status(200);
                ask(bound + beyond).await.assert_code(422, "invalid_request");
                checked += 1;
            }
            if schema["minimum"].is_null() {
                ask(-1).await.assert_status(200);
            }
        }
    }
    assert!(checked >= 5, "{checked}");
}

/// Comments are for whoever works on the service, descriptions for whoever calls it.
#[test]
fn descriptions_speak_of_the_service_and_not_of_its_code() {
    let text = DOCUMENT.to_string();
    for word in [
        "by hand",
        "the document",
        "handler",
        "extractor",
        "serde",
        "struct",
    ] {
        assert!(!text.contains(word), "{word}");
    }
}
