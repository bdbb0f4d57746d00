use std::borrow::Cow;

use crate::scan::{NotJson, Scanner, Value};

/// The value under one name of a claims object that was read, and found sound, before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup<'j> {
    Absent,
    Text(Cow<'j, str>),
    Other,
}

pub(crate) fn lookup<'j>(json: &'j str, name: &str) -> Lookup<'j> {
    find(json, name).unwrap_or(Lookup::Absent)
}

fn find<'j>(json: &'j str, wanted: &str) -> Result<Lookup<'j>, NotJson> {
    let mut members = Scanner::open(json)?;
    while let Some(name) = members.name()? {
        let value = members.value()?;
        if name == wanted {
            return Ok(match value {
                Value::Text(text) => Lookup::Text(text),
                Value::Whole(_) | Value::Json(_) => Lookup::Other,
            });
        }
    }
    Ok(Lookup::Absent)
}
