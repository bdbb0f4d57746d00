//! Holds every answer against the OpenAPI document.

use std::sync::LazyLock;

use http::Method;
use serde_json::Value;

use super::Reply;

pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(jeton_server::http::openapi()).unwrap());

/// An error's code is in the document; a success is documented and has the shape the document gives it.
pub(super) fn check(reply: &Reply) {
    if reply.sent.method == Method::HEAD || reply.sent.method == Method::OPTIONS {
        return;
    }
    if reply.is_error() {
        let codes = DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"]
            .as_array()
            .unwrap();
        assert!(
            codes.contains(&reply.json["error"]),
            "not in the document: {}",
            reply.body
        );
        return;
    }
    let operation = operation(reply).unwrap_or_else(|| panic!("{} is not documented", reply.sent.path));
    let answer = &operation["responses"][reply.status.as_str()];
    if reply.body.is_empty() && answer.is_object() && answer["content"].is_null() {
        return;
    }
    let content_type = reply.header("content-type").split(';').next().unwrap();
    let schema = &answer["content"][content_type]["schema"];
    assert!(
        schema.is_object(),
        "{} {} is not documented",
        reply.sent.path,
        reply.status
    );
    if let Err(problem) = conforms(schema, &reply.json) {
        panic!("{} {}: {problem}", reply.sent.path, reply.body);
    }
}

fn operation(reply: &Reply) -> Option<&'static Value> {
    let path = reply.sent.path.split('?').next()?;
    let method = reply.sent.method.as_str().to_lowercase();
    let paths = DOCUMENT["paths"].as_object()?;
    // At the path of an issuer, too, which the document cannot know.
    let documents = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ];
    let path = documents
        .into_iter()
        .find(|document| path.contains(document))
        .unwrap_or(path);
    let (_, item) = paths.iter().find(|(template, _)| fits(template, path))?;
    item.get(&method)
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if wanted == found || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The part of JSON Schema this service's document uses: references, types, members and alternatives.
fn conforms(schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return conforms(&DOCUMENT["components"]["schemas"][name], value);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().any(|choice| conforms(choice, value).is_ok());
        return fits
            .then_some(())
            .ok_or(format!("{value} is none of {choices:?}"));
    }
    if !has_type(&schema["type"], value) {
        return Err(format!("{value} is not {}", schema["type"]));
    }
    match value {
        Value::Object(members) => members_conform(schema, members),
        Value::Array(items) => items.iter().try_for_each(|item| conforms(&schema["items"], item)),
        _ => Ok(()),
    }
}

fn members_conform(schema: &Value, members: &serde_json::Map<String, Value>) -> Result<(), String> {
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.map(|name| name.as_str().unwrap()) {
        if !members.contains_key(name) {
            return Err(format!("{name} is missing"));
        }
    }
    let Some(properties) = schema["properties"].as_object() else {
        return Ok(());
    };
    for (name, value) in members {
        let schema = properties.get(name).ok_or(format!("{name} is not documented"))?;
        conforms(schema, value).map_err(|problem| format!("{name}: {problem}"))?;
    }
    Ok(())
}

fn has_type(types: &Value, value: &Value) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match types {
        Value::String(only) => only == name,
        Value::Array(some) => some.iter().any(|one| one == name),
        _ => types.is_null(),
    }
}
