//! Reading one field of a query or a form (`application/x-www-form-urlencoded`).

use std::borrow::Cow;

/// The field was sent more than once, and which one is meant cannot be known.
#[derive(Debug)]
pub(crate) struct Twice;

/// The value of the field of this name. Absent is `Ok(None)`.
pub(crate) fn only<'f>(form: &'f [u8], name: &str) -> Result<Option<Cow<'f, str>>, Twice> {
    let mut values = form_urlencoded::parse(form).filter(|(field, _)| field == name);
    let value = values.next().map(|(_, value)| value);
    if values.next().is_some() {
        Err(Twice)
    } else {
        Ok(value)
    }
}
