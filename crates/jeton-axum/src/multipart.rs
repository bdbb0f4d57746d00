//! Reading one field of a form that also sends files (`multipart/form-data`, RFC 7578).
//!
//! Only a CSRF token is read so: it is proof wherever in the body it stands, so nothing depends on reading the rest as
//! the application will.

use http::{HeaderMap, header::CONTENT_TYPE};
use memchr::memmem;

use crate::fields::Twice;

/// The separator of the body's parts, as `Content-Type` has it (RFC 2046 §5.1.1).
pub(crate) fn boundary(headers: &HeaderMap) -> Option<&str> {
    let (_, parameters) = headers.get(CONTENT_TYPE)?.to_str().ok()?.split_once(';')?;
    parameter(parameters, "boundary").filter(|boundary| !boundary.is_empty())
}

/// The value of the field of this name. Absent is `Ok(None)`; files are no fields.
pub(crate) fn only<'b>(body: &'b [u8], boundary: &str, name: &str) -> Result<Option<&'b [u8]>, Twice> {
    let delimiter = format!("\r\n--{boundary}");
    // What stands before a delimiter is a part, but for the text before the first. The last has none behind it.
    let mut start = 0;
    let mut values = memmem::find_iter(body, &delimiter).filter_map(|end| {
        let part = &body[start..end];
        start = end + delimiter.len();
        value_of(part, name)
    });
    let value = values.next();
    if values.next().is_some() {
        Err(Twice)
    } else {
        Ok(value)
    }
}

/// The content of a part, if it is the field of this name.
fn value_of<'p>(part: &'p [u8], name: &str) -> Option<&'p [u8]> {
    let at = memmem::find(part, b"\r\n\r\n")?;
    let head = str::from_utf8(&part[..at]).ok()?;
    let is_field = head.split("\r\n").any(|line| is_disposition_of(line, name));
    is_field.then(|| &part[at + 4..])
}

/// Whether a line is `Content-Disposition: form-data; name="…"` of this name (RFC 7578 §4.2).
fn is_disposition_of(line: &str, name: &str) -> bool {
    let Some((header, value)) = line.split_once(':') else {
        return false;
    };
    let Some((kind, parameters)) = value.split_once(';') else {
        return false;
    };
    header.eq_ignore_ascii_case("content-disposition")
        && kind.trim().eq_ignore_ascii_case("form-data")
        && parameter(parameters, "name") == Some(name)
        && parameter(parameters, "filename").is_none()
}

/// The value of a parameter, without its quotes. Backslashes stay: browsers write none (WHATWG HTML §4.10.21.8).
fn parameter<'p>(mut rest: &'p str, name: &str) -> Option<&'p str> {
    loop {
        let (key, after) = rest.trim_start_matches([' ', '\t', ';']).split_once('=')?;
        let value;
        (value, rest) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(';').unwrap_or((after, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim_end());
        }
    }
}
