//! Bodies: from the schema of an operation, then made worse.

use serde_json::Value;

use super::{
    document::{Body, Document},
    hostile,
    json::Json,
    people::{People, Role},
};
use crate::{random::Random, requests::SECRET};

/// How deep a schema is followed.
const DEPTH: usize = 6;

/// How many members are made worse at once.
const MANY: usize = 8;

/// Longer than the longest body that is read, and no longer than what is thrown away before a refusal.
const LONGEST: usize = 1024 * 1024;

/// The bytes of a body for an operation.
pub fn bytes(random: &mut Random, document: &Document, body: &Body, people: &People, role: Role) -> Vec<u8> {
    let mut json = Filler {
        random,
        document,
        people,
        role,
    }
    .value(&body.schema, "", DEPTH);
    if body.content_type.contains("form") {
        return form(random, &json);
    }
    for _ in 0..random.weighted(&[(4, 0), (5, 1), (2, 2), (1, 4)]) {
        worsen(random, &mut json);
    }
    let mut text = String::new();
    json.write(&mut text);
    text.truncate(text.floor_char_boundary(LONGEST));
    if random.one_in(4) {
        broken(random, text)
    } else {
        text.into_bytes()
    }
}

/// A body for what has none by the document.
pub fn unasked(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    hostile::value(random).write(&mut text);
    text.into_bytes()
}

struct Filler<'a> {
    random: &'a mut Random,
    document: &'a Document,
    people: &'a People,
    role: Role,
}

impl Filler<'_> {
    fn value(&mut self, schema: &Value, name: &str, depth: usize) -> Json {
        let document = self.document;
        let schema = document.resolved(schema);
        if depth == 0 {
            return Json::raw("null");
        }
        if let Some(choices) = schema["enum"].as_array() {
            return Json::raw(self.random.pick(choices));
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds
                .iter()
                .find_map(|kind| kind.as_str().filter(|kind| *kind != "null")),
            kind => kind.as_str(),
        };
        match kind {
            Some("object") => self.object(schema, depth),
            Some("array") => {
                let count = self.random.within(0..4);
                Json::Array(
                    (0..count)
                        .map(|_| self.value(&schema["items"], name, depth - 1))
                        .collect(),
                )
            }
            Some("boolean") => Json::raw(self.random.one_in(2)),
            Some("integer" | "number") => {
                let number = self.random.within(0..1000);
                Json::raw(*self.random.pick(&[0, 1, 60, 900, number]))
            }
            Some("string") => self.text(name),
            _ => hostile::value(self.random),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Json {
        let Some(properties) = schema["properties"].as_object() else {
            let member = (self.random.letters(4), Json::text("a"));
            return Json::Object(if self.random.one_in(3) {
                Vec::new()
            } else {
                vec![member]
            });
        };
        let is_required = |name: &String| {
            let required = schema["required"].as_array();
            required.is_some_and(|names| names.iter().any(|one| one == name))
        };
        let mut members = Vec::new();
        for (name, schema) in properties {
            if is_required(name) || self.random.one_in(3) {
                members.push((name.clone(), self.value(schema, name, depth - 1)));
            }
        }
        Json::Object(members)
    }

    /// A text such as a member of this name has, often one that means something.
    fn text(&mut self, name: &str) -> Json {
        let own = self.people.of(self.role).unwrap_or(&self.people.user);
        let letters = self.random.letters(8);
        let secret = format!("{SECRET}{}", self.random.letters(6));
        let text = match (name, self.random.within(0..3)) {
            (_, 0) => return hostile::value(self.random),
            ("username", 1) => letters,
            ("username", _) => own.name.clone(),
            ("password" | "current_password", _) => own.password.clone(),
            ("new_password" | "client_secret" | "code", _) => secret,
            ("token", _) => own.access.clone(),
            ("refresh_token", _) => own.refresh.clone(),
            ("jti" | "client_id", _) => own.id.clone(),
            ("email", _) => format!("{letters}@example.org"),
            ("roles" | "scopes" | "scope", _) => {
                (*self.random.pick(&["revocations:read", "editor", "x"])).to_owned()
            }
            ("grant_type", _) => (*self
                .random
                .pick(&["client_credentials", "refresh_token", "password"]))
            .to_owned(),
            ("algorithm" | "alg", _) => (*self.random.pick(&["ES256", "RS256", "HS256", "none"])).to_owned(),
            _ => letters,
        };
        Json::Text(text)
    }
}

/// One change to a value somewhere in it.
fn worsen(random: &mut Random, json: &mut Json) {
    let mut here = json;
    for _ in 0..random.within(0..4) {
        let count = here.children().len();
        if count == 0 {
            break;
        }
        let place = random.within(0..count);
        here = here.children().remove(place);
    }
    match (random.within(0..6), &mut *here) {
        (0, Json::Object(members)) if !members.is_empty() => {
            let twin = random.pick(members).clone();
            members.push(twin);
        }
        (1, Json::Object(members)) if !members.is_empty() => {
            members.remove(random.within(0..members.len()));
        }
        (2 | 3, Json::Object(members)) => members.push((hostile::name(random), hostile::value(random))),
        (4, Json::Object(members)) => {
            for (_, value) in members.iter_mut().take(MANY) {
                *value = hostile::value(random);
            }
        }
        (5, Json::Array(items)) => items.push(hostile::value(random)),
        (5, _) => *here = Json::Array(vec![here.clone()]),
        _ => *here = hostile::value(random),
    }
}

/// Bytes that are no JSON any more.
fn broken(random: &mut Random, text: String) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    let place = random.within(0..bytes.len() + 1);
    match random.within(0..9) {
        0 => bytes.truncate(place),
        1 => bytes.insert(place, random.next() as u8),
        2 => drop(bytes.splice(place..place, [0xC3, 0x28])),
        3 => drop(bytes.splice(0..0, *b"\xEF\xBB\xBF")),
        4 => bytes = utf_16(&bytes, u16::to_le_bytes, [0xFF, 0xFE]),
        5 => bytes = utf_16(&bytes, u16::to_be_bytes, [0xFE, 0xFF]),
        6 => bytes.extend_from_slice(b" {}"),
        7 => bytes = random.bytes(place),
        _ => drop(bytes.splice(0..0, vec![b' '; random.within(0..200_000)])),
    }
    bytes
}

fn utf_16(bytes: &[u8], order: fn(u16) -> [u8; 2], mark: [u8; 2]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    mark.into_iter()
        .chain(text.encode_utf16().flat_map(order))
        .collect()
}

/// The members as a form; some twice, some not encoded as they should be.
fn form(random: &mut Random, json: &Json) -> Vec<u8> {
    let Json::Object(members) = json else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (name, value) in members {
        let mut text = String::new();
        value.write(&mut text);
        let value = text
            .trim_matches('"')
            .replace(['&', ' ', '%'], *random.pick(&["+", "%20", "%", "%zz", "%C3%28"]));
        for _ in 0..random.weighted(&[(8, 1), (1, 2), (1, 0)]) {
            pairs.push(format!("{name}={value}"));
        }
    }
    pairs.join(*random.pick(&["&", "&", "&", ";", "&&"])).into_bytes()
}
