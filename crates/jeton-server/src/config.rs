//! Settings: flags over the environment over `.env` over `jeton.toml` over defaults.
//!
//! Every setting stands once, in [`settings`]; a wrong or unknown one is refused with its name, what is
//! wrong with its value and, for an unknown one, the nearest name there is.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use jeton::Algorithm;

use crate::{
    model::{brand::Brand, throttle::Limits},
    redis::RedisUrl,
    service::{
        Rules,
        doctor::SettingInForce,
        machinery::{
            hasher::Cost,
            keys::Secrets,
            revoked::WhenStale,
            seal::{MasterKey, MasterKeys},
        },
    },
};

mod brand;
mod database_url;
mod dotenv;
mod error;
mod exposed;
mod load;
mod master_key;
mod samples;
mod secrets;
mod setting;
pub mod settings;
mod setup;
mod sources;
mod values;

pub use database_url::DatabaseUrl;
pub use error::ConfigError;
pub use load::Loaded;
pub use master_key::MasterKeyError;
pub use setting::{Entry, Kind, Optional, Setting};
pub use sources::Sources;
pub(crate) use values::duration;
pub use values::{Issuer, LogFormat};

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub database_url: DatabaseUrl,
    /// Connections to a database server that read; one more writes.
    pub database_connections: u32,
    /// How long one of its connections, locks or statements may take.
    pub database_timeout: Duration,
    /// The Redis that nodes share, for speed alone.
    pub redis_url: Option<RedisUrl>,
    pub issuer: Issuer,
    pub rules: Rules,
    pub cost: Cost,
    /// Secrets that sign access tokens in place of the keys in the database.
    pub secrets: Secrets,
    pub master_key: Option<MasterKey>,
    pub master_key_file: PathBuf,
    /// Whether that file was named, and is not just where one would be.
    pub master_key_file_named: bool,
    /// While the master key is changed, the one before; or where it is.
    pub master_key_previous: Option<MasterKey>,
    pub master_key_previous_file: Option<PathBuf>,
    pub cors_origins: Vec<String>,
    /// The brand that the pages show; none without pages.
    pub brand: Option<Brand>,
    /// Zero is for ever.
    pub audit_retention: Duration,
    /// Attempts to sign in or register that an address has a minute; `None` for as many as it likes.
    pub address_limit: Option<NonZeroU32>,
    /// Proxies that are believed about where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    pub max_connections: usize,
    pub connections_per_address: usize,
    pub log: String,
    pub log_format: LogFormat,
    /// Every setting, as `jeton config` shows it.
    pub in_force: Vec<SettingInForce>,
    /// Warnings about files with secrets that others on this machine can read.
    pub exposed: Vec<String>,
    /// Warnings to give at start, once there is a log to give them in.
    pub warnings: Vec<String>,
}

impl Config {
    /// Checks the settings found.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the first setting that cannot be.
    pub fn from_loaded(loaded: &Loaded) -> Result<Self, ConfigError> {
        let issuer = loaded.value(&settings::ISSUER)?;
        let listen = loaded.value(&settings::LISTEN)?;
        let insecure = loaded.value(&settings::INSECURE)?;
        values::require_fit(listen, &issuer, loaded.is_set(&settings::ISSUER), insecure)?;
        let database_url = loaded.value(&settings::DATABASE_URL)?;
        let master_key_file = loaded.optional(&settings::MASTER_KEY_FILE)?;
        let secrets = secrets::read(loaded)?;
        let (rules, cost) = (rules(loaded, &issuer)?, cost(loaded)?);
        Ok(Self {
            in_force: setup::in_force(loaded),
            exposed: loaded.exposed.clone(),
            warnings: warnings(loaded, &issuer, &secrets, &rules, &cost),
            listen,
            rules,
            cost,
            master_key: master_key::from_settings(loaded, &settings::MASTER_KEY)?,
            master_key_file_named: master_key_file.is_some(),
            master_key_file: master_key_file.unwrap_or_else(|| master_key::default_file(&database_url)),
            master_key_previous: master_key::from_settings(loaded, &settings::MASTER_KEY_PREVIOUS)?,
            master_key_previous_file: loaded.optional(&settings::MASTER_KEY_PREVIOUS_FILE)?,
            brand: brand::read(loaded, &issuer)?,
            cors_origins: loaded.optional(&settings::CORS_ORIGINS)?.unwrap_or_default(),
            audit_retention: loaded.value(&settings::AUDIT_RETENTION)?,
            address_limit: address_limit(loaded)?,
            trusted_proxies: loaded.optional(&settings::TRUSTED_PROXIES)?.unwrap_or_default(),
            max_connections: loaded.value(&settings::MAX_CONNECTIONS)?,
            connections_per_address: loaded.value(&settings::CONNECTIONS_PER_ADDRESS)?,
            log: loaded.value(&settings::LOG)?,
            log_format: loaded.value(&settings::LOG_FORMAT)?,
            database_url,
            database_connections: loaded.value(&settings::DATABASE_CONNECTIONS)?,
            database_timeout: loaded.value(&settings::DATABASE_TIMEOUT)?,
            redis_url: loaded.optional(&settings::REDIS_URL)?,
            issuer,
            secrets,
        })
    }

    /// These settings for another database: a master key beside the one is looked for beside the other.
    #[must_use]
    pub fn for_database(&self, url: &str) -> Self {
        let is_beside = self.master_key_file == master_key::default_file(&self.database_url);
        Self {
            database_url: DatabaseUrl::new(url.to_owned()),
            master_key_file: if is_beside {
                master_key::default_file(url)
            } else {
                self.master_key_file.clone()
            },
            ..self.clone()
        }
    }

    /// The master key's file, where it is what remains of a start before: nobody has put it there or named it.
    #[must_use]
    pub fn key_file_left_behind(&self) -> Option<&Path> {
        let made_here = self.master_key.is_none() && !self.master_key_file_named;
        (made_here && self.master_key_file.exists()).then_some(&*self.master_key_file)
    }

    /// The master key: from the settings, from its file, or made now where nothing is sealed yet. And the one before,
    /// where there is one.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`] when there are sealed keys and no key to open them with, or a file is not safe.
    pub fn master_keys(
        &self,
        already_sealed: bool,
        random: &dyn crate::service::machinery::random::Random,
    ) -> Result<MasterKeys, MasterKeyError> {
        let current = match &self.master_key {
            Some(key) => key.clone(),
            None => master_key::open_or_make(&self.master_key_file, already_sealed, random)?,
        };
        let previous = match (&self.master_key_previous, &self.master_key_previous_file) {
            (Some(_), Some(_)) => return Err(MasterKeyError::TwoPrevious),
            (Some(key), None) => Some(key.clone()),
            (None, Some(path)) => Some(master_key::open(path)?),
            (None, None) => None,
        };
        if previous.as_ref().is_some_and(|previous| previous.is(&current)) {
            return Err(MasterKeyError::SameTwice);
        }
        Ok(MasterKeys { current, previous })
    }
}

fn rules(loaded: &Loaded, issuer: &Issuer) -> Result<Rules, ConfigError> {
    let audience = loaded.optional(&settings::AUDIENCE)?;
    let rules = Rules {
        issuer: issuer.as_str().to_owned(),
        audience: audience.unwrap_or_else(|| issuer.as_str().to_owned()),
        access_lifetime: loaded.value(&settings::ACCESS_LIFETIME)?,
        refresh_lifetime: loaded.value(&settings::REFRESH_LIFETIME)?,
        session_lifetime: loaded.value(&settings::SESSION_LIFETIME)?,
        refresh_grace: loaded.value(&settings::REFRESH_GRACE)?,
        revocation_max_lag: loaded.value(&settings::REVOCATION_MAX_LAG)?,
        jwks_max_age: loaded.value(&settings::JWKS_MAX_AGE)?,
        signing_algorithm: signing_algorithm(loaded)?,
        when_stale: loaded.value(&settings::WHEN_STALE)?,
        registration_open: loaded.value(&settings::REGISTRATION)?,
        password_min_chars: loaded.value(&settings::PASSWORD_MIN_LENGTH)?,
        throttle: throttle(loaded)?,
    };
    loaded.require(
        &settings::REFRESH_LIFETIME,
        rules.refresh_lifetime > rules.refresh_grace,
        "is not longer than the grace time",
    )?;
    loaded.require(
        &settings::SESSION_LIFETIME,
        rules.session_lifetime >= rules.refresh_lifetime,
        "is shorter than refresh-lifetime",
    )?;
    Ok(rules)
}

fn signing_algorithm(loaded: &Loaded) -> Result<Option<Algorithm>, ConfigError> {
    let has_secret = loaded.is_set(&settings::JWT_SECRET) || loaded.is_set(&settings::JWT_SECRET_KEY);
    loaded.require(
        &settings::SIGNING_ALGORITHM,
        !(has_secret && loaded.is_set(&settings::SIGNING_ALGORITHM)),
        "is set beside JWT_SECRET, which signs with HS256: leave one of them out",
    )?;
    loaded.optional(&settings::SIGNING_ALGORITHM)
}

fn throttle(loaded: &Loaded) -> Result<Option<Limits>, ConfigError> {
    let lockout_after = loaded.value(&settings::LOCKOUT_AFTER)?;
    let limits = Limits {
        free: loaded.value(&settings::FREE_FAILURES)?,
        lockout_after: (lockout_after > 0).then_some(lockout_after),
    };
    Ok(loaded.value(&settings::RATE_LIMIT)?.then_some(limits))
}

fn address_limit(loaded: &Loaded) -> Result<Option<NonZeroU32>, ConfigError> {
    let limit = NonZeroU32::new(loaded.value(&settings::ADDRESS_LIMIT)?);
    let is_on = loaded.value(&settings::RATE_LIMIT)?;
    Ok(limit.filter(|_| is_on))
}

fn cost(loaded: &Loaded) -> Result<Cost, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = loaded.optional(&settings::HASH_THREADS)?;
    Ok(Cost {
        memory_kib: loaded.value(&settings::ARGON2_MEMORY_KIB)?,
        iterations: loaded.value(&settings::ARGON2_ITERATIONS)?,
        threads: threads.unwrap_or_else(|| cores.saturating_sub(1).max(1)),
        queue: loaded.value(&settings::HASH_QUEUE)?,
        deadline: loaded.value(&settings::HASH_DEADLINE)?,
    })
}

fn warnings(loaded: &Loaded, issuer: &Issuer, secrets: &Secrets, rules: &Rules, cost: &Cost) -> Vec<String> {
    let mut warnings = loaded.exposed.clone();
    if secrets.current.is_none() && loaded.has_bare_secret_key {
        warnings.push(
            "SECRET_KEY is set and not used: the tokens' secret is named JWT_SECRET, so that a framework's own secret \
             never becomes the key by accident"
                .to_owned(),
        );
    }
    if !issuer.is_https() {
        warnings.push(format!(
            "the issuer {issuer} is not https: cookies have no __Host- prefix, fit for this machine only"
        ));
    }
    if cost.memory_kib < 7168 {
        warnings.push("argon2-memory-kib is below 7168: password hashes this cheap are for tests".to_owned());
    }
    if rules.throttle.is_none() {
        warnings.push(
            "rate-limit is OFF: passwords can be guessed as fast as they can be hashed; this is for load tests"
                .to_owned(),
        );
    }
    if rules.when_stale == WhenStale::Allow {
        warnings.push(
            "when-stale is allow: while the database cannot be read, tokens that were revoked elsewhere may pass"
                .to_owned(),
        );
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(flags: &[(&str, &str)]) -> Config {
        let flags = flags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let sources = Sources {
            flags: flags.collect(),
            ..Sources::default()
        };
        Config::from_loaded(&Loaded::from_sources(&sources).unwrap()).unwrap()
    }

    #[test]
    fn guessing_is_slowed_down_unless_it_is_switched_off_which_is_said_at_start() {
        let says_so = |config: &Config| {
            config
                .warnings
                .iter()
                .any(|warning| warning.contains("rate-limit is OFF"))
        };
        let default = config(&[]);
        let limits = default.rules.throttle.unwrap();
        assert_eq!((limits.free, limits.lockout_after), (10, Some(100)));
        assert_eq!(default.address_limit, NonZeroU32::new(300));
        assert!(default.trusted_proxies.is_empty() && !says_so(&default));

        let never_locked = config(&[("lockout-after", "0")]);
        assert_eq!(never_locked.rules.throttle.unwrap().lockout_after, None);

        let off = config(&[("rate-limit", "off")]);
        assert!(off.rules.throttle.is_none() && off.address_limit.is_none() && says_so(&off));
    }
}
