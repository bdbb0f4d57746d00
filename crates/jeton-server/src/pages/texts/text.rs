//! A text, and the places in it for values.

use std::fmt;

/// A sentence or label. `{name}` in it is a place for a value.
#[derive(Debug)]
pub(in crate::pages) struct Text(pub(super) String);

impl Text {
    /// The text with a value in its place.
    pub(in crate::pages) fn with(&self, name: &str, value: impl fmt::Display) -> Self {
        Self(self.0.replace(&format!("{{{name}}}"), &value.to_string()))
    }

    pub(in crate::pages) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&Text> for String {
    fn from(text: &Text) -> Self {
        text.0.clone()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sentence about a number: one for one, another for none or many, with `{count}` in it.
#[derive(Debug)]
pub(in crate::pages) struct Counted {
    pub(super) one: Text,
    pub(super) many: Text,
}

impl Counted {
    pub(in crate::pages) fn of(&self, count: u64) -> String {
        let text = if count == 1 { &self.one } else { &self.many };
        text.with("count", count).0
    }
}
