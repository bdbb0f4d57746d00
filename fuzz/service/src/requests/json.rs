//! JSON that need not be valid: members may be there twice, and any text may stand for a value.

use serde_json::Value;

#[derive(Clone, Debug)]
pub enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    /// Written as it is.
    Raw(String),
}

impl Json {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn raw(text: impl ToString) -> Self {
        Self::Raw(text.to_string())
    }

    pub fn write(&self, out: &mut String) {
        match self {
            Self::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { "," });
                    out.push_str(&quoted(name));
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Self::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::Raw(text) => out.push_str(text),
        }
    }

    /// The values directly below.
    pub fn children(&mut self) -> Vec<&mut Json> {
        match self {
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
            Self::Array(items) => items.iter_mut().collect(),
            Self::Text(_) | Self::Raw(_) => Vec::new(),
        }
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
