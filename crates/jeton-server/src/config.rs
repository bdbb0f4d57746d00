//! Settings: flags over the environment over `.env` over `jeton.toml` over defaults.
//!
//! Every setting stands once, in [`settings::ALL`]; a wrong or unknown one is refused with its name, what is
//! wrong with its value and, for an unknown one, the nearest name there is.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use jeton::Algorithm;
use settings::{JWT_SECRET, JWT_SECRET_KEY, SIGNING_ALGORITHM};

use crate::{
    commons::RedisUrl,
    model::{acceptance, password, throttle::Limits},
    service::{
        Rules,
        machinery::{
            hasher::Cost,
            keys::Secrets,
            revoked::WhenStale,
            seal::{MasterKey, MasterKeys},
        },
    },
};

mod database_url;
mod dotenv;
mod error;
mod exposed;
mod load;
mod master_key;
mod samples;
mod secrets;
pub mod settings;
mod sources;
mod values;

pub use database_url::DatabaseUrl;
pub use error::ConfigError;
pub use load::Loaded;
pub use master_key::MasterKeyError;
pub use sources::Sources;
pub(crate) use values::duration;
pub use values::{Issuer, LogFormat};

/// The longest a superseded refresh token may stay good: longer, and a stolen one would be worth stealing.
const MAX_GRACE: Duration = Duration::from_mins(2);

/// The longest a database may take: a request is not to wait longer than its client.
const MAX_DATABASE_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest others may keep the key set.
const MAX_JWKS_AGE: Duration = Duration::from_hours(24);

/// The shortest bound on how late revocations may be heard of: a reading may come late once without harm.
const MIN_MAX_LAG: Duration = Duration::from_secs(2);

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub database_url: DatabaseUrl,
    /// Connections to a database server that read; one more writes.
    pub database_connections: u32,
    /// How long one of its connections, locks or statements may take.
    pub database_timeout: Duration,
    /// What nodes share for speed alone.
    pub redis_url: Option<RedisUrl>,
    pub issuer: Issuer,
    pub rules: Rules,
    pub cost: Cost,
    /// What signs access tokens in place of the keys in the database.
    pub secrets: Secrets,
    pub master_key: Option<MasterKey>,
    pub master_key_file: PathBuf,
    /// Whether that file was named, and is not just where one would be.
    pub master_key_file_named: bool,
    /// While the master key is changed, the one before; or where it is.
    pub master_key_previous: Option<MasterKey>,
    pub master_key_previous_file: Option<PathBuf>,
    pub cors_origins: Vec<String>,
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
    /// What should be said at start, once there is a log to say it in.
    pub warnings: Vec<String>,
}

impl Config {
    /// Checks the settings found.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the first setting that cannot be.
    pub fn from_loaded(loaded: &Loaded) -> Result<Self, ConfigError> {
        let issuer: Issuer = loaded.parse("issuer")?;
        let listen = loaded.parse_with("listen", values::listen)?;
        let insecure = loaded.parse("insecure")?;
        values::require_fit(listen, &issuer, loaded.is_set("issuer"), insecure)?;
        let database_url = DatabaseUrl::new(loaded.parse("database-url")?);
        let master_key_file = match loaded.get("master-key-file") {
            Some(path) => PathBuf::from(path),
            None => master_key::default_file(&database_url),
        };
        let secrets = secrets::read(loaded)?;
        Ok(Self {
            listen,
            rules: rules(loaded, &issuer)?,
            cost: cost(loaded)?,
            master_key: master_key::from_settings(loaded, "master-key")?,
            master_key_file,
            master_key_file_named: loaded.get("master-key-file").is_some(),
            master_key_previous: master_key::from_settings(loaded, "master-key-previous")?,
            master_key_previous_file: loaded.get("master-key-previous-file").map(PathBuf::from),
            cors_origins: loaded.parse_with("cors-origins", values::origins)?,
            audit_retention: loaded.parse_with("audit-retention", values::duration)?,
            address_limit: address_limit(loaded)?,
            trusted_proxies: loaded.parse_with("trusted-proxies", values::networks)?,
            max_connections: connections(loaded, "max-connections")?,
            connections_per_address: connections(loaded, "connections-per-address")?,
            log: loaded.parse_with("log", values::log_filter)?,
            log_format: loaded.parse("log-format")?,
            warnings: warnings(loaded, &issuer, secrets.current.is_some())?,
            database_url,
            database_connections: database_connections(loaded)?,
            database_timeout: database_timeout(loaded)?,
            redis_url: match loaded.get("redis-url") {
                Some(_) => Some(loaded.parse("redis-url")?),
                None => None,
            },
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
    let rules = Rules {
        issuer: issuer.as_str().to_owned(),
        audience: loaded
            .get("audience")
            .map_or_else(|| issuer.as_str().to_owned(), str::to_owned),
        access_lifetime: loaded.parse_with("access-lifetime", values::duration)?,
        refresh_lifetime: loaded.parse_with("refresh-lifetime", values::duration)?,
        session_lifetime: loaded.parse_with("session-lifetime", values::duration)?,
        refresh_grace: loaded.parse_with("refresh-grace", values::duration)?,
        revocation_max_lag: loaded.parse_with("revocation-max-lag", values::duration)?,
        jwks_max_age: loaded.parse_with("jwks-max-age", values::duration)?,
        signing_algorithm: signing_algorithm(loaded)?,
        when_stale: loaded.parse("when-stale")?,
        registration_open: loaded.parse_with("registration", values::registration)?,
        password_min_chars: loaded.parse("password-min-length")?,
        throttle: throttle(loaded)?,
    };
    loaded.require(
        "access-lifetime",
        rules.access_lifetime <= acceptance::LONGEST,
        "is longer than 24h",
    )?;
    loaded.require("access-lifetime", !rules.access_lifetime.is_zero(), "is zero")?;
    loaded.require(
        "refresh-lifetime",
        rules.refresh_lifetime > rules.refresh_grace,
        "is not longer than the grace time",
    )?;
    loaded.require(
        "session-lifetime",
        rules.session_lifetime >= rules.refresh_lifetime,
        "is shorter than refresh-lifetime",
    )?;
    loaded.require(
        "refresh-grace",
        rules.refresh_grace <= MAX_GRACE,
        "is longer than 120s",
    )?;
    loaded.require(
        "revocation-max-lag",
        rules.revocation_max_lag >= MIN_MAX_LAG,
        "is shorter than 2s, within which a node reads the revocations four times",
    )?;
    loaded.require(
        "jwks-max-age",
        rules.jwks_max_age <= MAX_JWKS_AGE,
        "is longer than 24h: a new key signs only when everybody has it",
    )?;
    let shortest = rules.password_min_chars >= password::MIN_CHARS;
    loaded.require(
        "password-min-length",
        shortest,
        "is below 8, the fewest characters a password may have",
    )?;
    Ok(rules)
}

fn signing_algorithm(loaded: &Loaded) -> Result<Option<Algorithm>, ConfigError> {
    if !loaded.is_set(SIGNING_ALGORITHM) {
        return Ok(None);
    }
    let has_secret = [JWT_SECRET, JWT_SECRET_KEY]
        .iter()
        .any(|name| loaded.is_set(name));
    loaded.require(
        SIGNING_ALGORITHM,
        !has_secret,
        "is set beside JWT_SECRET, which signs with HS256: leave one of them out",
    )?;
    loaded
        .parse_with(SIGNING_ALGORITHM, values::signing_algorithm)
        .map(Some)
}

fn throttle(loaded: &Loaded) -> Result<Option<Limits>, ConfigError> {
    let free = loaded.parse("free-failures")?;
    loaded.require(
        "free-failures",
        (1..=1000).contains(&free),
        "is not between 1 and 1000",
    )?;
    let lockout_after = match loaded.parse("lockout-after")? {
        0 => None,
        failures => Some(failures),
    };
    Ok(limits_rates(loaded)?.then_some(Limits { free, lockout_after }))
}

fn address_limit(loaded: &Loaded) -> Result<Option<NonZeroU32>, ConfigError> {
    let limit: u32 = loaded.parse("address-limit")?;
    loaded.require(
        "address-limit",
        (1..=1_000_000).contains(&limit),
        "is not between 1 and 1000000",
    )?;
    let on = limits_rates(loaded)?;
    Ok(NonZeroU32::new(limit).filter(|_| on))
}

fn connections(loaded: &Loaded, name: &str) -> Result<usize, ConfigError> {
    let connections = loaded.parse(name)?;
    let fits = (1..=1_000_000).contains(&connections);
    loaded.require(name, fits, "is not between 1 and 1000000")?;
    Ok(connections)
}

fn limits_rates(loaded: &Loaded) -> Result<bool, ConfigError> {
    loaded.parse_with("rate-limit", values::on_off)
}

fn database_connections(loaded: &Loaded) -> Result<u32, ConfigError> {
    let connections = loaded.parse("database-connections")?;
    let fits = (1..=1000).contains(&connections);
    loaded.require("database-connections", fits, "is not between 1 and 1000")?;
    Ok(connections)
}

fn database_timeout(loaded: &Loaded) -> Result<Duration, ConfigError> {
    let timeout = loaded.parse_with("database-timeout", values::duration)?;
    let fits = (Duration::from_secs(1)..=MAX_DATABASE_TIMEOUT).contains(&timeout);
    loaded.require("database-timeout", fits, "is not between 1s and 20s")?;
    Ok(timeout)
}

fn cost(loaded: &Loaded) -> Result<Cost, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = match loaded.get("hash-threads") {
        Some(_) => loaded.parse("hash-threads")?,
        None => cores.saturating_sub(1).max(1),
    };
    loaded.require(
        "hash-threads",
        (1..=1024).contains(&threads),
        "is not between 1 and 1024",
    )?;
    let cost = Cost {
        memory_kib: loaded.parse("argon2-memory-kib")?,
        iterations: loaded.parse("argon2-iterations")?,
        threads,
        queue: loaded.parse("hash-queue")?,
        deadline: loaded.parse_with("hash-deadline", values::duration)?,
    };
    loaded.require(
        "argon2-memory-kib",
        (8..=4_194_304).contains(&cost.memory_kib),
        "is not between 8 and 4194304",
    )?;
    loaded.require(
        "argon2-iterations",
        (1..=1000).contains(&cost.iterations),
        "is not between 1 and 1000",
    )?;
    loaded.require(
        "hash-queue",
        (1..=100_000).contains(&cost.queue),
        "is not between 1 and 100000",
    )?;
    Ok(cost)
}

fn warnings(loaded: &Loaded, issuer: &Issuer, has_secret: bool) -> Result<Vec<String>, ConfigError> {
    let mut warnings = loaded.exposed.clone();
    if !has_secret && loaded.has_bare_secret_key {
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
    let memory: u32 = loaded.parse("argon2-memory-kib")?;
    if memory < 7168 {
        warnings.push("argon2-memory-kib is below 7168: password hashes this cheap are for tests".to_owned());
    }
    if !limits_rates(loaded)? {
        warnings.push(
            "rate-limit is OFF: passwords can be guessed as fast as they can be hashed; this is for load tests"
                .to_owned(),
        );
    }
    if loaded.parse::<WhenStale>("when-stale")? == WhenStale::Allow {
        warnings.push(
            "when-stale is allow: while the database cannot be read, tokens that were called back elsewhere may pass"
                .to_owned(),
        );
    }
    Ok(warnings)
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
