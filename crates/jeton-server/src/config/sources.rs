//! Where settings come from, read whole before any is looked at.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use super::ConfigError;

/// The settings as each source has them.
#[derive(Default)]
pub struct Sources {
    /// By the settings' names, from the command line.
    pub flags: BTreeMap<String, String>,
    /// The environment's variables.
    pub environment: BTreeMap<String, String>,
    /// The variables of `.env`.
    pub dotenv: BTreeMap<String, String>,
    /// The keys of `jeton.toml`.
    pub file: BTreeMap<String, String>,
}

/// Any of them may hold a secret.
impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sources(..)")
    }
}

impl Sources {
    /// Reads the environment, `.env` in this folder, and the configuration file.
    ///
    /// # Errors
    ///
    /// [`ConfigError::File`] when a file is there and cannot be understood, or was named and is not there.
    pub fn read(flags: BTreeMap<String, String>, config_file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Ok(Self {
            flags,
            environment: environment.collect(),
            dotenv: dotenv(Path::new(".env"))?,
            file: toml(config_file)?,
        })
    }
}

fn dotenv(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(BTreeMap::new()),
        Err(_) => return Err(file_error(path, "it cannot be opened")),
    };
    let mut variables = BTreeMap::new();
    for (number, line) in lines.enumerate() {
        // The parser's own error quotes the line, and the line may be a secret.
        let problem = || format!("entry {} is not of the form NAME=value", number + 1);
        let (name, value) = line.map_err(|_| file_error(path, &problem()))?;
        variables.insert(name, value);
    }
    Ok(variables)
}

fn toml(named: Option<&Path>) -> Result<BTreeMap<String, String>, ConfigError> {
    let path = named.unwrap_or(Path::new("jeton.toml"));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => {
            return Ok(BTreeMap::new());
        }
        Err(error) => return Err(file_error(path, &error.to_string())),
    };
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| file_error(path, error.message()))?;
    table
        .into_iter()
        .map(|(key, value)| Ok((key.clone(), plain(path, &key, value)?)))
        .collect()
}

/// A value as the text the other sources would have.
fn plain(path: &Path, key: &str, value: toml::Value) -> Result<String, ConfigError> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(truth) => Ok(truth.to_string()),
        toml::Value::Array(items) => {
            let items = items
                .into_iter()
                .map(|item| plain(path, key, item))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(items.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => Err(file_error(
            path,
            &format!("{key} is neither a text, a whole number, a truth value nor a list of these"),
        )),
    }
}

fn file_error(path: &Path, problem: &str) -> ConfigError {
    ConfigError::File {
        path: PathBuf::from(path),
        problem: problem.to_owned(),
    }
}
