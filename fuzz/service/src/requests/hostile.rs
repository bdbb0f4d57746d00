//! Values that have ended parsers before.

use super::json::Json;
use crate::random::Random;

/// The member name by which `serde_json` hands raw JSON text through serde: whoever reads it from outside reads the
/// text in it with a fresh limit on depth.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

const NAMES: &[&str] = &[
    RAW_VALUE,
    "$serde_json::private::Number",
    "$serde::private::RawValue",
    "$__toml_private_datetime",
    "__proto__",
    "constructor",
    "",
    "\u{0}",
    "roles",
    "sub",
    "exp",
    "is_admin",
];

const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1.5",
    "1e308",
    "1e400",
    "-1e400",
    "1E-400",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "9007199254740993",
    "0.1e1",
    "01",
    "+1",
    ".5",
    "1.",
    "1e",
    "NaN",
    "Infinity",
    "0x10",
];

const TEXTS: &[&str] = &[
    r#""""#,
    r#""\u0000""#,
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\uD83D""#,
    r#""\x41""#,
    "\"\t\"",
    "\"\n\"",
    r#""\u202e""#,
    r#""' OR 1=1 --""#,
    r#""%s%n%x""#,
    r#""${jndi:ldap://a}""#,
    r#""../../etc/passwd""#,
    r#""<script>alert(1)</script>""#,
    r#""аdmin""#,
    r#""ADMIN""#,
    r#"" ""#,
    r#""﷽""#,
    r#""e\u0301""#,
    "'a'",
    "\"",
];

pub fn name(random: &mut Random) -> String {
    (*random.pick(NAMES)).to_owned()
}

/// A value of any type that no schema asked for.
pub fn value(random: &mut Random) -> Json {
    match random.within(0..12) {
        0 => Json::raw("null"),
        1 => Json::raw(random.pick(&["true", "false", "tru", "nul", "undefined", ""])),
        2 | 3 => Json::raw(random.pick(NUMBERS)),
        4 | 5 => Json::raw(random.pick(TEXTS)),
        6 => Json::Array(Vec::new()),
        7 => Json::Object(Vec::new()),
        8 => deep(random),
        9 => long(random),
        10 => wide(random),
        _ => Json::raw(raw_values(random.within(1..61))),
    }
}

/// The private member in escaped strings within each other: each level starts to count depth anew.
pub fn raw_values(levels: usize) -> String {
    let mut text = String::new();
    for level in 0..levels {
        let quote = quote(level);
        text.push_str(&"[".repeat(if level == 0 { 20 } else { 126 }));
        text.push_str(&format!("{{{quote}{RAW_VALUE}{quote}:{quote}"));
    }
    text.push('1');
    for level in (0..levels).rev() {
        text.push_str(&quote(level));
    }
    text.push('}');
    text.push_str(&"]".repeat(20));
    text
}

/// A quotation mark that is one after so many strings around it were read.
fn quote(level: usize) -> String {
    match level {
        0 => "\"".to_owned(),
        1 => r"\u0022".to_owned(),
        _ => format!(r"\u005c{}u0022", "u005c".repeat(level - 2)),
    }
}

fn deep(random: &mut Random) -> Json {
    let levels = *random.pick(&[100, 127, 128, 129, 1000, 30_000]);
    let (open, close) = *random.pick(&[("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":"#, "}]")]);
    let levels = levels.min(120_000 / open.len());
    let closed = if random.one_in(4) { 0 } else { levels };
    Json::Raw(format!("{}1{}", open.repeat(levels), close.repeat(closed)))
}

fn long(random: &mut Random) -> Json {
    let unit = *random.pick(&["a", "\\u0000", "\\\\", "é", "😀", "\u{301}", "0", " ", "-"]);
    let count = *random.pick(&[65, 129, 1025, 10_000, 60_000]);
    Json::Raw(format!("\"{}\"", unit.repeat(count)))
}

fn wide(random: &mut Random) -> Json {
    let count = *random.pick(&[100, 5000, 20_000]);
    if random.one_in(2) {
        return Json::Array(vec![Json::raw("1"); count]);
    }
    let same = random.one_in(2);
    let member = |number: usize| {
        let name = if same {
            "a".to_owned()
        } else {
            format!("m{number}")
        };
        (name, Json::raw(number))
    };
    Json::Object((0..count).map(member).collect())
}

#[cfg(test)]
mod tests {
    use super::{RAW_VALUE, raw_values};

    #[test]
    fn one_level_is_the_member_with_a_number_in_a_string() {
        let levels = raw_values(1);
        let inner = levels.trim_matches(['[', ']']);
        let value: serde_json::Value = serde_json::from_str(inner).unwrap();
        assert_eq!(value[RAW_VALUE], "1");
    }

    #[test]
    fn each_level_is_a_member_in_the_string_of_the_one_before() {
        let mut text = raw_values(4);
        for _ in 0..3 {
            let start = text.find('{').unwrap();
            let end = text.rfind('}').map_or(text.len(), |end| end + 1);
            let value: serde_json::Value = serde_json::from_str(&text[start..end]).unwrap();
            text = format!("{}}}", value[RAW_VALUE].as_str().unwrap());
        }
        assert!(text.ends_with("\"1\"}"), "{text}");
    }
}
