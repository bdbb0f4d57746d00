//! The description of a setting: how each source and the help spell it, and how its text becomes a value.

use std::{fmt::Display, ops::Deref, str::FromStr};

use zeroize::Zeroizing;

/// A setting that always has a value: the program gets it as `T`, checked.
#[derive(Debug)]
pub struct Setting<T, const OPTIONAL: bool = false> {
    pub(super) entry: Entry,
    parse: fn(&str) -> Result<T, String>,
    check: fn(&T) -> Result<(), String>,
}

/// A setting that may have no value.
pub type Optional<T> = Setting<T, true>;

/// A setting's entry in the table: its flag is `--name`, its variable `JETON_NAME`, its key in `jeton.toml` `name`,
/// each in its own spelling.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub name: &'static str,
    /// The placeholder for its value in the help.
    pub value: &'static str,
    pub default: Option<&'static str>,
    pub help: &'static str,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// Shown without the password in it.
    Url,
    /// `--name` alone means `true`.
    Switch,
    /// Only from the environment or `.env`: a flag shows in the process list, a file in the repository.
    Secret,
}

impl<T> Setting<T> {
    pub(super) const fn new(
        name: &'static str,
        value: &'static str,
        default: &'static str,
        parse: fn(&str) -> Result<T, String>,
        help: &'static str,
    ) -> Self {
        Self::declared(name, value, Some(default), parse, help)
    }
}

impl<T> Optional<T> {
    pub(super) const fn optional(
        name: &'static str,
        value: &'static str,
        parse: fn(&str) -> Result<T, String>,
        help: &'static str,
    ) -> Self {
        Self::declared(name, value, None, parse, help)
    }
}

impl Optional<Zeroizing<String>> {
    pub(super) const fn secret(name: &'static str, value: &'static str, help: &'static str) -> Self {
        let text = |text: &str| Ok(Zeroizing::new(text.to_owned()));
        Self::declared(name, value, None, text, help).of(Kind::Secret)
    }
}

impl<T, const OPTIONAL: bool> Setting<T, OPTIONAL> {
    const fn declared(
        name: &'static str,
        value: &'static str,
        default: Option<&'static str>,
        parse: fn(&str) -> Result<T, String>,
        help: &'static str,
    ) -> Self {
        Self {
            entry: Entry {
                name,
                value,
                default,
                help,
                kind: Kind::Plain,
            },
            parse,
            check: |_| Ok(()),
        }
    }

    pub(super) const fn of(mut self, kind: Kind) -> Self {
        self.entry.kind = kind;
        self
    }

    /// Refuses values that can be read and cannot be.
    pub(super) const fn checked(mut self, check: fn(&T) -> Result<(), String>) -> Self {
        self.check = check;
        self
    }

    /// The value of a text, or what is wrong with it.
    pub(super) fn read(&self, text: &str) -> Result<T, String> {
        let value = (self.parse)(text).map_err(|problem| format!("is not usable: {problem}"))?;
        (self.check)(&value)?;
        Ok(value)
    }
}

impl<T, const OPTIONAL: bool> Deref for Setting<T, OPTIONAL> {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

impl Entry {
    /// The flag.
    #[must_use]
    pub fn flag(&self) -> String {
        format!("--{}", self.name)
    }

    /// The environment variable. Those of the token secret have the names that are known from elsewhere.
    #[must_use]
    pub fn variable(&self) -> String {
        let name = self.name.replace('-', "_").to_uppercase();
        if name.starts_with("JWT_") {
            return name;
        }
        format!("JETON_{name}")
    }

    /// The key in `jeton.toml`.
    #[must_use]
    pub fn key(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// Parses what has one way to be written.
pub(super) fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

pub(super) fn fits(holds: bool, problem: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem.to_owned()) }
}

pub(super) fn between<T: Copy + PartialOrd + Display>(value: &T, least: T, most: T) -> Result<(), String> {
    fits(
        (&least..=&most).contains(&value),
        &format!("is not between {least} and {most}"),
    )
}
