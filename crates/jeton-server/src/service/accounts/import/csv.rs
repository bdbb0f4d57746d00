//! Comma-separated values (RFC 4180), read so that one broken record takes no other with it.

/// The outcome of reading a text as one record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    Fields(Vec<String>),
    /// A field's quotation mark is not closed: the record may go on with the next line.
    Open,
    /// Something stands between a closing quotation mark and the next delimiter.
    Broken,
}

/// Splits a record, with or without the end of its line.
pub(super) fn split(text: &str, delimiter: char) -> Split {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut rest = text.strip_suffix('\r').unwrap_or(text);
    let mut fields = Vec::new();
    loop {
        let (field, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let Some(found) = unquote(quoted) else {
                return Split::Open;
            };
            found
        } else {
            let end = rest.find(delimiter).unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        };
        fields.push(field);
        if after.is_empty() {
            return Split::Fields(fields);
        }
        match after.strip_prefix(delimiter) {
            Some(next) => rest = next,
            None => return Split::Broken,
        }
    }
}

/// The field behind an opening quotation mark, and what follows the closing one. Two marks stand for one.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}

/// The delimiter a header was written with: whichever of comma, semicolon and tab it has most of.
pub(super) fn delimiter(header: &str) -> char {
    let count = |delimiter: &char| header.matches(*delimiter).count();
    // Of equals the last wins.
    ['\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<String> {
        match split(text, ',') {
            Split::Fields(fields) => fields,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn fields_are_between_delimiters_and_may_be_quoted() {
        assert_eq!(fields("a,b,c\r\n"), ["a", "b", "c"]);
        assert_eq!(fields("a,,\n"), ["a", "", ""]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields(r#""a,b","say ""hi""""#), ["a,b", "say \"hi\""]);
        assert_eq!(fields("\"two\nlines\",b"), ["two\nlines", "b"]);
        assert_eq!(fields(r#"5" disk,b"#), [r#"5" disk"#, "b"]);
        assert_eq!(fields(r#""","#), ["", ""]);
    }

    #[test]
    fn what_is_open_or_broken_is_said() {
        assert_eq!(split("a,\"b\n", ','), Split::Open);
        assert_eq!(split("a,\"b\"\"\n", ','), Split::Open);
        assert_eq!(split("a,\"b\"c,d\n", ','), Split::Broken);
    }

    #[test]
    fn the_header_tells_the_delimiter() {
        assert_eq!(delimiter("username,password_hash"), ',');
        assert_eq!(delimiter("username;password_hash;e,mail"), ';');
        assert_eq!(delimiter("username\tpassword_hash"), '\t');
        assert_eq!(delimiter("username"), ',');
    }
}
