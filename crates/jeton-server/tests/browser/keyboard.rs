//! Somebody without a mouse.

use std::fmt;

use serde_json::{Value, json};

use crate::browser::Browser;

/// More than any page has that can be focused between two of its parts.
const STEPS: usize = 120;

const CONTROL: char = '\u{e009}';

#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Tab,
    Enter,
    Escape,
    Space,
    Down,
    Up,
    Character(char),
}

impl Key {
    /// The standard's private characters for keys without one.
    const fn character(self) -> char {
        match self {
            Self::Tab => '\u{e004}',
            Self::Enter => '\u{e007}',
            Self::Escape => '\u{e00c}',
            Self::Space => ' ',
            Self::Down => '\u{e015}',
            Self::Up => '\u{e013}',
            Self::Character(character) => character,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Browser {
    pub(crate) fn key(&self, key: Key) -> &Self {
        self.keys([key])
    }

    pub(crate) fn type_keys(&self, said: &str) -> &Self {
        self.keys(said.chars().map(Key::Character))
    }

    /// Selects all that the field holds which has the focus.
    pub(crate) fn select_all(&self) -> &Self {
        let stroke = |kind: &str, value: char| json!({ "type": kind, "value": value.to_string() });
        let strokes = [
            stroke("keyDown", CONTROL),
            stroke("keyDown", 'a'),
            stroke("keyUp", 'a'),
            stroke("keyUp", CONTROL),
        ];
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("actions", &json!({ "actions": [keyboard] }));
        self
    }

    fn keys(&self, keys: impl IntoIterator<Item = Key>) -> &Self {
        let strokes = keys.into_iter().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.character().to_string() }))
        });
        let strokes: Vec<Value> = strokes.collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("actions", &json!({ "actions": [keyboard] }));
        self
    }

    /// Presses Tab until something has the focus that a reader of the screen calls this, or this and more behind it.
    pub(crate) fn tab_to(&self, name: &str) -> &Self {
        let mut passed = Vec::new();
        for _ in 0..STEPS {
            self.key(Key::Tab);
            let reached = self.focused().map(|element| element.name()).unwrap_or_default();
            if reached.starts_with(name) {
                return self;
            }
            passed.push(reached);
        }
        panic!("no {name} is reached by Tab, but {passed:?}");
    }
}
