//! The OpenAPI document as a page shows it.

use std::collections::BTreeSet;

use jeton::json::{self, Object};
use serde_json::{Map, Value};

use super::{
    prose::Prose,
    schema::{self, Member},
};
use crate::{
    http::ErrorCode,
    pages::texts::{Docs, Text},
};

/// The operations by their tags, in the document's order.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) sections: Vec<Section>,
    /// Answers that every operation may give.
    pub(super) everywhere: Vec<Answer>,
    pub(super) codes: Vec<Code>,
}

#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) description: Prose,
    pub(super) operations: Vec<Operation>,
}

#[derive(Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: Prose,
    pub(super) description: Prose,
    pub(super) proofs: Vec<Proof>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    pub(super) is_deprecated: bool,
    /// Whether it removes something, or changes what is not the caller's own.
    pub(super) is_grave: bool,
}

/// The credential by which an operation knows who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Access,
    Refresh,
    Cookie,
    Client,
    None,
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    pub(super) place: String,
    pub(super) kind: Prose,
    pub(super) is_required: bool,
    pub(super) description: Prose,
}

#[derive(Debug)]
pub(super) struct Body {
    pub(super) media_type: String,
    pub(super) is_required: bool,
    pub(super) members: Vec<Member>,
    pub(super) example: String,
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) description: Prose,
    pub(super) members: Vec<Member>,
}

#[derive(Debug)]
pub(super) struct Code {
    pub(super) name: String,
    pub(super) meaning: Prose,
}

impl Document {
    pub(super) fn read(text: &str) -> Self {
        let Object(root) = json::from_str(text).unwrap_or_default();
        let root = Value::Object(root);
        let mut operations = operations(&root);
        let everywhere = everywhere(&operations);
        let is_everywhere = |answer: &Answer| everywhere.iter().any(|other| other.is_like(answer));
        for (_, operation) in &mut operations {
            operation.answers.retain(|answer| !is_everywhere(answer));
        }
        let sections = list(&root["tags"]).map(|tag| {
            let name = text_of(&tag["name"]);
            let of_tag = operations.extract_if(.., |(tag, _)| *tag == name);
            Section {
                operations: of_tag.map(|(_, operation)| operation).collect(),
                description: Prose::of(&tag["description"]),
                name: name.to_owned(),
            }
        });
        Self {
            sections: sections.collect(),
            everywhere,
            codes: ErrorCode::ALL.iter().map(code).collect(),
        }
    }
}

fn code((code, meaning): &(ErrorCode, &str)) -> Code {
    Code {
        name: code.to_string(),
        meaning: Prose::new(meaning.trim()),
    }
}

impl Proof {
    pub(super) const fn label(self, docs: &Docs) -> &Text {
        match self {
            Self::Access => &docs.by_access,
            Self::Refresh => &docs.by_refresh,
            Self::Cookie => &docs.by_cookie,
            Self::Client => &docs.by_client,
            Self::None => &docs.by_nobody,
        }
    }
}

impl Answer {
    /// Whether it is one of those one hopes for.
    pub(super) fn class(&self) -> &'static str {
        if self.status.starts_with('2') {
            "good"
        } else {
            "bad"
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.status == other.status && self.description == other.description
    }
}

/// The answers that are in every operation, word for word.
fn everywhere(operations: &[(String, Operation)]) -> Vec<Answer> {
    let Some(((_, first), others)) = operations.split_first() else {
        return Vec::new();
    };
    let has =
        |operation: &Operation, answer: &Answer| operation.answers.iter().any(|other| other.is_like(answer));
    let answers = first.answers.iter();
    let common = answers.filter(|answer| others.iter().all(|(_, operation)| has(operation, answer)));
    common.cloned().collect()
}

/// The operations and their tags.
fn operations(root: &Value) -> Vec<(String, Operation)> {
    let mut operations = Vec::new();
    for (path, item) in members(&root["paths"]) {
        for (method, written) in members(item) {
            let tag = text_of(&written["tags"][0]);
            operations.push((tag.to_owned(), operation(root, tag, path, method, written)));
        }
    }
    operations
}

fn operation(root: &Value, tag: &str, path: &str, method: &str, written: &Value) -> Operation {
    let changes = method != "get" && path != "/admin/explain";
    Operation {
        id: text_of(&written["operationId"]).to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: Prose::of(&written["summary"]),
        description: Prose::of(&written["description"]),
        proofs: proofs(&written["security"]),
        parameters: list(&written["parameters"])
            .map(|it| parameter(root, it))
            .collect(),
        body: body(root, &written["requestBody"]),
        answers: members(&written["responses"])
            .map(|(status, it)| answer(root, status, it))
            .collect(),
        is_deprecated: written["deprecated"] == true,
        is_grave: method == "delete" || (tag == "administration" && changes),
    }
}

fn proofs(security: &Value) -> Vec<Proof> {
    let named: BTreeSet<_> = list(security)
        .map(|choice| members(choice).next().map_or("", |(name, _)| name.as_str()))
        .collect();
    let all = [
        ("bearer", Proof::Access),
        ("refresh", Proof::Refresh),
        ("cookie", Proof::Cookie),
        ("refresh_cookie", Proof::Cookie),
        ("client", Proof::Client),
    ];
    let proofs: Vec<_> = all.into_iter().filter(|(name, _)| named.contains(name)).collect();
    if proofs.is_empty() {
        return vec![Proof::None];
    }
    proofs.into_iter().map(|(_, proof)| proof).collect()
}

fn parameter(root: &Value, written: &Value) -> Parameter {
    Parameter {
        name: text_of(&written["name"]).to_owned(),
        place: text_of(&written["in"]).to_owned(),
        kind: Prose::new(&schema::kind(root, &written["schema"])),
        is_required: written["required"] == true,
        description: Prose::of(&written["description"]),
    }
}

fn body(root: &Value, written: &Value) -> Option<Body> {
    let (media_type, content) = members(&written["content"]).next()?;
    let schema = &content["schema"];
    let example = match &content["example"] {
        Value::Null => schema::example(root, schema),
        example => example.clone(),
    };
    Some(Body {
        example: if media_type == "application/json" {
            format!("{example:#}")
        } else {
            form(&example)
        },
        media_type: media_type.clone(),
        is_required: written["required"] == true,
        members: schema::members_of(root, schema),
    })
}

/// An example as a form sends it.
fn form(example: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in members(example) {
        form.append_pair(name, text_of(value));
    }
    form.finish()
}

/// An answer. The body of failures is the same everywhere, and is told once.
fn answer(root: &Value, status: &str, written: &Value) -> Answer {
    let content = members(&written["content"]).next();
    let schema = content.map(|(_, content)| &content["schema"]);
    Answer {
        status: status.to_owned(),
        description: Prose::of(&written["description"]),
        members: schema
            .filter(|_| status.starts_with('2'))
            .map(|schema| schema::members_of(root, schema))
            .unwrap_or_default(),
    }
}

pub(super) fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(super) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document::read(crate::http::openapi())
    }

    #[test]
    fn every_operation_is_in_one_section() {
        let Object(root) = json::from_str(crate::http::openapi()).unwrap();
        let paths = root["paths"].as_object().unwrap().values();
        let count: usize = paths.map(|item| item.as_object().unwrap().len()).sum();
        let document = document();
        let operations = document.sections.iter().flat_map(|section| &section.operations);
        let ids: BTreeSet<_> = operations.map(|operation| operation.id.as_str()).collect();
        assert_eq!(ids.len(), count);
        assert!(
            document
                .sections
                .iter()
                .all(|section| !section.operations.is_empty())
        );
    }

    #[test]
    fn what_every_operation_answers_is_told_once() {
        let document = document();
        let statuses: Vec<_> = document
            .everywhere
            .iter()
            .map(|answer| answer.status.as_str())
            .collect();
        assert_eq!(statuses, ["408", "500", "503"]);
    }

    #[test]
    fn a_sign_in_is_whole() {
        let document = document();
        let mut operations = document.sections.iter().flat_map(|section| &section.operations);
        let login = operations.find(|operation| operation.id == "post_login").unwrap();
        let body = login.body.as_ref().unwrap();
        assert!(body.example.contains("\"username\": \"Romel\""));
        let names: Vec<_> = body.members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["password", "username", "cookies"]);
        assert_eq!(login.proofs, [Proof::None]);
        assert!(!login.is_grave);
        assert!(login.answers.iter().any(|answer| answer.status == "429"));
    }

    #[test]
    fn what_removes_or_administers_is_marked() {
        let document = document();
        let all = document.sections.iter().flat_map(|section| &section.operations);
        for operation in all {
            let expected = operation.method == "DELETE"
                || (operation.path.starts_with("/admin/")
                    && operation.method != "GET"
                    && operation.path != "/admin/explain");
            assert_eq!(operation.is_grave, expected, "{}", operation.id);
        }
    }

    #[test]
    fn every_code_has_its_meaning() {
        let document = document();
        assert!(document.codes.iter().any(|code| code.name == "token_reused"));
        for code in &document.codes {
            assert!(
                code.meaning
                    .as_str()
                    .starts_with(|letter: char| letter.is_ascii_digit()),
                "{}",
                code.name
            );
        }
    }
}
