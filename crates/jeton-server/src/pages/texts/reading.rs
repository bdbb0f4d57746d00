//! Reads a language's file into the texts of the pages. One function reads each kind of text, whatever part it stands
//! in: derived code would be a megabyte.

use std::{collections::BTreeMap, mem};

use toml::{Table, Value};

use super::text::{Counted, Text};

/// Texts of a kind, or a part of the pages with texts of many kinds.
pub(super) trait Read: Sized {
    /// Reads them. What is wrong becomes a fault, and is empty.
    fn read(found: Value, faults: &mut Vec<String>) -> Self;
}

/// Reads a file, and says what is wrong with it: texts that are missing, and texts that nothing asks for.
pub(super) fn read<T: Read>(file: &str) -> (T, Vec<String>) {
    let mut faults = Vec::new();
    let table = file.parse::<Table>().unwrap_or_else(|error| {
        faults.push(error.to_string());
        Table::new()
    });
    (T::read(Value::Table(table), &mut faults), faults)
}

/// A table, as far as nothing has asked for it.
pub(super) struct Rest<'f> {
    table: Table,
    faults: &'f mut Vec<String>,
}

impl<'f> Rest<'f> {
    pub(super) fn of(found: Value, faults: &'f mut Vec<String>) -> Self {
        let table = if let Value::Table(table) = found {
            table
        } else {
            faults.push(wrong(&found, "table"));
            Table::new()
        };
        Self { table, faults }
    }

    pub(super) fn take<T: Read>(&mut self, name: &str) -> T {
        let found = self.table.remove(name).unwrap_or_else(|| {
            self.faults.push(format!("{name} is missing"));
            Value::String(String::new())
        });
        let before = self.faults.len();
        let taken = T::read(found, self.faults);
        for fault in &mut self.faults[before..] {
            *fault = format!("{name}: {}", mem::take(fault));
        }
        taken
    }

    pub(super) fn end(self) {
        for name in self.table.keys() {
            self.faults.push(format!("nothing asks for {name}"));
        }
    }
}

impl Read for Text {
    fn read(found: Value, faults: &mut Vec<String>) -> Self {
        if let Value::String(text) = found {
            return Self(text);
        }
        faults.push(wrong(&found, "text"));
        Self(String::new())
    }
}

impl Read for Counted {
    fn read(found: Value, faults: &mut Vec<String>) -> Self {
        let mut rest = Rest::of(found, faults);
        let (one, many) = (rest.take("one"), rest.take("many"));
        rest.end();
        Self { one, many }
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(found: Value, faults: &mut Vec<String>) -> Self {
        if let Value::Array(all) = found {
            return all.into_iter().map(|one| T::read(one, faults)).collect();
        }
        faults.push(wrong(&found, "list"));
        Self::new()
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(found: Value, faults: &mut Vec<String>) -> Self {
        let mut rest = Rest::of(found, faults);
        let names: Vec<String> = rest.table.keys().cloned().collect();
        names
            .into_iter()
            .map(|name| {
                let text = rest.take(&name);
                (name, text)
            })
            .collect()
    }
}

fn wrong(found: &Value, wanted: &str) -> String {
    format!("a {wanted} is wanted, and this is of type {}", found.type_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    texts! {
        Whole {
            title: Text,
            part: Part,
        }

        Part {
            found: Counted,
            list: Vec<Text>,
            named: BTreeMap<String, Text>,
        }
    }

    const FILE: &str = "title = 'Here'\n[part]\nlist = ['a', 'b']\nfound = { one = 'One', many = '{count}' }\n\
                        [part.named]\nx = 'X'\n";

    fn faults(file: &str) -> Vec<String> {
        read::<Whole>(file).1
    }

    #[test]
    fn every_kind_of_text_is_read() {
        let (whole, faults) = read::<Whole>(FILE);
        assert_eq!(faults, [""; 0]);
        assert_eq!(whole.title.as_str(), "Here");
        assert_eq!(
            (whole.part.found.of(1), whole.part.found.of(3)),
            ("One".into(), "3".into())
        );
        assert_eq!(whole.part.list[1].as_str(), "b");
        assert_eq!(whole.part.named["x"].as_str(), "X");
    }

    #[test]
    fn what_is_wrong_is_said_by_its_place() {
        assert_eq!(
            faults(&FILE.replace("title", "caption")),
            ["title is missing", "nothing asks for caption"]
        );
        assert_eq!(
            faults(&FILE.replace("one =", "on =")),
            ["part: found: one is missing", "part: found: nothing asks for on"]
        );
        assert_eq!(
            faults(&FILE.replace("'X'", "1")),
            ["part: named: x: a text is wanted, and this is of type integer"]
        );
        assert_eq!(
            faults(&FILE.replace("['a', 'b']", "'a'")),
            ["part: list: a list is wanted, and this is of type string"]
        );
        assert_eq!(
            faults("title = 'Here'\npart = 'none'")[0],
            "part: a table is wanted, and this is of type string"
        );
        assert!(faults("title")[0].contains("expected"), "it is no TOML");
    }
}
