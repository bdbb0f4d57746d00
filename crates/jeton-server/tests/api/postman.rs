//! The Postman collection in `docs/postman`: made of the document and of the five seeds, and current.

use std::{fs, path::PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::actors::DOCUMENT;

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// Names are new in each run, so that it can be run again on the same service.
const NAMES_OF_A_RUN: [&str; 3] = [
    "if (!pm.collectionVariables.get(\"run\")) {",
    "    pm.collectionVariables.set(\"run\", Date.now().toString(36));",
    "}",
];

/// One of the documents the project was created from, as requests in their order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    name: String,
    description: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    /// Method and path.
    call: String,
    body: Option<Value>,
    /// The variable that holds the token.
    bearer: Option<String>,
    /// The whole of the `Authorization` header.
    header: Option<String>,
    status: u16,
    /// The code of a refusal.
    error: Option<String>,
    /// Variables, and the members of the answer they are set to.
    #[serde(default)]
    saves: Map<String, Value>,
}

fn file() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/postman/jeton.json"
    ))
}

#[test]
fn the_postman_collection_is_what_the_document_makes_of_it() {
    let kept = fs::read_to_string(file()).unwrap_or_default();
    assert!(
        kept == collection(),
        "docs/postman/jeton.json is not current: `cargo xtask postman` writes it anew"
    );
}

#[test]
#[ignore = "writes docs/postman/jeton.json: `cargo xtask postman` runs it"]
fn write_the_postman_collection() {
    fs::create_dir_all(file().parent().unwrap()).unwrap();
    fs::write(file(), collection()).unwrap();
}

fn collection() -> String {
    let seeds: Vec<Seed> = serde_json::from_str(include_str!("postman/seeds.json")).unwrap();
    let seeds = seeds.iter().enumerate().map(|(number, seed)| {
        json!({
            "name": format!("Seed {number:03}: {}", seed.name),
            "description": seed.description,
            "item": seed.steps.iter().map(step).collect::<Vec<_>>(),
        })
    });
    let tags = DOCUMENT["tags"].as_array().unwrap().iter().map(routes_of);
    let variables = json!([
        { "key": "base", "value": "http://localhost:5000" },
        { "key": "run", "value": "" },
        { "key": "token", "value": "" },
        { "key": "first_refresh_token", "value": "" },
        { "key": "refresh_token", "value": "" },
        { "key": "sample", "value": "" },
        { "key": "client_id", "value": "" },
        { "key": "client_secret", "value": "" },
    ]);
    let whole = json!({
        "info": {
            "name": "Jeton",
            "description": "Run the seeds from the first request to the last; the other folders have every route once.",
            "schema": SCHEMA,
        },
        "variable": variables,
        "event": [script("prerequest", &NAMES_OF_A_RUN.map(str::to_owned))],
        "item": seeds.chain(tags).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn step(step: &Step) -> Value {
    let (method, path) = step.call.split_once(' ').unwrap();
    let operation = &DOCUMENT["paths"][path][method.to_lowercase()];
    let status = step.status.to_string();
    assert!(
        operation["responses"][&status].is_object(),
        "{}: {status} is not documented",
        step.call
    );
    let mut lines = vec![format!(
        "pm.test(\"{status}\", () => pm.response.to.have.status({status}));"
    )];
    if let Some(code) = &step.error {
        lines.push(format!(
            "pm.test(\"{code}\", () => pm.expect(pm.response.json().error).to.equal(\"{code}\"));"
        ));
    }
    for (variable, member) in &step.saves {
        let member = member.as_str().unwrap();
        lines.push(format!(
            "pm.collectionVariables.set(\"{variable}\", pm.response.json().{member});"
        ));
    }
    let mut headers = Vec::new();
    if let Some(value) = &step.header {
        headers.push(json!({ "key": "Authorization", "value": value }));
    }
    let auth = match &step.bearer {
        Some(variable) => bearer(variable),
        None => json!({ "type": "noauth" }),
    };
    let mut request = json!({ "method": method, "auth": auth, "url": url(path, &[]) });
    if let Some(body) = &step.body {
        headers.push(json!({ "key": "Content-Type", "value": "application/json" }));
        request["body"] = raw(body);
    }
    request["header"] = headers.into();
    json!({ "name": step.name, "event": [script("test", &lines)], "request": request })
}

/// The routes under a tag of the document, each once.
fn routes_of(tag: &Value) -> Value {
    let mut items = Vec::new();
    for (path, methods) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["tags"][0] == tag["name"] {
                items.push(route(path, method, operation));
            }
        }
    }
    json!({
        "name": format!("Every route: {}", tag["name"].as_str().unwrap()),
        "description": tag["description"],
        "item": items,
    })
}

fn route(path: &str, method: &str, operation: &Value) -> Value {
    let parameters = operation["parameters"].as_array();
    let parameters: Vec<_> = parameters.into_iter().flatten().cloned().collect();
    let mut request = json!({
        "method": method.to_uppercase(),
        "auth": auth_of(operation),
        "header": [],
        "url": url(path, &parameters),
    });
    if let Some(text) = operation["description"].as_str() {
        request["description"] = text.into();
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        let (kind, body) = content.iter().next().unwrap();
        let example = example(body);
        request["header"] = json!([{ "key": "Content-Type", "value": kind }]);
        request["body"] = if kind == "application/json" {
            raw(&example)
        } else {
            form(&example)
        };
    }
    json!({ "name": operation["summary"], "request": request })
}

/// The first way to prove who asks that a program can take.
fn auth_of(operation: &Value) -> Value {
    let ways = operation["security"].as_array();
    let way = ways.into_iter().flatten().find_map(|way| {
        let (name, _) = way.as_object()?.iter().next()?;
        match &**name {
            "bearer" => Some(bearer("token")),
            "refresh" => Some(bearer("refresh_token")),
            "client" => Some(json!({
                "type": "basic",
                "basic": [
                    { "key": "username", "value": "{{client_id}}", "type": "string" },
                    { "key": "password", "value": "{{client_secret}}", "type": "string" },
                ],
            })),
            _ => None,
        }
    });
    way.unwrap_or_else(|| json!({ "type": "noauth" }))
}

fn bearer(variable: &str) -> Value {
    let token = format!("{{{{{variable}}}}}");
    json!({ "type": "bearer", "bearer": [{ "key": "token", "value": token, "type": "string" }] })
}

fn url(path: &str, parameters: &[Value]) -> Value {
    let path = path.replace('{', ":").replace('}', "");
    let segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let named = |place: &'static str| {
        let of_place = parameters.iter().filter(move |one| one["in"] == place);
        of_place.map(move |one| {
            let mut member = json!({ "key": one["name"], "value": "", "description": one["description"] });
            if place == "query" {
                member["disabled"] = true.into();
            }
            member
        })
    };
    json!({
        "raw": format!("{{{{base}}}}{path}"),
        "host": ["{{base}}"],
        "path": segments,
        "query": named("query").collect::<Vec<_>>(),
        "variable": named("path").collect::<Vec<_>>(),
    })
}

/// The example of a body, at its schema.
fn example(body: &Value) -> Value {
    if body["example"].is_object() {
        return body["example"].clone();
    }
    let mut schema = &body["schema"];
    for _ in 0..3 {
        if schema["example"].is_object() {
            break;
        }
        let next = schema["$ref"].as_str().or_else(|| {
            let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array())?;
            choices.iter().find_map(|one| one["$ref"].as_str())
        });
        let Some(next) = next else { break };
        schema = DOCUMENT.pointer(next.trim_start_matches('#')).unwrap();
    }
    assert!(schema["example"].is_object(), "no example: {body}");
    schema["example"].clone()
}

fn raw(body: &Value) -> Value {
    json!({
        "mode": "raw",
        "raw": format!("{body:#}"),
        "options": { "raw": { "language": "json" } },
    })
}

fn form(fields: &Value) -> Value {
    let fields = fields.as_object().unwrap().iter();
    // The client proves itself in the header.
    let fields = fields.filter(|(name, _)| !matches!(&***name, "client_id" | "client_secret"));
    let fields: Vec<_> = fields
        .map(|(name, value)| json!({ "key": name, "value": value }))
        .collect();
    json!({ "mode": "urlencoded", "urlencoded": fields })
}

fn script(listen: &str, lines: &[String]) -> Value {
    json!({ "listen": listen, "script": { "type": "text/javascript", "exec": lines } })
}
