//! Schemas as a page shows them: the members of a body, flat, and an example.

use serde_json::{Map, Value};

use super::{
    document::{list, members, text_of},
    prose::Prose,
};

/// A member of a body, by its path in it: `users[].id`.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: Prose,
    pub(super) is_required: bool,
    pub(super) description: Prose,
}

/// How deep bodies are told.
const DEEPEST: usize = 4;

/// The members of a schema, those that must be there first.
pub(super) fn members_of(root: &Value, schema: &Value) -> Vec<Member> {
    let mut found = Vec::new();
    collect(root, schema, "", 0, &mut found);
    found
}

fn collect(root: &Value, schema: &Value, path: &str, depth: usize, found: &mut Vec<Member>) {
    let schema = resolved(root, schema);
    if depth == DEEPEST {
        return;
    }
    if schema.get("items").is_some() {
        return collect(root, &schema["items"], &format!("{path}[]"), depth, found);
    }
    let is_required = |name: &str| list(&schema["required"]).any(|required| required == name);
    let mut properties: Vec<_> = members(&schema["properties"]).collect();
    properties.sort_by_key(|(name, _)| !is_required(name));
    for (name, property) in properties {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let own = &property["description"];
        let description = if own.is_null() {
            &resolved(root, property)["description"]
        } else {
            own
        };
        found.push(Member {
            name: path.clone(),
            kind: Prose::new(&kind(root, property)),
            is_required: is_required(name),
            description: Prose::of(description),
        });
        collect(root, property, &path, depth + 1, found);
    }
}

/// The name of a schema's type.
pub(super) fn kind(root: &Value, schema: &Value) -> String {
    let nullable = is_nullable(schema);
    let schema = resolved(root, schema);
    let choices: Vec<_> = list(&schema["enum"])
        .map(|choice| format!("`{}`", text_of(choice)))
        .collect();
    let name = if choices.is_empty() {
        match text_of(type_of(schema)) {
            "array" => format!("list of {}", kind(root, &schema["items"])),
            "" => "any value".to_owned(),
            name => name.to_owned(),
        }
    } else {
        choices.join(", ")
    };
    if nullable || is_nullable(schema) {
        format!("{name} or null")
    } else {
        name
    }
}

/// An example of a schema: its own, or one made of its members'.
pub(super) fn example(root: &Value, schema: &Value) -> Value {
    example_within(root, schema, 0)
}

fn example_within(root: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(root, schema);
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(choice) = list(&schema["enum"]).next() {
        return choice.clone();
    }
    match text_of(type_of(schema)) {
        "object" if depth < DEEPEST => {
            let properties = members(&schema["properties"]);
            let made = properties.map(|(name, of)| (name.clone(), example_within(root, of, depth + 1)));
            made.collect::<Map<_, _>>().into()
        }
        "object" => Map::new().into(),
        "array" => Vec::<Value>::new().into(),
        "boolean" => false.into(),
        "integer" | "number" => 0.into(),
        _ => "…".into(),
    }
}

/// The schema that a reference, or a choice between one and null, stands for.
fn resolved<'r>(root: &'r Value, schema: &'r Value) -> &'r Value {
    let mut schema = schema;
    // References do not lead back to themselves; if they did, this would end all the same.
    for _ in 0..DEEPEST {
        let choice = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|name| {
            let mut choices = list(&schema[name]);
            choices.find(|choice| choice["type"] != "null")
        });
        let named = text_of(&schema["$ref"]).strip_prefix("#/components/schemas/");
        schema = match (choice, named) {
            (Some(choice), _) => choice,
            (None, Some(name)) => &root["components"]["schemas"][name],
            (None, None) => return schema,
        };
    }
    schema
}

fn type_of(schema: &Value) -> &Value {
    match &schema["type"] {
        Value::Array(types) => types.iter().find(|name| *name != "null").unwrap_or(&Value::Null),
        name => name,
    }
}

fn is_nullable(schema: &Value) -> bool {
    let in_types = list(&schema["type"]).any(|name| name == "null");
    in_types || list(&schema["oneOf"]).any(|choice| choice["type"] == "null")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn root() -> Value {
        json!({ "components": { "schemas": {
            "List": { "type": "object", "required": ["users"], "properties": {
                "next": { "type": ["string", "null"] },
                "users": { "type": "array", "items": { "$ref": "#/components/schemas/User" } },
            } },
            "User": { "type": "object", "properties": { "state": { "$ref": "#/components/schemas/State" } } },
            "State": { "type": "string", "enum": ["on", "off"], "description": "Whether it is `on`." },
        } } })
    }

    #[test]
    fn members_are_told_by_their_paths() {
        let root = root();
        let found = members_of(&root, &json!({ "$ref": "#/components/schemas/List" }));
        let told: Vec<_> = found
            .iter()
            .map(|member| (member.name.as_str(), member.kind.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("users", "list of object"),
                ("users[].state", "<code>on</code>, <code>off</code>"),
                ("next", "string or null"),
            ]
        );
        assert_eq!(found[1].description.as_str(), "Whether it is <code>on</code>.");
    }

    #[test]
    fn an_example_is_made_where_none_is_given() {
        let root = root();
        let made = example(&root, &json!({ "$ref": "#/components/schemas/User" }));
        assert_eq!(made, json!({ "state": "on" }));
    }

    #[test]
    fn a_schema_of_itself_has_an_end() {
        let root = json!({ "components": { "schemas": {
            "A": { "type": "object", "properties": { "a": { "$ref": "#/components/schemas/A" } } },
            "B": { "$ref": "#/components/schemas/B" },
        } } });
        assert_eq!(
            members_of(&root, &json!({ "$ref": "#/components/schemas/A" })).len(),
            4
        );
        assert!(members_of(&root, &json!({ "$ref": "#/components/schemas/B" })).is_empty());
        example(&root, &json!({ "$ref": "#/components/schemas/A" }));
    }
}
