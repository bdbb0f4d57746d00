//! Every setting there is, once: its names, default and help, and how it is read.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use jeton::Algorithm;
use zeroize::Zeroizing;

use super::{
    DatabaseUrl, Issuer, LogFormat,
    setting::{Entry, Kind, Optional, Setting, between, fits, parsed},
    values::{duration, listen, log_filter, networks, on_off, origins, registration, signing_algorithm},
};
use crate::{
    model::{
        acceptance,
        brand::{Colour, Links},
        password,
        time::Timestamp,
    },
    redis::RedisUrl,
    service::machinery::revoked::WhenStale,
};

/// The longest a superseded refresh token may stay good: longer, and a stolen one would be worth stealing.
const MAX_GRACE: Duration = Duration::from_mins(2);

/// The longest a database may take: a request is not to wait longer than its client.
const MAX_DATABASE_TIMEOUT: Duration = Duration::from_secs(20);

/// The longest others may keep the key set.
const MAX_JWKS_AGE: Duration = Duration::from_hours(24);

/// The shortest bound on how late revocations may be heard of: a reading may come late once without harm.
const MIN_MAX_LAG: Duration = Duration::from_secs(2);

/// Declares settings, and with them the table that no setting can be missing from.
macro_rules! settings {
    ($($name:ident: $type:ty = $setting:expr;)*) => {
        $(pub(super) const $name: $type = $setting;)*

        pub const ALL: &[Entry] = &[$($name.entry),*];
    };
}

settings! {
    LISTEN: Setting<SocketAddr> = Setting::new(
        "listen",
        "ADDRESS:PORT",
        "127.0.0.1:5000",
        listen,
        "Where to listen; port 0 takes a free one",
    );
    DATABASE_URL: Setting<DatabaseUrl> = Setting::new(
        "database-url",
        "URL",
        "sqlite://jeton.db",
        |url| Ok(DatabaseUrl::new(url.to_owned())),
        "The database: sqlite://FILE, made when it is not there, or postgres://USER:PASSWORD@HOST/NAME",
    )
    .of(Kind::Url);
    DATABASE_CONNECTIONS: Setting<u32> = Setting::new(
        "database-connections",
        "N",
        "10",
        parsed,
        "Connections to a PostgreSQL server that read; one more writes",
    )
    .checked(|connections| between(connections, 1, 1000));
    DATABASE_TIMEOUT: Setting<Duration> = Setting::new(
        "database-timeout",
        "TIME",
        "5s",
        duration,
        "How long a connection, a lock or a statement may take there, 1s to 20s",
    )
    .checked(|time| {
        let holds = (Duration::from_secs(1)..=MAX_DATABASE_TIMEOUT).contains(time);
        fits(holds, "is not between 1s and 20s")
    });
    REDIS_URL: Optional<RedisUrl> = Setting::optional(
        "redis-url",
        "URL",
        parsed,
        "A Redis or Valkey in which nodes share limits and announce revocations: redis://:PASSWORD@HOST:PORT",
    )
    .of(Kind::Url);
    ISSUER: Setting<Issuer> = Setting::new(
        "issuer",
        "URL",
        "http://localhost:5000",
        parsed,
        "Who signs: the public URL of this service, `iss` of its tokens",
    );
    AUDIENCE: Optional<String> = Setting::optional(
        "audience",
        "NAME",
        parsed,
        "Whom access tokens are for, their `aud` [default: the issuer]",
    );
    PAGES: Setting<bool> = Setting::new(
        "pages",
        "on|off",
        "on",
        on_off,
        "Whether there are pages for people beside the API",
    );
    BRAND_NAME: Optional<String> = Setting::optional(
        "brand-name",
        "NAME",
        parsed,
        "The name the pages show [default: Jeton]",
    )
    .checked(|name: &String| fits((1..=40).contains(&name.chars().count()), "is not 1 to 40 characters long"));
    BRAND_LOGO: Optional<PathBuf> = Setting::optional(
        "brand-logo",
        "FILE",
        parsed,
        "The picture before it, PNG or WebP, at most 16 KiB [default: a coin]",
    );
    BRAND_COLOR: Optional<Colour> = Setting::optional(
        "brand-color",
        "#RRGGBB",
        parsed,
        "Their accent; where it could not be read it is darkened [default: brass]",
    );
    BRAND_LINKS: Optional<Links> = Setting::optional(
        "brand-links",
        "LABEL=URL,...",
        parsed,
        "What stands at their foot, as Imprint=https://example.org/imprint",
    );
    INSECURE: Setting<bool> = Setting::new(
        "insecure",
        "BOOL",
        "false",
        parsed,
        "Allow an issuer beyond this machine that is not https",
    )
    .of(Kind::Switch);
    MASTER_KEY_FILE: Optional<PathBuf> = Setting::optional(
        "master-key-file",
        "PATH",
        parsed,
        "The key that seals the signing keys [default: jeton.key beside the database]",
    );
    MASTER_KEY: Optional<Zeroizing<String>> = Setting::secret(
        "master-key",
        "BASE64",
        "The master key itself: 32 bytes in base64",
    );
    MASTER_KEY_PREVIOUS: Optional<Zeroizing<String>> = Setting::secret(
        "master-key-previous",
        "BASE64",
        "The master key before, while it is changed",
    );
    MASTER_KEY_PREVIOUS_FILE: Optional<PathBuf> = Setting::optional(
        "master-key-previous-file",
        "PATH",
        parsed,
        "The file of the master key before, while it is changed",
    );
    JWT_SECRET: Optional<Zeroizing<String>> = Setting::secret(
        "jwt-secret",
        "SECRET",
        "Signs access tokens with HS256, in place of the keys in the database; at least 32 bytes",
    );
    JWT_SECRET_KEY: Optional<Zeroizing<String>> = Setting::secret(
        "jwt-secret-key",
        "SECRET",
        "The same under the name that Flask-JWT-Extended has for it",
    );
    JWT_SECRET_PREVIOUS: Optional<Zeroizing<String>> = Setting::secret(
        "jwt-secret-previous",
        "SECRET",
        "The JWT_SECRET before: what it signed is accepted for a while",
    );
    JWT_SECRET_PREVIOUS_UNTIL: Optional<Timestamp> = Setting::optional(
        "jwt-secret-previous-until",
        "TIME",
        parsed,
        "Until when it is, as in 2026-11-21T23:31:00Z",
    );
    SIGNING_ALGORITHM: Optional<Algorithm> = Setting::optional(
        "signing-algorithm",
        "NAME",
        signing_algorithm,
        "What the first key signs with, as in RS256 for clients that know nothing newer [default: ES256]; later `jeton keys \
         rotate --algorithm` changes it",
    );
    JWKS_MAX_AGE: Setting<Duration> = Setting::new(
        "jwks-max-age",
        "TIME",
        "5m",
        duration,
        "How long others may keep /.well-known/jwks.json, and so how long a new key waits, at most 24h",
    )
    .checked(|age| {
        let problem = "is longer than 24h: a new key signs only when everybody has it";
        fits(*age <= MAX_JWKS_AGE, problem)
    });
    ACCESS_LIFETIME: Setting<Duration> = Setting::new(
        "access-lifetime",
        "TIME",
        "15m",
        duration,
        "How long an access token lives, at most 24h",
    )
    .checked(|lifetime| {
        fits(*lifetime <= acceptance::LONGEST, "is longer than 24h")?;
        fits(!lifetime.is_zero(), "is zero")
    });
    REFRESH_LIFETIME: Setting<Duration> = Setting::new(
        "refresh-lifetime",
        "TIME",
        "7d",
        duration,
        "How long a session lives without a refresh",
    );
    SESSION_LIFETIME: Setting<Duration> = Setting::new(
        "session-lifetime",
        "TIME",
        "30d",
        duration,
        "How long a session lives at most",
    );
    REFRESH_GRACE: Setting<Duration> = Setting::new(
        "refresh-grace",
        "TIME",
        "30s",
        duration,
        "How long an exchanged refresh token gives the same successor again, at most 120s",
    )
    .checked(|grace| fits(*grace <= MAX_GRACE, "is longer than 120s"));
    REVOCATION_MAX_LAG: Setting<Duration> = Setting::new(
        "revocation-max-lag",
        "TIME",
        "10s",
        duration,
        "How late revocations may be heard of before requests with tokens get 503, at least 2s",
    )
    .checked(|lag| {
        let problem = "is shorter than 2s, within which a node reads the revocations four times";
        fits(*lag >= MIN_MAX_LAG, problem)
    });
    WHEN_STALE: Setting<WhenStale> = Setting::new(
        "when-stale",
        "refuse|allow",
        "refuse",
        parsed,
        "Whether tokens are refused or accepted once that time is over",
    );
    REGISTRATION: Setting<bool> = Setting::new(
        "registration",
        "open|closed",
        "open",
        registration,
        "Whether anybody may register",
    );
    PASSWORD_MIN_LENGTH: Setting<usize> = Setting::new(
        "password-min-length",
        "N",
        "8",
        parsed,
        "The fewest characters of a new password, at least 8",
    )
    .checked(|length| {
        let problem = "is below 8, the fewest characters a password may have";
        fits(*length >= password::MIN_CHARS, problem)
    });
    ARGON2_MEMORY_KIB: Setting<u32> = Setting::new(
        "argon2-memory-kib",
        "KIB",
        "19456",
        parsed,
        "The memory of one password hash",
    )
    .checked(|memory| between(memory, 8, 4_194_304));
    ARGON2_ITERATIONS: Setting<u32> = Setting::new(
        "argon2-iterations",
        "N",
        "2",
        parsed,
        "The passes over that memory",
    )
    .checked(|passes| between(passes, 1, 1000));
    HASH_THREADS: Optional<usize> = Setting::optional(
        "hash-threads",
        "N",
        parsed,
        "Threads that hash passwords [default: one fewer than cores]",
    )
    .checked(|threads| between(threads, 1, 1024));
    HASH_QUEUE: Setting<usize> = Setting::new(
        "hash-queue",
        "N",
        "64",
        parsed,
        "How many passwords may wait for their turn",
    )
    .checked(|length| between(length, 1, 100_000));
    HASH_DEADLINE: Setting<Duration> = Setting::new(
        "hash-deadline",
        "TIME",
        "5s",
        duration,
        "How long one may wait",
    );
    RATE_LIMIT: Setting<bool> = Setting::new(
        "rate-limit",
        "on|off",
        "on",
        on_off,
        "Slow attempts to sign in down; `off` is for load tests",
    );
    FREE_FAILURES: Setting<u32> = Setting::new(
        "free-failures",
        "N",
        "10",
        parsed,
        "Failed sign-ins under a name before the next has to wait",
    )
    .checked(|failures| between(failures, 1, 1000));
    LOCKOUT_AFTER: Setting<u32> = Setting::new(
        "lockout-after",
        "N",
        "100",
        parsed,
        "Failed sign-ins after which unknown devices need an administrator's unlock; 0 for never",
    );
    ADDRESS_LIMIT: Setting<u32> = Setting::new(
        "address-limit",
        "N",
        "300",
        parsed,
        "Attempts to sign in or register an address has at once, and again each minute",
    )
    .checked(|attempts| between(attempts, 1, 1_000_000));
    TRUSTED_PROXIES: Optional<Vec<IpNet>> = Setting::optional(
        "trusted-proxies",
        "ADDRESSES",
        networks,
        "Addresses or networks, with commas between, whose X-Forwarded-For or Forwarded is believed; each must set it",
    );
    MAX_CONNECTIONS: Setting<usize> = Setting::new(
        "max-connections",
        "N",
        "4096",
        parsed,
        "Connections at once, as far as the limit of open files allows; the one that waited longest makes room for the next",
    )
    .checked(|connections| between(connections, 1, 1_000_000));
    CONNECTIONS_PER_ADDRESS: Setting<usize> = Setting::new(
        "connections-per-address",
        "N",
        "1024",
        parsed,
        "Those of one address, or of an IPv6 /64, half of all at most; trusted proxies have no limit of their own",
    )
    .checked(|connections| between(connections, 1, 1_000_000));
    AUDIT_RETENTION: Setting<Duration> = Setting::new(
        "audit-retention",
        "TIME",
        "365d",
        duration,
        "How long the events of the audit trail are kept; 0 is for ever",
    );
    CORS_ORIGINS: Optional<Vec<String>> = Setting::optional(
        "cors-origins",
        "ORIGINS",
        origins,
        "Origins whose pages may call the service, with commas between",
    );
    LOG: Setting<String> = Setting::new(
        "log",
        "FILTER",
        "info",
        log_filter,
        "What is logged: off, error, warn, info, debug, trace, or a level by module as in info,jeton_server=debug",
    );
    LOG_FORMAT: Setting<LogFormat> = Setting::new(
        "log-format",
        "pretty|json",
        "pretty",
        parsed,
        "How it is logged",
    );
}
