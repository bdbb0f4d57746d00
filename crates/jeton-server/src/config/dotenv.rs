//! `.env`, read as python-dotenv reads it with interpolation switched off: a value is what stands there.
//!
//! `$` means nothing. A value in single or double quotes ends with its quote and may go over lines; any other goes to
//! the end of its line, or to a `#` behind a space. A line that cannot be read is skipped, for it may be another
//! program's, unless it speaks of one of our variables.

use std::collections::BTreeMap;

/// The variables of a file.
///
/// # Errors
///
/// A sentence that names the line of one of our variables that cannot be read, without the text, which may be a secret.
pub(super) fn read(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("it is UTF-16: save it as UTF-8".to_owned());
    }
    // What is no UTF-8 may belong to others; in a value of ours it is refused below.
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::new(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let mut variables = BTreeMap::new();
    while let Some(statement) = reader.statement() {
        let Statement { line, start, binding } = statement;
        match binding {
            Ok(Some((name, value))) if is_readable(name, value.as_deref()) => {
                variables.extend(value.map(|value| (name.to_owned(), value)));
            }
            Ok(None) => {}
            Ok(Some(_)) | Err(Unreadable) if !speaks_of_ours(start) => {}
            Ok(Some(_)) | Err(Unreadable) => {
                return Err(format!("line {line} is not of the form NAME=value"));
            }
        }
    }
    Ok(variables)
}

/// Whether a variable can be taken as it is read: other programs' always, ours with a plain name and a value.
fn is_readable(name: &str, value: Option<&str>) -> bool {
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_whole = value.is_some_and(|value| !value.contains(char::REPLACEMENT_CHARACTER));
    !speaks_of_ours(name) || is_plain && is_whole
}

/// Whether the part of a line before its value has a name that begins as ours do.
pub(super) fn speaks_of_ours(line: &str) -> bool {
    let line = line.split(['\r', '\n']).next().unwrap_or_default();
    let name = line.split('=').next().unwrap_or_default();
    name.contains("JETON_") || name.contains("JWT_SECRET")
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

struct Statement<'a> {
    /// The number of its first line.
    line: usize,
    /// The text from there on.
    start: &'a str,
    /// Nothing for a comment; a name without `=` has no value.
    binding: Result<Option<(&'a str, Option<String>)>, Unreadable>,
}

struct Unreadable;

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    fn statement(&mut self) -> Option<Statement<'a>> {
        self.take_while(char::is_whitespace);
        if self.rest.is_empty() {
            return None;
        }
        let (line, start) = (self.line, self.rest);
        let binding = self.binding();
        if binding.is_err() {
            // What follows the line may be ours, also where a quote swallowed it.
            (self.rest, self.line) = (start, line);
            self.take_while(is_of_a_line);
        }
        Some(Statement { line, start, binding })
    }

    fn binding(&mut self) -> Result<Option<(&'a str, Option<String>)>, Unreadable> {
        if let Some(rest) = self
            .rest
            .strip_prefix("export")
            .filter(|rest| rest.starts_with(is_blank))
        {
            self.rest = rest;
            self.take_while(is_blank);
        }
        let mut binding = None;
        if !self.rest.starts_with('#') {
            let name = self.name()?;
            self.take_while(is_blank);
            let value = if self.rest.starts_with('=') {
                self.rest = &self.rest[1..];
                let is_comment = !self.take_while(is_blank).is_empty() && self.rest.starts_with('#');
                Some(if is_comment { String::new() } else { self.value()? })
            } else {
                None
            };
            binding = Some((name, value));
        }
        self.take_while(is_blank);
        if self.rest.starts_with('#') {
            self.take_while(is_of_a_line);
        }
        if self.rest.is_empty() || self.rest.starts_with(['\r', '\n']) {
            Ok(binding)
        } else {
            Err(Unreadable)
        }
    }

    fn name(&mut self) -> Result<&'a str, Unreadable> {
        let name = if self.rest.starts_with('\'') {
            self.quoted('\'')?
        } else {
            self.take_while(|character| !(character.is_whitespace() || "=#".contains(character)))
        };
        if name.is_empty() {
            Err(Unreadable)
        } else {
            Ok(name)
        }
    }

    fn value(&mut self) -> Result<String, Unreadable> {
        match self.rest.chars().next() {
            Some('\'') => Ok(unescaped(self.quoted('\'')?, r"\'")),
            Some('"') => Ok(unescaped(self.quoted('"')?, "\\'\"abfnrtv")),
            _ => {
                let text = self.take_while(is_of_a_line);
                Ok(without_comment(text).trim_end().to_owned())
            }
        }
    }

    /// The text between two quotes; one behind a backslash does not end it.
    fn quoted(&mut self, quote: char) -> Result<&'a str, Unreadable> {
        let inside = &self.rest[1..];
        let mut escaped = false;
        let end = inside.find(|character: char| {
            let ends = character == quote && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        });
        let end = end.ok_or(Unreadable)?;
        self.take(end + 1);
        self.rest = &self.rest[1..];
        Ok(&inside[..end])
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !fits(character));
        self.take(end.unwrap_or(self.rest.len()))
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }
}

const fn is_of_a_line(character: char) -> bool {
    !matches!(character, '\r' | '\n')
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() && is_of_a_line(character)
}

/// A `#` begins a comment behind a space alone.
fn without_comment(text: &str) -> &str {
    let mut after_blank = false;
    let comment = text.find(|character: char| {
        let begins = character == '#' && after_blank;
        after_blank = character.is_whitespace();
        begins
    });
    &text[..comment.unwrap_or(text.len())]
}

/// The text with those characters taken for what they mean behind a backslash, and any other backslash for itself.
fn unescaped(text: &str, escapes: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let next = characters.clone().next().filter(|next| escapes.contains(*next));
        match (character, next) {
            ('\\', Some(next)) => {
                characters.next();
                plain.push(meaning(next));
            }
            _ => plain.push(character),
        }
    }
    plain
}

const fn meaning(escape: char) -> char {
    match escape {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    fn value(text: &str) -> Option<String> {
        read(text.as_bytes()).unwrap().remove("JWT_SECRET")
    }

    /// Values that python-dotenv 1.2.4 gives for each line with `dotenv_values(interpolate=False)`.
    #[test]
    fn values_are_what_the_tutorials_reader_makes_of_them() {
        for (text, expected) in [
            ("JWT_SECRET=supersecret\n", "supersecret"),
            (
                "JWT_SECRET=4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@",
                "4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@",
            ),
            ("JWT_SECRET=a$b${HOME}$(id)`id`", "a$b${HOME}$(id)`id`"),
            ("JWT_SECRET=a b  c  \r\n", "a b  c"),
            ("  export  JWT_SECRET =  a", "a"),
            ("JWT_SECRET=a#b", "a#b"),
            ("JWT_SECRET=a #b", "a"),
            ("JWT_SECRET=a\t# b # c", "a"),
            ("JWT_SECRET=#a", "#a"),
            ("JWT_SECRET= # a", ""),
            ("JWT_SECRET=a\\nb\\", "a\\nb\\"),
            ("JWT_SECRET=it's", "it's"),
            ("JWT_SECRET='a # b $c \\n'", "a # b $c \\n"),
            ("JWT_SECRET='it\\'s \\\\'", "it's \\"),
            ("JWT_SECRET=\"a # b $c\" # d", "a # b $c"),
            ("JWT_SECRET=\"a\\n\\t\\\"b\\\" \\q\"", "a\n\t\"b\" \\q"),
            ("JWT_SECRET=\"a\nb\"\n", "a\nb"),
            ("JWT_SECRET=a=b==", "a=b=="),
            ("JWT_SECRET=", ""),
            ("JWT_SECRET=\nA=b", ""),
            ("JWT_SECRET=a\nJWT_SECRET=b", "b"),
            ("\n\n# JWT_SECRET=a\nJWT_SECRET=b # c\n", "b"),
            ("'JWT_SECRET'=a", "a"),
            ("JWT_SECRET=a\rB=c", "a"),
            ("JWT_SECRET=ça 🔑", "ça 🔑"),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        assert_eq!(value("\u{feff}JWT_SECRET=a").as_deref(), Some("a"));
        let utf_16 = "\u{feff}JWT_SECRET=a".encode_utf16().flat_map(u16::to_le_bytes);
        let refused = read(&utf_16.collect::<Vec<_>>()).unwrap_err();
        assert_eq!(refused, "it is UTF-16: save it as UTF-8");
    }

    #[test]
    fn foreign_lines_are_skipped_whatever_they_are() {
        for foreign in [
            "hello there",
            "=x",
            "A='b' c",
            "A=\"never closed",
            "A",
            "FLASK_APP: app.py",
            "<<<<<<< HEAD",
        ] {
            let text = format!("{foreign}\nJWT_SECRET=a\n");
            assert_eq!(value(&text).as_deref(), Some("a"), "{foreign}");
        }
        let swallowing = "GREETING=\"hello\nJWT_SECRET=a\nNAME=\"x\"\n";
        assert_eq!(
            value(swallowing).as_deref(),
            Some("a"),
            "a quote that is not closed"
        );
        let mut latin = b"NAME=Fran\xe7ois\n".to_vec();
        latin.extend(b"JWT_SECRET=a");
        assert_eq!(read(&latin).unwrap()["JWT_SECRET"], "a");
    }

    #[test]
    fn an_unreadable_line_of_ours_is_named_and_not_shown() {
        for ours in [
            "JWT_SECRET",
            "JWT_SECRET hush",
            "JWT_SECRET: hush",
            "JWT_SECRET='hush' hush",
            "JWT_SECRET=\"hush",
            "set JWT_SECRET=hush",
            "\"JWT_SECRET\"=hush",
            "$env:JWT_SECRET=hush",
            "JETON_LISTEN 127.0.0.1:5001",
        ] {
            let refused = read(format!("# a\n\nA=\"b\nc\"\n{ours}\n").as_bytes()).unwrap_err();
            assert_eq!(refused, "line 5 is not of the form NAME=value", "{ours}");
        }
        assert!(read(b"JWT_SECRET=h\xfcsh").is_err());
    }
}
