//! The operations of the running service, as its own OpenAPI document lists them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub struct Document {
    pub operations: Vec<Operation>,
    schemas: Map<String, Value>,
}

pub struct Operation {
    pub method: String,
    /// With names in braces.
    pub path: String,
    pub statuses: BTreeSet<u16>,
    pub body: Option<Body>,
    /// The names of its query's parameters.
    pub query: Vec<(String, Value)>,
}

pub struct Body {
    pub content_type: String,
    pub schema: Value,
}

impl Document {
    pub fn read(document: &Value) -> Option<Self> {
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object()? {
            for (method, operation) in methods.as_object()? {
                operations.push(Operation::read(path, method, operation)?);
            }
        }
        let schemas = document["components"]["schemas"].as_object()?.clone();
        Some(Self { operations, schemas })
    }

    /// The schema itself where there is only its name, and the first of several that is not null.
    pub fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap_or(name);
            return self
                .schemas
                .get(name)
                .map_or(&Value::Null, |schema| self.resolved(schema));
        }
        let choices = schema["oneOf"].as_array().or(schema["allOf"].as_array());
        match choices.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            Some(first) => self.resolved(first),
            None => schema,
        }
    }
}

impl Operation {
    fn read(path: &str, method: &str, operation: &Value) -> Option<Self> {
        let statuses = operation["responses"].as_object()?.keys();
        let content = operation["requestBody"]["content"].as_object();
        let body = content.and_then(|content| content.iter().next());
        let parameters = operation["parameters"].as_array();
        let query = parameters
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query");
        Some(Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            statuses: statuses.filter_map(|status| status.parse().ok()).collect(),
            body: body.map(|(content_type, media)| Body {
                content_type: content_type.clone(),
                schema: media["schema"].clone(),
            }),
            query: query
                .filter_map(|parameter| {
                    Some((
                        parameter["name"].as_str()?.to_owned(),
                        parameter["schema"].clone(),
                    ))
                })
                .collect(),
        })
    }
}
