//! One value for each setting, from the highest source that has it.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use super::{
    ConfigError, Sources,
    database_url::without_password,
    exposed,
    settings::{ALL, Kind, Setting, find},
};

/// What the sources say, a value for each setting, and where it came from.
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
        for setting in &ALL {
            if let Some(default) = setting.default {
                values.insert(
                    setting.name,
                    Value {
                        text: default.to_owned(),
                        origin: DEFAULT,
                    },
                );
            }
        }
        for (key, text) in &sources.file {
            let setting = ALL
                .iter()
                .find(|setting| setting.key() == *key)
                .ok_or_else(|| unknown_key(key))?;
            if setting.kind == Kind::Secret {
                return Err(ConfigError::SecretInFile {
                    name: key.clone(),
                    origin: FILE,
                });
            }
            values.insert(
                setting.name,
                Value {
                    text: text.clone(),
                    origin: FILE,
                },
            );
        }
        for (variables, origin) in [(&sources.dotenv, DOTENV), (&sources.environment, ENVIRONMENT)] {
            for (setting, text) in known(variables, origin)? {
                values.insert(
                    setting.name,
                    Value {
                        text: text.clone(),
                        origin,
                    },
                );
            }
        }
        for (name, text) in &sources.flags {
            if let Some(setting) = find(name) {
                values.insert(
                    setting.name,
                    Value {
                        text: text.clone(),
                        origin: FLAG,
                    },
                );
            }
        }
        let variable = |name: &str| sources.environment.get(name).or_else(|| sources.dotenv.get(name));
        Ok(Self {
            values,
            has_bare_secret_key: variable("SECRET_KEY").is_some(),
            exposed: exposed::warnings(sources)?,
        })
    }

    /// The text of a setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.text.as_str())
    }

    /// Whether somebody set it.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| value.origin != DEFAULT)
    }

    /// Each setting with its value, secrets hidden, and where it came from; nothing for one that nobody set.
    pub fn effective(
        &self,
    ) -> impl Iterator<Item = (&'static Setting, Option<(Cow<'_, str>, &'static str)>)> {
        ALL.iter().map(|setting| {
            let value = self.values.get(setting.name).map(|value| {
                let shown = match setting.kind {
                    Kind::Secret => Cow::Borrowed("(set, not shown)"),
                    Kind::Url => Cow::Owned(without_password(&value.text)),
                    Kind::Plain | Kind::Switch => Cow::Borrowed(value.text.as_str()),
                };
                (shown, value.origin)
            });
            (setting, value)
        })
    }

    pub(super) fn parse<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<T, ConfigError> {
        self.parse_with(name, |text| text.parse::<T>().map_err(|error| error.to_string()))
    }

    pub(super) fn parse_with<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        parse(self.get(name).unwrap_or_default())
            .map_err(|problem| self.wrong(name, &format!("is not usable: {problem}")))
    }

    pub(super) fn require(&self, name: &str, holds: bool, problem: &str) -> Result<(), ConfigError> {
        if holds {
            Ok(())
        } else {
            Err(self.wrong(name, problem))
        }
    }

    pub(super) fn wrong(&self, name: &str, problem: &str) -> ConfigError {
        let origin = self.values.get(name).map_or(DEFAULT, |value| value.origin);
        let setting = find(name);
        let name = match (origin, setting) {
            (ENVIRONMENT | DOTENV, Some(setting)) => setting.variable(),
            (FILE, Some(setting)) => setting.key(),
            _ => format!("--{name}"),
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

/// The settings among some variables. A name that nobody knows is refused if it begins as ours do.
fn known<'a>(
    variables: &'a BTreeMap<String, String>,
    origin: &'static str,
) -> Result<Vec<(&'static Setting, &'a String)>, ConfigError> {
    let mut found = Vec::new();
    for (name, text) in variables {
        // Those of the test suite are not the service's.
        let ours = name.starts_with("JETON_") && !name.starts_with("JETON_TEST_");
        match ALL.iter().find(|setting| setting.variable() == *name) {
            Some(setting) => found.push((setting, text)),
            None if ours => return Err(unknown(name, origin, Setting::variable)),
            None => {}
        }
    }
    Ok(found)
}

fn unknown_key(key: &str) -> ConfigError {
    if key == "secret_key" {
        return ConfigError::SecretInFile {
            name: key.to_owned(),
            origin: FILE,
        };
    }
    unknown(key, FILE, Setting::key)
}

fn unknown(name: &str, origin: &'static str, spelling: fn(&Setting) -> String) -> ConfigError {
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
                .get("listen")
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
