//! Bodies that mean to bring the service down, on every route that takes one.

use std::{collections::BTreeSet, thread};

use http::Method;
use jeton::testkit::{RESERVED_NAMES, nested_in_texts};
use serde_json::Value;
use tokio::runtime;

use crate::actors::{Actor, Admin, Call, DOCUMENT, Server, on_postgres};

/// An operation of the document that takes a body.
struct Operation {
    method: Method,
    path: String,
    content_type: String,
    members: BTreeSet<String>,
    /// Whether no request goes without a token: it is in no body, and no password takes its place.
    needs_a_token: bool,
    is_for_administrators: bool,
}

impl Operation {
    fn call(&self, actor: &impl Actor) -> Call {
        actor.call(self.method.clone(), &self.path)
    }

    /// Bodies in which this value stands for each member there is, and for one there is not.
    fn bodies<'o>(&'o self, value: &'o str) -> impl Iterator<Item = String> + 'o {
        let names = self.members.iter().map(String::as_str).chain(["unknown"]);
        names.map(move |name| format!(r#"{{"{name}":{value}}}"#))
    }
}

fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else {
                continue;
            };
            let (content_type, content) = content.iter().next().unwrap();
            let schema = content["schema"].to_string();
            let schema = schema.split("#/components/schemas/").nth(1);
            let name = schema.map_or("", |rest| rest.split('"').next().unwrap());
            let properties = &DOCUMENT["components"]["schemas"][name]["properties"];
            let ways_in: Vec<_> = operation["security"].as_array().into_iter().flatten().collect();
            // A client proves itself otherwise.
            let is_open = |way: &&Value| {
                way.as_object()
                    .is_some_and(|way| way.is_empty() || way.contains_key("client"))
            };
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.replace("{id}", "019b0000-0000-7000-8000-000000000000"),
                content_type: content_type.clone(),
                members: properties
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone())
                    .collect(),
                needs_a_token: !ways_in.is_empty() && !ways_in.iter().any(is_open),
                is_for_administrators: path.starts_with("/admin/") || path == "/sign-token",
            });
        }
    }
    assert!(operations.len() > 15, "the document lists fewer than there are");
    operations
}

/// Values that name a member as the parser names its own.
fn hostile() -> impl Iterator<Item = String> {
    RESERVED_NAMES.into_iter().flat_map(|name| {
        [
            nested_in_texts(name, 55),
            nested_in_texts(name, 1),
            format!(r#"{{"{name}":"1"}}"#),
            format!(r#"[{{"a":1,"{}":"{{}}"}}]"#, name.replace('$', r"\u0024")),
        ]
    })
}

async fn assert_refused(operation: &Operation, actor: &impl Actor, body: String) {
    let size = body.len();
    let reply = operation.call(actor).raw(&operation.content_type, body).await;
    assert!(
        reply.status.is_client_error(),
        "{} {} with {size} bytes: {}",
        operation.method,
        operation.path,
        reply.body
    );
}

async fn send_everything(admin: &Admin, operations: &[Operation]) {
    for operation in operations {
        for value in hostile() {
            for body in operation.bodies(&value) {
                assert_refused(operation, admin, body).await;
            }
            assert_refused(operation, admin, value).await;
        }
    }
    for operation in operations
        .iter()
        .filter(|operation| operation.content_type == "application/json")
    {
        for name in RESERVED_NAMES {
            let value = format!(r#"{{"a":[{{"{name}":"1"}}]}}"#);
            let body = format!(r#"{{"unknown":{value}}}"#);
            let reply = operation.call(admin).raw("application/json", body).await;
            let sentence =
                "A member's name begins with `$serde_json::private::`, which is reserved: choose another";
            reply.assert_error(422, "invalid_request", sentence);
        }
    }
}

/// A parser that took such a member for JSON text would nest without a limit: 38 KB of it end a process.
#[test]
fn no_body_needs_more_than_a_small_stack() {
    let threads = runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let admin = threads.block_on(async { Server::start().await.admin("ada").await });
    let handle = threads.handle();
    // The greeting of a database that encrypts its connections takes more than a parser may, when nothing is optimised.
    let stack = if on_postgres() { 1024 } else { 256 } * 1024;
    thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(stack);
        let work = || handle.block_on(send_everything(&admin, &operations()));
        small.spawn_scoped(scope, work).unwrap().join().unwrap();
    });
    threads.block_on(admin.assert_is_in());
}

/// Nobody has a body parsed by asking for what they may not.
#[tokio::test]
async fn who_may_is_asked_before_what_they_sent() {
    let server = Server::start().await;
    let (visitor, romel) = (server.visitor(), server.signed_up("Romel").await);
    let guarded = operations();
    let guarded: Vec<_> = guarded
        .iter()
        .filter(|operation| operation.needs_a_token)
        .collect();
    assert!(guarded.iter().any(|operation| operation.path == "/password"));
    for operation in guarded {
        let values = ["{", "nonsense", r#"{"unknown":1}"#, "[7]", ""].map(str::to_owned);
        for body in values
            .into_iter()
            .chain(hostile().map(|value| format!(r#"{{"unknown":{value}}}"#)))
        {
            let call = operation
                .call(&visitor)
                .raw(&operation.content_type, body.clone());
            call.await.assert_error(401, "token_missing", "Token is missing");
            if operation.is_for_administrators {
                let call = operation.call(&romel).raw(&operation.content_type, body);
                let sentence = "The token's user may not do this";
                call.await.assert_error(403, "insufficient_scope", sentence);
            }
        }
    }
}
