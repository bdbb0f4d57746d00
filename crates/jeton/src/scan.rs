//! Walks over the members of one JSON object, or the items of one array, without looking into them more than
//! it must.
//!
//! Names and plain texts are read here; every other value is cut out whole, to be parsed, and its grammar
//! checked, by whoever wants it. Nothing here calls itself, so no depth is too deep.

use std::borrow::Cow;

/// The text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotJson;

/// One value of a member.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'j> {
    /// A string.
    Text(Cow<'j, str>),
    /// A whole number of at most 15 digits.
    Whole(u64),
    /// Anything else, unparsed: the text of one value if it is JSON at all.
    Json(&'j str),
}

pub(crate) struct Scanner<'j> {
    json: &'j str,
    at: usize,
    /// A member or item was read, so a comma or the end comes next.
    begun: bool,
}

impl<'j> Scanner<'j> {
    /// Begins to scan the members of an object.
    pub(crate) fn open(json: &'j str) -> Result<Self, NotJson> {
        Self::open_with(json, b'{')
    }

    /// Begins to scan the items of an array.
    pub(crate) fn open_array(json: &'j str) -> Result<Self, NotJson> {
        Self::open_with(json, b'[')
    }

    fn open_with(json: &'j str, bracket: u8) -> Result<Self, NotJson> {
        let mut scanner = Self {
            json,
            at: 0,
            begun: false,
        };
        scanner.expect(bracket)?;
        Ok(scanner)
    }

    /// The next member's name, the scanner standing before its value; `None` when the object has ended and
    /// nothing follows it.
    pub(crate) fn name(&mut self) -> Result<Option<Cow<'j, str>>, NotJson> {
        let more = if self.begun {
            self.take(b',')
        } else {
            self.sees(b'"')
        };
        if !more {
            return self.close(b'}').map(|()| None);
        }
        self.begun = true;
        self.expect(b'"')?;
        let name = self.text()?;
        self.expect(b':')?;
        if self.peek().is_some_and(is_blank) {
            self.skip_blanks();
        }
        Ok(Some(name))
    }

    /// The next item's text, unparsed; `None` when the array has ended and nothing follows it.
    pub(crate) fn item(&mut self) -> Result<Option<&'j str>, NotJson> {
        let more = if self.begun {
            self.take(b',')
        } else {
            !self.sees(b']')
        };
        if !more {
            return self.close(b']').map(|()| None);
        }
        self.begun = true;
        self.skip_blanks();
        self.raw().map(Some)
    }

    /// The next value's text, unparsed.
    pub(crate) fn raw(&mut self) -> Result<&'j str, NotJson> {
        let start = self.at;
        self.value()?;
        self.json.get(start..self.at).ok_or(NotJson)
    }

    pub(crate) fn value(&mut self) -> Result<Value<'j>, NotJson> {
        if self.peek() == Some(b'"') {
            self.at += 1;
            return self.text().map(Value::Text);
        }
        self.other_value()
    }

    #[inline(never)]
    fn other_value(&mut self) -> Result<Value<'j>, NotJson> {
        match self.peek() {
            Some(b'{' | b'[') => self.nested().map(Value::Json),
            _ => self.scalar(),
        }
    }

    /// Ends the object or array. It stays before the closing bracket, so that asking again gives the same answer.
    fn close(&mut self, bracket: u8) -> Result<(), NotJson> {
        self.skip_blanks();
        let ended = self.rest().split_first();
        if ended.is_some_and(|(last, rest)| *last == bracket && rest.iter().all(|byte| is_blank(*byte))) {
            Ok(())
        } else {
            Err(NotJson)
        }
    }

    /// A string, from behind its opening quote.
    #[inline]
    fn text(&mut self) -> Result<Cow<'j, str>, NotJson> {
        match self.plain_text() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.escaped_text().map(Cow::Owned),
        }
    }

    /// A string without escapes, from behind its opening quote; if it has any, the scanner stays where it is.
    #[inline(never)]
    fn plain_text(&mut self) -> Option<&'j str> {
        let (start, bytes) = (self.at, self.json.as_bytes());
        let end = start + plain_length(bytes.get(start..)?);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.json.get(start..end)
    }

    #[cold]
    fn escaped_text(&mut self) -> Result<String, NotJson> {
        let start = self.at;
        self.skip_text()?;
        let quoted = self.json.get(start - 1..self.at).ok_or(NotJson)?;
        serde_json::from_str(quoted).map_err(|_| NotJson)
    }

    /// Steps from inside a string to behind its closing quote.
    fn skip_text(&mut self) -> Result<(), NotJson> {
        loop {
            self.at += plain_length(self.rest());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.at += 2,
                _ => return Err(NotJson),
            }
        }
    }

    /// An object or array, by its brackets.
    fn nested(&mut self) -> Result<&'j str, NotJson> {
        let start = self.at;
        let mut open = 0_usize;
        loop {
            let byte = self.peek().ok_or(NotJson)?;
            self.at += 1;
            match byte {
                b'"' => self.skip_text()?,
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return self.json.get(start..self.at).ok_or(NotJson);
            }
        }
    }

    fn scalar(&mut self) -> Result<Value<'j>, NotJson> {
        if let Some(whole) = self.whole() {
            return Ok(Value::Whole(whole));
        }
        let length = self
            .rest()
            .iter()
            .position(|byte| ends_scalar(*byte))
            .ok_or(NotJson)?;
        let text = self.json.get(self.at..self.at + length).ok_or(NotJson)?;
        self.at += length;
        Ok(Value::Json(text))
    }

    /// A number that is only digits, and not too many; otherwise the scanner stays where it is.
    fn whole(&mut self) -> Option<u64> {
        let rest = self.rest();
        let (mut sum, mut length) = (0, 0);
        while let Some(digit @ b'0'..=b'9') = rest.get(length) {
            sum = sum * 10 + u64::from(digit - b'0');
            length += 1;
            if length > 15 {
                return None;
            }
        }
        let leading_zero = length > 1 && rest[0] == b'0';
        if length == 0 || leading_zero || !ends_scalar(*rest.get(length)?) {
            return None;
        }
        self.at += length;
        Some(sum)
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.take(byte) { Ok(()) } else { Err(NotJson) }
    }

    /// Steps over this byte, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let sees = self.sees(byte);
        self.at += usize::from(sees);
        sees
    }

    /// Whether this byte comes next. If it does not stand right here, the blanks before what does are skipped.
    fn sees(&mut self, byte: u8) -> bool {
        self.peek() == Some(byte) || {
            self.skip_blanks();
            self.peek() == Some(byte)
        }
    }

    /// Steps over blanks. Hardly any token has one.
    #[cold]
    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'j [u8] {
        self.json.as_bytes().get(self.at..).unwrap_or_default()
    }
}

fn ends_scalar(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']') || is_blank(byte)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How many bytes come before the first quote, backslash or control character, eight at a time.
fn plain_length(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, more)) = rest.split_first_chunk() {
        let marked = mark_special(*word);
        if marked != 0 {
            return bytes.len() - rest.len() + (marked.trailing_zeros() / 8) as usize;
        }
        rest = more;
    }
    bytes.len() - rest.len() + plain_length_of_few(rest)
}

/// How many bytes of plain text come first, one at a time: for the last few bytes of the claims.
#[cold]
#[inline(never)]
fn plain_length_of_few(bytes: &[u8]) -> usize {
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    bytes.iter().position(special).unwrap_or(bytes.len())
}

/// Sets the highest bit of the first byte that ends plain text; of those above it some may be set or not.
fn mark_special(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(word);
    // Flipping the second bit moves the quote next to the control characters, and none of them away.
    let quote_or_control = (word ^ (ONES * 2)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_at_the_first_special_byte() {
        for length in 0..30 {
            for special in (0..=0x1f).chain([b'"', b'\\']) {
                let mut bytes = "äz~!#[]é\u{7f}€".repeat(4).into_bytes();
                bytes.truncate(length);
                bytes.push(special);
                bytes.extend_from_slice(b"\"\\\0 and more of it");
                assert_eq!(plain_length(&bytes), length, "{special:#x} at {length}");
            }
        }
        assert_eq!(plain_length(b"no end"), 6);
    }

    #[test]
    fn members_come_out_one_by_one() {
        let mut scanner =
            Scanner::open(" {\"a\" : \"x\\n\" ,\"b\":0,\"c\":[\"]\",{}] , \"d\":-1\n}\t").unwrap();
        let mut members = Vec::new();
        while let Some(name) = scanner.name().unwrap() {
            members.push((name.into_owned(), scanner.value().unwrap()));
        }
        let values = [
            ("a", Value::Text("x\n".into())),
            ("b", Value::Whole(0)),
            ("c", Value::Json("[\"]\",{}]")),
            ("d", Value::Json("-1")),
        ];
        assert_eq!(members, values.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(scanner.name(), Ok(None), "and stays at its end");
    }

    #[test]
    fn items_come_out_as_they_stand() {
        let mut scanner = Scanner::open_array(" [ {\"a\":\"]\"} ,\"x\\n\", 5\n,null,[[]]] ").unwrap();
        let mut items = Vec::new();
        while let Some(item) = scanner.item().unwrap() {
            items.push(item);
        }
        assert_eq!(items, ["{\"a\":\"]\"}", "\"x\\n\"", "5", "null", "[[]]"]);
        assert_eq!(Scanner::open_array("[]").unwrap().item(), Ok(None));
        for json in ["[1 2]", "[1", "[", "[1] 2", "[1}", "[\"a]"] {
            let walk = || {
                let mut scanner = Scanner::open_array(json)?;
                while scanner.item()?.is_some() {}
                Ok(())
            };
            assert_eq!(walk(), Err(NotJson), "{json}");
        }
    }

    #[test]
    fn broken_objects_are_refused() {
        let broken = [
            "",
            "{",
            "[]",
            "{]",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1,}",
            "{} x",
            "{}}",
            "{a:1}",
            "{\"a\":\"",
            "{\"a\":[}",
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\"\\",
            "{\"a\":1",
            "{\"a\":\"\\x\"}",
        ];
        for json in broken {
            let walk = || {
                let mut scanner = Scanner::open(json)?;
                while scanner.name()?.is_some() {
                    if let Value::Json(text) = scanner.value()? {
                        serde_json::from_str::<serde_json::Value>(text).map_err(|_| NotJson)?;
                    }
                }
                Ok(())
            };
            assert_eq!(walk(), Err(NotJson), "{json}");
        }
    }
}
