//! A user table, row by row.

use std::{
    collections::BTreeSet,
    io::{self, BufRead},
    mem,
};

use jeton::{
    JsonError,
    json::{self, Object},
};
use serde_json::Value;

use super::{
    columns::{self, COUNT, Column},
    csv::{self, Split},
    lines::{Line, Lines, MAX_BYTES},
    refusal::Refusal,
};

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values whose first line names the columns.
    Csv,
    /// One JSON object on each line.
    JsonLines,
}

/// Why the import of a table cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("it is empty")]
    Empty,
    #[error("its first line is no header: {0}")]
    Header(Refusal),
    #[error("its header has no column for the {column}, which is called {names}")]
    NoColumn { column: &'static str, names: String },
    #[error("it is one JSON array: write each object on a line of its own, as `jq -c '.[]'` does")]
    JsonArray,
}

/// The cells of a row, by column: none where the table has no such column, null where the cell is empty.
pub(super) type Cells = [Option<Value>; COUNT];

pub(super) struct Row {
    /// The number of its first line.
    pub(super) number: u64,
    /// The row's bytes in the file.
    pub(super) raw: Vec<u8>,
    pub(super) cells: Result<Cells, Refusal>,
}

pub(super) struct Table<R> {
    lines: Lines<R>,
    layout: Layout,
    ignored: BTreeSet<String>,
}

enum Layout {
    Csv {
        header: Vec<u8>,
        delimiter: char,
        width: usize,
        places: [Option<usize>; COUNT],
    },
    JsonLines,
}

/// How many names of ignored members are remembered.
const MAX_IGNORED: usize = 50;

/// The most lines a quoted field may go on over. A mark that is not closed costs so many lines, not the whole file.
const MAX_LINES: usize = 100;

impl<R: BufRead> Table<R> {
    pub(super) fn open(input: R, format: Format) -> Result<Self, TableError> {
        let mut lines = Lines::new(input);
        let first = lines.next_filled()?.ok_or(TableError::Empty)?;
        let mut ignored = BTreeSet::new();
        let layout = match format {
            Format::Csv => csv_layout(first, &mut ignored)?,
            Format::JsonLines if first.bytes.trim_ascii_start().starts_with(b"[") => {
                return Err(TableError::JsonArray);
            }
            Format::JsonLines => {
                lines.give_back([first].into_iter());
                Layout::JsonLines
            }
        };
        Ok(Self {
            lines,
            layout,
            ignored,
        })
    }

    /// The header as it stands before the first row; empty where there is none.
    pub(super) fn header(&self) -> &[u8] {
        match &self.layout {
            Layout::Csv { header, .. } => header,
            Layout::JsonLines => &[],
        }
    }

    /// How many bytes were read so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.lines.bytes()
    }

    /// The columns that were not understood.
    pub(super) const fn ignored(&self) -> &BTreeSet<String> {
        &self.ignored
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        let Some(line) = self.lines.next_filled()? else {
            return Ok(None);
        };
        if line.too_long {
            return Ok(Some(Row {
                number: line.number,
                raw: line.bytes,
                cells: Err(Refusal::TooLong),
            }));
        }
        match &self.layout {
            Layout::JsonLines => Ok(Some(Row {
                number: line.number,
                cells: self.json(&line.bytes),
                raw: line.bytes,
            })),
            Layout::Csv {
                delimiter,
                width,
                places,
                ..
            } => {
                let (delimiter, width, places) = (*delimiter, *width, *places);
                self.csv(line, delimiter, width, &places).map(Some)
            }
        }
    }

    fn json(&mut self, line: &[u8]) -> Result<Cells, Refusal> {
        let text = std::str::from_utf8(line).map_err(|_| Refusal::Encoding)?;
        let Object(mut members) = json::from_str(text.trim_end()).map_err(|error| match error {
            JsonError::Duplicate => Refusal::Twice,
            JsonError::TooDeep => Refusal::TooDeep,
            JsonError::ReservedName => Refusal::ParserName,
            JsonError::Number => Refusal::Number,
            JsonError::Syntax { column, .. }
            | JsonError::Trailing { column, .. }
            | JsonError::Shape { column, .. } => Refusal::Json(column),
            _ => Refusal::Encoding,
        })?;
        let names: Vec<String> = members.keys().cloned().collect();
        let (places, ignored) = columns::places(names.iter().map(String::as_str));
        self.ignore(ignored);
        Ok(places.map(|place| members.get_mut(&names[place?]).map(Value::take)))
    }

    /// Reads a record that begins with this line. If its quoted fields go on over lines and it then makes no sense,
    /// only the first is refused: the others may be records of their own.
    fn csv(
        &mut self,
        line: Line,
        delimiter: char,
        width: usize,
        places: &[Option<usize>; COUNT],
    ) -> io::Result<Row> {
        let (number, mut lines) = (line.number, vec![line]);
        let cells = loop {
            let raw = joined(&lines);
            let Ok(text) = String::from_utf8(raw) else {
                break Err(Refusal::Encoding);
            };
            match csv::split(&text, delimiter) {
                Split::Fields(fields) if fields.len() == width => break Ok(cells(fields, places)),
                Split::Fields(fields) => {
                    break Err(Refusal::Fields {
                        found: fields.len(),
                        expected: width,
                    });
                }
                Split::Broken => break Err(Refusal::Quotes),
                Split::Open => match self.lines.next()? {
                    Some(next) if text.len() < MAX_BYTES && lines.len() < MAX_LINES => lines.push(next),
                    next => {
                        lines.extend(next);
                        break Err(Refusal::Quotes);
                    }
                },
            }
        };
        if cells.is_err() && lines.len() > 1 {
            self.lines.give_back(lines.drain(1..));
            return Ok(Row {
                number,
                raw: joined(&lines),
                cells: Err(Refusal::Quotes),
            });
        }
        Ok(Row {
            number,
            raw: joined(&lines),
            cells,
        })
    }

    fn ignore<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            if self.ignored.len() < MAX_IGNORED && !self.ignored.contains(name) {
                self.ignored.insert(name.to_owned());
            }
        }
    }
}

fn csv_layout(header: Line, ignored: &mut BTreeSet<String>) -> Result<Layout, TableError> {
    let text = String::from_utf8(header.bytes).map_err(|_| TableError::Header(Refusal::Encoding))?;
    let delimiter = csv::delimiter(&text);
    let Split::Fields(names) = csv::split(&text, delimiter) else {
        return Err(TableError::Header(Refusal::Quotes));
    };
    let (places, unused) = columns::places(names.iter().map(String::as_str));
    let has = |column: Column| places[column as usize].is_some();
    if !has(Column::Username) && !has(Column::Email) {
        return Err(no_column(Column::Username));
    }
    if !has(Column::PasswordHash) {
        return Err(no_column(Column::PasswordHash));
    }
    ignored.extend(unused.into_iter().map(str::to_owned));
    Ok(Layout::Csv {
        delimiter,
        width: names.len(),
        places,
        header: text.into_bytes(),
    })
}

fn no_column(column: Column) -> TableError {
    let (column, names) = columns::NAMES[column as usize];
    TableError::NoColumn {
        column,
        names: names.join(", "),
    }
}

fn cells(mut fields: Vec<String>, places: &[Option<usize>; COUNT]) -> Cells {
    places.map(|place| {
        let field = mem::take(&mut fields[place?]);
        Some(if field.trim().is_empty() {
            Value::Null
        } else {
            Value::String(field)
        })
    })
}

fn joined(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(|line| &line.bytes).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// The rows of a table: their numbers, what they were, and the username or why there is none.
    fn rows(text: &str, format: Format) -> Vec<(u64, String, String)> {
        let mut table = Table::open(text.as_bytes(), format).unwrap_or_else(|error| panic!("{error}"));
        let mut rows = Vec::new();
        while let Some(row) = table.next().unwrap() {
            let said = match row.cells {
                Ok(cells) => cells[Column::Username as usize].as_ref().map_or_else(
                    || "-".to_owned(),
                    |name| name.as_str().unwrap_or("null").to_owned(),
                ),
                Err(refusal) => format!("! {refusal}"),
            };
            rows.push((row.number, String::from_utf8_lossy(&row.raw).into_owned(), said));
        }
        rows
    }

    fn said(text: &str, format: Format) -> Vec<(u64, String)> {
        rows(text, format)
            .into_iter()
            .map(|(number, _, said)| (number, said))
            .collect()
    }

    const QUOTES: &str = "! a quotation mark is not closed, or something stands behind a closed one";

    #[test]
    fn a_broken_record_takes_no_other_with_it() {
        let table = "username,password_hash\n\
                     anna,h\n\
                     \"bob,h\n\
                     carl,h\n\
                     dora\n\
                     \"ed\"x,h\n\
                     \"fay\",\"h\"\n\
                     gus,h,h\n\
                     \"hal,h\n\
                     \"ida\",h\n";
        assert_eq!(
            said(table, Format::Csv),
            [
                (2, "anna".to_owned()),
                (3, QUOTES.to_owned()),
                (4, "carl".to_owned()),
                (5, "! it has 1 fields where the header has 2".to_owned()),
                (6, QUOTES.to_owned()),
                (7, "fay".to_owned()),
                (8, "! it has 3 fields where the header has 2".to_owned()),
                (9, QUOTES.to_owned()),
                (10, "ida".to_owned()),
            ]
        );
    }

    #[test]
    fn a_mark_that_is_never_closed_refuses_one_line() {
        let mut table = "username,password_hash\n\"open,h\n".to_owned();
        for number in 0..500 {
            writeln!(table, "user{number},h").unwrap();
        }
        let rows = said(&table, Format::Csv);
        assert_eq!(rows[0], (2, QUOTES.to_owned()));
        assert_eq!(rows.len(), 501);
        assert!(rows[1..].iter().all(|(_, said)| said.starts_with("user")));
    }

    #[test]
    fn a_field_may_go_on_over_lines_and_rows_are_kept_as_they_are() {
        let table = "username;password_hash;note\r\nanna;h;\"two\r\nlines\"\r\nbob;h;";
        assert_eq!(
            rows(table, Format::Csv),
            [
                (2, "anna;h;\"two\r\nlines\"\r\n".to_owned(), "anna".to_owned()),
                (4, "bob;h;".to_owned(), "bob".to_owned()),
            ]
        );
    }

    #[test]
    fn bytes_that_are_no_text_refuse_their_line() {
        let mut table = Table::open(&b"username,hash\nb\xffb,h\nanna,h\n"[..], Format::Csv).unwrap();
        let row = table.next().unwrap().unwrap();
        assert!(matches!(row.cells, Err(Refusal::Encoding)));
        assert_eq!(row.raw, b"b\xffb,h\n");
        assert!(table.next().unwrap().unwrap().cells.is_ok());
    }

    #[test]
    fn lines_of_json_stand_alone() {
        let table = "{\"username\":\"anna\"}\n\
                     {\"username\":\"bob\"\n\
                     [1]\n\
                     {\"username\":\"carl\",\"username\":\"carla\"}\n\
                     {\"login\":\"dora\",\"username\":null}\n\
                     {\"email\":\"ed@example.org\"}";
        assert_eq!(
            said(table, Format::JsonLines),
            [
                (1, "anna".to_owned()),
                (2, "! it is no JSON object (column 17)".to_owned()),
                (3, "! it is no JSON object (column 0)".to_owned()),
                (4, "! it names a member twice".to_owned()),
                (5, "null".to_owned()),
                (6, "-".to_owned()),
            ]
        );
    }

    #[test]
    fn what_cannot_be_begun_with_is_refused() {
        let error = |text: &str, format| Table::open(text.as_bytes(), format).err().unwrap().to_string();
        assert_eq!(error("", Format::Csv), "it is empty");
        assert_eq!(error("\n\n", Format::JsonLines), "it is empty");
        let no_name = error("phone,password\n", Format::Csv);
        assert!(
            no_name.contains("no column for the username, which is called username,"),
            "{no_name}"
        );
        let no_hash = error("username,phone\n", Format::Csv);
        assert!(no_hash.contains("no column for the password hash"), "{no_hash}");
        assert!(error("[\n{}\n]\n", Format::JsonLines).contains("jq -c"));
    }

    #[test]
    fn what_is_not_understood_is_remembered_by_name() {
        let mut table =
            Table::open(&b"username,password,is_superuser,last_login\n"[..], Format::Csv).unwrap();
        assert!(table.next().unwrap().is_none());
        assert!(table.ignored().iter().eq(["is_superuser", "last_login"]));
    }
}
