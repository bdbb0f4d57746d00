//! One value for each setting, from the highest source that has it.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use super::{
    ConfigError, Sources,
    database_url::without_password,
    exposed,
    setting::{Entry, Kind, Optional, Setting},
    settings::ALL,
};

/// Settings as the sources give them, a value for each setting, and where it came from.
pub struct Loaded {
    values: BTreeMap<&'static str, Value>,
    /// Whether `SECRET_KEY` is set: the tutorials' name for it, which this service does not use.
    pub(super) has_bare_secret_key: bool,
    /// Warnings about files with secrets that others on this machine can read.
    pub(super) exposed: Vec<String>,
}

#[derive(Clone)]
struct Value {
    text: String,
    origin: &'static str,
}

const ENVIRONMENT: &str = "the environment";
const DOTENV: &str = ".env";
const FILE: &str = "the configuration file";
const FLAG: &str = "the command line";
const DEFAULT: &str = "the default";

impl Loaded {
    /// Takes the highest value of each setting.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Unknown`] for a name that is none, [`ConfigError::SecretInFile`] for a secret in a file,
    /// [`ConfigError::MasterKeyExposed`] for a master key that others can read.
    pub fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        let mut set = |entry: &Entry, text: &str, origin| {
            let text = text.to_owned();
            values.insert(entry.name, Value { text, origin });
        };
        for entry in ALL {
            if let Some(default) = entry.default {
                set(entry, default, DEFAULT);
            }
        }
        for (key, text) in &sources.file {
            set(of_key(key)?, text, FILE);
        }
        for (variables, origin) in [(&sources.dotenv, DOTENV), (&sources.environment, ENVIRONMENT)] {
            for (name, text) in variables {
                if let Some(entry) = of_variable(name, origin)? {
                    set(entry, text, origin);
                }
            }
        }
        for (name, text) in &sources.flags {
            let entry = find(&format!("--{name}"), Entry::flag);
            set(entry.ok_or_else(|| unknown(name, FLAG, Entry::flag))?, text, FLAG);
        }
        let variable = |name: &str| sources.environment.get(name).or_else(|| sources.dotenv.get(name));
        Ok(Self {
            values,
            has_bare_secret_key: variable("SECRET_KEY").is_some(),
            exposed: exposed::warnings(sources)?,
        })
    }

    fn text(&self, setting: &Entry) -> Option<&str> {
        self.values.get(setting.name).map(|value| value.text.as_str())
    }

    /// Whether somebody set it.
    pub(super) fn is_set(&self, setting: &Entry) -> bool {
        self.values
            .get(setting.name)
            .is_some_and(|value| value.origin != DEFAULT)
    }

    /// Each setting with its value, secrets hidden, and where it came from; nothing for one that nobody set.
    pub fn effective(&self) -> impl Iterator<Item = (&'static Entry, Option<(Cow<'_, str>, &'static str)>)> {
        ALL.iter().map(|entry| {
            let value = self.values.get(entry.name).map(|value| {
                let shown = match entry.kind {
                    Kind::Secret => Cow::Borrowed("(set, not shown)"),
                    Kind::Url => Cow::Owned(without_password(&value.text)),
                    Kind::Plain | Kind::Switch => Cow::Borrowed(value.text.as_str()),
                };
                (shown, value.origin)
            });
            (entry, value)
        })
    }

    pub(super) fn value<T>(&self, setting: &Setting<T>) -> Result<T, ConfigError> {
        let text = self.text(setting).unwrap_or_default();
        setting
            .read(text)
            .map_err(|problem| self.wrong(setting, &problem))
    }

    pub(super) fn optional<T>(&self, setting: &Optional<T>) -> Result<Option<T>, ConfigError> {
        let value = self.text(setting).map(|text| setting.read(text));
        value.transpose().map_err(|problem| self.wrong(setting, &problem))
    }

    pub(super) fn require(&self, setting: &Entry, holds: bool, problem: &str) -> Result<(), ConfigError> {
        if holds {
            Ok(())
        } else {
            Err(self.wrong(setting, problem))
        }
    }

    pub(super) fn wrong(&self, setting: &Entry, problem: &str) -> ConfigError {
        let origin = self
            .values
            .get(setting.name)
            .map_or(DEFAULT, |value| value.origin);
        let name = match origin {
            ENVIRONMENT | DOTENV => setting.variable(),
            FILE => setting.key(),
            _ => setting.flag(),
        };
        ConfigError::Value {
            name,
            origin,
            problem: problem.to_owned(),
        }
    }
}

/// Values may be secrets.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loaded(..)")
    }
}

fn find(name: &str, spelling: fn(&Entry) -> String) -> Option<&'static Entry> {
    ALL.iter().find(|entry| spelling(entry) == name)
}

fn of_key(key: &str) -> Result<&'static Entry, ConfigError> {
    let entry = find(key, Entry::key);
    if key == "secret_key" || entry.is_some_and(|entry| entry.kind == Kind::Secret) {
        return Err(ConfigError::SecretInFile {
            name: key.to_owned(),
            origin: FILE,
        });
    }
    entry.ok_or_else(|| unknown(key, FILE, Entry::key))
}

/// The setting of a variable, which may be another program's. A name that nobody knows is refused if it begins as ours
/// do.
fn of_variable(name: &str, origin: &'static str) -> Result<Option<&'static Entry>, ConfigError> {
    // Those of the test suite are not the service's.
    let is_ours = name.starts_with("JETON_") && !name.starts_with("JETON_TEST_");
    match find(name, Entry::variable) {
        None if is_ours => Err(unknown(name, origin, Entry::variable)),
        entry => Ok(entry),
    }
}

fn unknown(name: &str, origin: &'static str, spelling: fn(&Entry) -> String) -> ConfigError {
    let nearest = ALL
        .iter()
        .map(spelling)
        .map(|candidate| (strsim::jaro_winkler(name, &candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    ConfigError::Unknown {
        name: name.to_owned(),
        origin,
        nearest: nearest.map(|(_, name)| name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::LISTEN;

    fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn flags_are_over_the_environment_over_dotenv_over_the_file_over_defaults() {
        let mut sources = Sources::default();
        let listen = |sources: &Sources| {
            Loaded::from_sources(sources)
                .unwrap()
                .text(&LISTEN)
                .unwrap()
                .to_owned()
        };
        assert_eq!(listen(&sources), "127.0.0.1:5000");
        sources.file = map([("listen", "file")]);
        assert_eq!(listen(&sources), "file");
        sources.dotenv = map([("JETON_LISTEN", "dotenv")]);
        assert_eq!(listen(&sources), "dotenv");
        sources.environment = map([("JETON_LISTEN", "environment")]);
        assert_eq!(listen(&sources), "environment");
        sources.flags = map([("listen", "flag")]);
        assert_eq!(listen(&sources), "flag");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        let refused = |sources: Sources| Loaded::from_sources(&sources).unwrap_err().to_string();
        let sources = Sources {
            environment: map([("JETON_LISTN", "x")]),
            ..Sources::default()
        };
        assert_eq!(
            refused(sources),
            "JETON_LISTN (from the environment) is no setting; did you mean JETON_LISTEN?"
        );
        let sources = Sources {
            file: map([("data_base_url", "x")]),
            ..Sources::default()
        };
        assert_eq!(
            refused(sources),
            "data_base_url (from the configuration file) is no setting; did you mean database_url?"
        );
    }

    #[test]
    fn other_programs_variables_and_those_of_the_tests_are_left_alone() {
        let environment = map([("FLASK_APP", "x"), ("JETON_TEST_POSTGRES_URL", "x")]);
        assert!(
            Loaded::from_sources(&Sources {
                environment,
                ..Sources::default()
            })
            .is_ok()
        );
    }

    #[test]
    fn a_secret_does_not_belong_in_a_file() {
        for key in ["jwt_secret", "master_key"] {
            let sources = Sources {
                file: map([(key, "hush-hush")]),
                ..Sources::default()
            };
            let refused = Loaded::from_sources(&sources).unwrap_err().to_string();
            assert!(
                refused.contains("is a secret") && !refused.contains("hush"),
                "{refused}"
            );
        }
    }
}
