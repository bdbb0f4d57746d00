//! Secrets in files that others on this machine can read.

use std::path::Path;

use super::{
    ConfigError, Sources,
    database_url::without_password,
    setting::{Entry, Kind},
    settings::ALL,
};

/// Warnings for the log at the start, one for each exposed file.
///
/// # Errors
///
/// [`ConfigError::MasterKeyExposed`] for a master key, whose own file is refused when others can read it.
pub(super) fn warnings(sources: &Sources) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    if let Some(path) = &sources.exposed_dotenv {
        let held = sources
            .dotenv
            .iter()
            .filter(|(name, text)| is_secret(name, text, Entry::variable));
        let held: Vec<_> = held.map(|(name, _)| name.as_str()).collect();
        if let Some(name) = held.iter().find(|name| name.starts_with("JETON_MASTER_KEY")) {
            return Err(ConfigError::MasterKeyExposed {
                path: path.clone(),
                name: (*name).to_owned(),
            });
        }
        warnings.extend(warning(path, &held));
    }
    if let Some(path) = &sources.exposed_file {
        let held = sources
            .file
            .iter()
            .filter(|(key, text)| is_secret(key, text, Entry::key));
        let held: Vec<_> = held.map(|(key, _)| key.as_str()).collect();
        warnings.extend(warning(path, &held));
    }
    Ok(warnings)
}

fn is_secret(name: &str, text: &str, spelling: fn(&Entry) -> String) -> bool {
    let entry = ALL.iter().find(|entry| spelling(entry) == name);
    match entry.map(|entry| entry.kind) {
        Some(Kind::Secret) => true,
        Some(Kind::Url) => without_password(text) != text,
        Some(Kind::Plain | Kind::Switch) | None => false,
    }
}

fn warning(path: &Path, held: &[&str]) -> Option<String> {
    (!held.is_empty()).then(|| {
        format!(
            "{} holds {} and can be read by others on this machine: run chmod 600 {}",
            path.display(),
            held.join(", "),
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(dotenv: &[(&str, &str)], file: &[(&str, &str)]) -> Sources {
        let owned = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        Sources {
            dotenv: owned(dotenv),
            file: owned(file),
            exposed_dotenv: Some(".env".into()),
            exposed_file: Some("jeton.toml".into()),
            ..Sources::default()
        }
    }

    #[test]
    fn files_with_secrets_are_named_with_what_they_hold_and_not_with_the_secret() {
        let exposed = sources(
            &[
                ("JWT_SECRET", "hush"),
                ("JETON_LISTEN", "127.0.0.1:0"),
                ("JETON_REDIS_URL", "redis://:hush@cache"),
            ],
            &[("database_url", "postgres://jeton:hush@db/jeton")],
        );
        assert_eq!(
            warnings(&exposed).unwrap(),
            [
                ".env holds JETON_REDIS_URL, JWT_SECRET and can be read by others on this machine: run chmod 600 .env",
                "jeton.toml holds database_url and can be read by others on this machine: run chmod 600 jeton.toml"
            ]
        );
    }

    #[test]
    fn files_without_secrets_are_everybodys() {
        let open = sources(
            &[("JETON_DATABASE_URL", "sqlite://jeton.db"), ("FLASK_APP", "x")],
            &[("listen", "127.0.0.1:0")],
        );
        assert!(warnings(&open).unwrap().is_empty());
    }

    #[test]
    fn a_master_key_that_others_can_read_is_refused_as_its_own_file_is() {
        let refused = warnings(&sources(&[("JETON_MASTER_KEY", "hush")], &[])).unwrap_err();
        assert_eq!(
            refused.to_string(),
            ".env holds JETON_MASTER_KEY and can be read by others: run chmod 600 .env"
        );
    }
}
