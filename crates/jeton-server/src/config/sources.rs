//! Where settings come from, read whole before any is looked at.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{ConfigError, dotenv};

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
    /// Where each of the two files is, if others on this machine can read it.
    pub exposed_dotenv: Option<PathBuf>,
    pub exposed_file: Option<PathBuf>,
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
        let environment = variables(std::env::vars_os())?;
        let dotenv_path = Path::new(".env");
        let file_path = config_file.unwrap_or(Path::new("jeton.toml"));
        Ok(Self {
            flags,
            environment,
            dotenv: dotenv(dotenv_path)?,
            file: toml(config_file)?,
            exposed_dotenv: is_exposed(dotenv_path).then(|| dotenv_path.to_owned()),
            exposed_file: is_exposed(file_path).then(|| file_path.to_owned()),
        })
    }
}

/// The variables that are text; one of ours that is none is refused, not passed over.
fn variables(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut variables = BTreeMap::new();
    for (name, value) in all {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => {
                variables.insert(name, value);
            }
            (name, _) => {
                let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
                if dotenv::speaks_of_ours(&name) {
                    return Err(ConfigError::NotText { name });
                }
            }
        }
    }
    Ok(variables)
}

fn is_exposed(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

fn dotenv(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    match std::fs::read(path) {
        Ok(bytes) => dotenv::read(&bytes).map_err(|problem| file_error(path, &problem)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(file_error(path, &error.to_string())),
    }
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
