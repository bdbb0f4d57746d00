/// Names of members that `serde_json` keeps for itself: in a build where any crate has switched its features
/// on, its `Value` takes what stands under them for JSON text, or for a number.
///
/// ```
/// use jeton::{JsonError, json, testkit::RESERVED_NAMES};
///
/// for name in RESERVED_NAMES {
///     let text = format!(r#"{{"{name}":"1"}}"#);
///     assert_eq!(json::from_str::<json::Object>(&text), Err(JsonError::ReservedName));
/// }
/// ```
pub const RESERVED_NAMES: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// A JSON value with a member of a [reserved name](RESERVED_NAMES), in which a text holds the next such value,
/// and so on, `levels` deep. The first stands in 20 arrays, fewer than [`MAX_DEPTH`](crate::MAX_DEPTH), every
/// other in 126, fewer than the parser's own limit of 128: a reader that takes the member at its name counts
/// anew in every text, and runs out of stack.
///
/// ```
/// use jeton::testkit::{RESERVED_NAMES, nested_in_texts};
///
/// let value = nested_in_texts(RESERVED_NAMES[0], 2);
/// assert!(value.starts_with("[[["));
/// assert!(value.contains(r#"{"$serde_json::private::RawValue":"[[["#));
/// assert!(value.contains(r#"{\u0022$serde_json::private::RawValue\u0022:\u00221\u0022}"#));
/// ```
#[must_use]
pub fn nested_in_texts(name: &str, levels: usize) -> String {
    let arrays = |level| if level == 0 { 20 } else { 126 };
    let mut text = String::new();
    for level in 0..levels {
        let quote = quote(level);
        text.extend(std::iter::repeat_n('[', arrays(level)));
        text.extend(["{", &quote, name, &quote, ":", &quote]);
    }
    text.push('1');
    for level in (0..levels).rev() {
        text.push_str(&quote(level));
        text.push('}');
        text.extend(std::iter::repeat_n(']', arrays(level)));
    }
    text
}

/// A quotation mark inside as many texts. Escaped by numbers it grows by five characters a level; by
/// backslashes it would double.
fn quote(level: usize) -> String {
    match level {
        0 => "\"".to_owned(),
        1 => r"\u0022".to_owned(),
        _ => format!(r"\u005c{}u0022", "u005c".repeat(level - 2)),
    }
}
