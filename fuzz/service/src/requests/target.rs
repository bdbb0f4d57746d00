//! Request targets: the path of an operation with ids in it, and its query.

use super::{document::Operation, hostile, json::Json, people::People};
use crate::random::Random;

/// Routes that are not in the document, or not quite.
const ELSEWHERE: &[&str] = &[
    "/",
    "//",
    "/*",
    "*",
    "/admin",
    "/admin/",
    "/docs",
    "/login/",
    "//login",
    "/LOGIN",
    "/login%00",
    "/%6cogin",
    "/.well-known/openid-configuration",
    "/oauth/",
    "/oauth/authorize",
    "/admin/users/%2e%2e/keys",
    "/sessions/../profile",
    "/register;a=b",
    "/profile?",
    "/profile#a",
    "http://localhost/profile",
    "http://evil.example/profile",
    "/\u{fc}",
    "/login?a=%",
    "/metrics/../admin/users",
    "localhost:80",
];

const IDS: &[&str] = &[
    "0",
    "-1",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "%00",
    "..",
    "%2e%2e",
    "%2f",
    "%ff",
    "a",
    "'",
    "%F0%9F%98%80",
    "{id}",
    "01a2237c09bc787181f5921c015c2fe9",
];

/// A target, and whether it still is one of the operation's.
pub fn of(random: &mut Random, operation: &Operation, people: &People) -> (String, bool) {
    let mut path = operation.path.clone();
    let mut plain = true;
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        let (id, is_plain) = id(random, &path[start..=end], people);
        path.replace_range(start..=end, &id.replace(['{', '}'], "%7B"));
        plain &= is_plain;
    }
    match random.within(0..40) {
        0 => path.push('/'),
        1 => path.insert(0, '/'),
        2 => path = path.to_uppercase(),
        3 => path.push_str(&"a".repeat(*random.pick(&[300, 9_000, 70_000]))),
        4 => path.push_str("/.."),
        _ => {
            let query = query(random, operation);
            return (format!("{path}{query}"), plain);
        }
    }
    (path, false)
}

pub fn elsewhere(random: &mut Random) -> String {
    if random.one_in(4) {
        return format!("/{}", random.letters(5));
    }
    (*random.pick(ELSEWHERE)).to_owned()
}

fn id(random: &mut Random, name: &str, people: &People) -> (String, bool) {
    let own = match name {
        "{session}" => &people.user.session,
        _ => random.pick(&[
            &people.user.id,
            &people.program.id,
            &people.user.session,
            &people.administrator.id,
        ]),
    };
    match random.within(0..8) {
        0 => ((*random.pick(IDS)).to_owned(), false),
        1 => ("a".repeat(random.within(1..5000)), true),
        _ => (own.clone(), true),
    }
}

fn query(random: &mut Random, operation: &Operation) -> String {
    let mut pairs = Vec::new();
    for (name, schema) in &operation.query {
        if random.one_in(3) {
            let value = match (schema["type"].as_str(), random.within(0..4)) {
                (_, 0) => encoded(&hostile::value(random)),
                (Some("integer"), _) => random
                    .pick(&["0", "1", "2", "200", "1000", "-1", "99999999999999999999"])
                    .to_string(),
                (Some("boolean"), _) => random.pick(&["true", "false", "1", ""]).to_string(),
                _ => random.letters(3),
            };
            pairs.push(format!("{name}={value}"));
            if random.one_in(10) {
                pairs.push(format!("{name}=1"));
            }
        }
    }
    if random.one_in(15) {
        pairs.push((*random.pick(&["a=b", "&&", "=", "%", "%zz=%zz", "limit", "access_token=x"])).to_owned());
    }
    if pairs.is_empty() {
        String::new()
    } else {
        format!("?{}", pairs.join("&"))
    }
}

fn encoded(value: &Json) -> String {
    let mut text = String::new();
    value.write(&mut text);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~\"'".contains(&byte);
    text.bytes()
        .take(3000)
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
