use std::fmt;

use askama::filters::HtmlSafe;
use serde_json::Value;

/// Text of the document as HTML: escaped, and code where backticks stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prose(String);

impl Prose {
    pub(super) fn new(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for (index, part) in text.split('`').enumerate() {
            let is_code = index % 2 == 1;
            html.push_str(if is_code { "<code>" } else { "" });
            for letter in part.chars() {
                match letter {
                    '&' => html.push_str("&amp;"),
                    '<' => html.push_str("&lt;"),
                    '>' => html.push_str("&gt;"),
                    letter => html.push(letter),
                }
            }
            html.push_str(if is_code { "</code>" } else { "" });
        }
        Self(html)
    }

    /// The prose of a member that is text; empty where it is something else or not there.
    pub(super) fn of(value: &Value) -> Self {
        Self::new(value.as_str().unwrap_or_default())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Prose {}

#[cfg(test)]
mod tests {
    use super::Prose;

    #[test]
    fn text_is_escaped_and_backticks_are_code() {
        assert_eq!(
            Prose::new("a `<b>` & c").as_str(),
            "a <code>&lt;b&gt;</code> &amp; c"
        );
    }
}
