//! JSON over lines, as whoever wrote it ordered it.

/// One line, and the member of the outermost object that begins on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) name: Option<String>,
    /// The member's value, if the line holds the whole of it.
    pub(super) value: String,
}

/// How many lines are shown: more than any token has that is read.
const MAX_LINES: usize = 500;

/// How far lines are moved in: what nests deeper is no token's.
const DEEPEST: usize = 16;

/// Lays a text out. Nothing in it is changed but the blanks between its words; a text that is no JSON comes out as it
/// can.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut writer = Writer::default();
    let mut letters = text.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => writer.string(&mut letters),
            '{' | '[' => {
                while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
                let close = if letter == '{' { '}' } else { ']' };
                writer.line.push(letter);
                if letters.next_if_eq(&close).is_some() {
                    writer.line.push(close);
                } else {
                    writer.open(letter == '{');
                }
            }
            '}' | ']' => writer.close(letter),
            ',' => writer.next_member(),
            ':' => writer.name(),
            letter if letter.is_whitespace() => {}
            letter => writer.line.push(letter),
        }
    }
    writer.end_line();
    writer.lines
}

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    line: String,
    /// The open brackets: objects, whose members have lines of their own, and arrays, whose elements share one.
    open: Vec<bool>,
    objects: usize,
    last_string: String,
    name: Option<(String, usize)>,
}

impl Writer {
    fn string(&mut self, letters: &mut impl Iterator<Item = char>) {
        let begin = self.line.len();
        self.line.push('"');
        let mut escaped = false;
        for letter in letters {
            self.line.push(letter);
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => break,
                _ => {}
            }
        }
        self.last_string = self.line[begin..].trim_matches('"').to_owned();
    }

    fn open(&mut self, is_object: bool) {
        self.open.push(is_object);
        if is_object {
            self.objects += 1;
            self.end_line();
        }
    }

    fn close(&mut self, bracket: char) {
        if self.open.pop() == Some(true) {
            self.objects -= 1;
            self.end_line();
        }
        self.line.push(bracket);
    }

    fn next_member(&mut self) {
        self.line.push(',');
        if self.open.last() == Some(&false) {
            self.line.push(' ');
        } else {
            self.end_line();
        }
    }

    fn name(&mut self) {
        self.line.push_str(": ");
        if self.open == [true] {
            self.name = Some((self.last_string.clone(), self.line.len()));
        }
    }

    /// Ends the line, and moves the next one in.
    fn end_line(&mut self) {
        let text = std::mem::take(&mut self.line);
        if !text.trim().is_empty() && self.lines.len() < MAX_LINES {
            let name = self.name.take();
            let value = name.as_ref().and_then(|(_, begin)| text.get(*begin..));
            self.lines.push(Line {
                value: value.unwrap_or_default().trim_end_matches(',').to_owned(),
                name: name.map(|(name, _)| name),
                text,
            });
        }
        self.line = "  ".repeat(self.objects.min(DEEPEST));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn laid_out(text: &str) -> String {
        let lines: Vec<_> = lines(text).into_iter().map(|line| line.text).collect();
        lines.join("\n")
    }

    #[test]
    fn members_have_lines_and_keep_their_order() {
        let text =
            r#"{"typ":"at+jwt", "exp":1795295246,"roles":["a","b"],"act":{"sub":"x"},"e":{},"s":"a,b:{\"}"}"#;
        let expected = [
            "{",
            "  \"typ\": \"at+jwt\",",
            "  \"exp\": 1795295246,",
            "  \"roles\": [\"a\", \"b\"],",
            "  \"act\": {",
            "    \"sub\": \"x\"",
            "  },",
            "  \"e\": {},",
            "  \"s\": \"a,b:{\\\"}\"",
            "}",
        ];
        assert_eq!(laid_out(text), expected.join("\n"));
    }

    #[test]
    fn a_line_knows_the_outermost_member_on_it() {
        let lines = lines(r#"{"exp":12,"act":{"exp":13}}"#);
        let named: Vec<_> = lines
            .iter()
            .filter_map(|line| Some((line.name.as_deref()?, line.value.as_str())))
            .collect();
        assert_eq!(named, [("exp", "12"), ("act", "{")]);
    }

    #[test]
    fn what_is_no_json_comes_out_as_it_can() {
        assert_eq!(laid_out("hello"), "hello");
        assert_eq!(laid_out("}]"), "}]");
        assert_eq!(laid_out("{\"a"), "{\n  \"a");
        assert_eq!(laid_out(""), "");
    }

    #[test]
    fn what_nests_without_end_is_moved_in_no_further() {
        let text = "{\"a\":".repeat(50_000);
        assert!(laid_out(&text).len() < text.len() * 10);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[\\[\\]{}:,\"\\\\a1 ]{0,80}") {
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(solid(&laid_out(&text)), solid(&text));
        }
    }
}
