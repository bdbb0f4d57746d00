//! Every setting there is.

/// A setting: its flag is `--name`, its variable `JETON_NAME`, its key in `jeton.toml` `name`, each in its own
/// spelling.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub name: &'static str,
    /// What stands in the place of its value in the help.
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

impl Setting {
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

pub(super) const JWT_SECRET: &str = "jwt-secret";
pub(super) const JWT_SECRET_KEY: &str = "jwt-secret-key";
pub(super) const SIGNING_ALGORITHM: &str = "signing-algorithm";

const fn plain(
    name: &'static str,
    value: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        name,
        value,
        default: Some(default),
        help,
        kind: Kind::Plain,
    }
}

const fn optional(name: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        value,
        default: None,
        help,
        kind: Kind::Plain,
    }
}

pub const ALL: [Setting; 42] = [
    plain(
        "listen",
        "ADDRESS:PORT",
        "127.0.0.1:5000",
        "Where to listen; port 0 takes a free one",
    ),
    Setting {
        name: "database-url",
        value: "URL",
        default: Some("sqlite://jeton.db"),
        help: "The database: sqlite://FILE, made when it is not there, or postgres://USER:PASSWORD@HOST/NAME",
        kind: Kind::Url,
    },
    plain(
        "database-connections",
        "N",
        "10",
        "Connections to a PostgreSQL server that read; one more writes",
    ),
    plain(
        "database-timeout",
        "TIME",
        "5s",
        "How long a connection, a lock or a statement may take there, 1s to 20s",
    ),
    Setting {
        name: "redis-url",
        value: "URL",
        default: None,
        help: "A Redis or Valkey in which nodes share limits and announce revocations: redis://:PASSWORD@HOST:PORT",
        kind: Kind::Url,
    },
    plain(
        "issuer",
        "URL",
        "http://localhost:5000",
        "Who signs: the public URL of this service, `iss` of its tokens",
    ),
    optional(
        "audience",
        "NAME",
        "Whom access tokens are for, their `aud` [default: the issuer]",
    ),
    Setting {
        name: "insecure",
        value: "BOOL",
        default: Some("false"),
        help: "Allow an issuer beyond this machine that is not https",
        kind: Kind::Switch,
    },
    optional(
        "master-key-file",
        "PATH",
        "The key that seals the signing keys [default: jeton.key beside the database]",
    ),
    Setting {
        name: "master-key",
        value: "BASE64",
        default: None,
        help: "The master key itself: 32 bytes in base64",
        kind: Kind::Secret,
    },
    Setting {
        name: "master-key-previous",
        value: "BASE64",
        default: None,
        help: "The master key before, while it is changed",
        kind: Kind::Secret,
    },
    optional(
        "master-key-previous-file",
        "PATH",
        "The file of the master key before, while it is changed",
    ),
    Setting {
        name: JWT_SECRET,
        value: "SECRET",
        default: None,
        help: "Signs access tokens with HS256, in place of the keys in the database; at least 32 bytes",
        kind: Kind::Secret,
    },
    Setting {
        name: JWT_SECRET_KEY,
        value: "SECRET",
        default: None,
        help: "The same under the name that Flask-JWT-Extended has for it",
        kind: Kind::Secret,
    },
    Setting {
        name: "jwt-secret-previous",
        value: "SECRET",
        default: None,
        help: "The JWT_SECRET before: what it signed is accepted for a while",
        kind: Kind::Secret,
    },
    optional(
        "jwt-secret-previous-until",
        "TIME",
        "Until when it is, as in 2026-11-21T23:31:00Z",
    ),
    optional(
        SIGNING_ALGORITHM,
        "NAME",
        "What the first key signs with, as in RS256 for clients that know nothing newer [default: ES256]; later `jeton keys \
         rotate --algorithm` changes it",
    ),
    plain(
        "jwks-max-age",
        "TIME",
        "5m",
        "How long others may keep /.well-known/jwks.json, and so how long a new key waits, at most 24h",
    ),
    plain(
        "access-lifetime",
        "TIME",
        "15m",
        "How long an access token lives, at most 24h",
    ),
    plain(
        "refresh-lifetime",
        "TIME",
        "7d",
        "How long a session lives without a refresh",
    ),
    plain(
        "session-lifetime",
        "TIME",
        "30d",
        "How long a session lives at most",
    ),
    plain(
        "refresh-grace",
        "TIME",
        "30s",
        "How long an exchanged refresh token gives the same successor again, at most 120s",
    ),
    plain(
        "revocation-max-lag",
        "TIME",
        "10s",
        "How late revocations may be heard of before requests with tokens get 503, at least 2s",
    ),
    plain(
        "when-stale",
        "refuse|allow",
        "refuse",
        "Whether tokens are refused or accepted once that time is over",
    ),
    plain(
        "registration",
        "open|closed",
        "open",
        "Whether anybody may register",
    ),
    plain(
        "password-min-length",
        "N",
        "8",
        "The fewest characters of a new password, at least 8",
    ),
    plain(
        "argon2-memory-kib",
        "KIB",
        "19456",
        "The memory of one password hash",
    ),
    plain("argon2-iterations", "N", "2", "The passes over that memory"),
    optional(
        "hash-threads",
        "N",
        "Threads that hash passwords [default: one fewer than cores]",
    ),
    plain(
        "hash-queue",
        "N",
        "64",
        "How many passwords may wait for their turn",
    ),
    plain("hash-deadline", "TIME", "5s", "How long one may wait"),
    plain(
        "rate-limit",
        "on|off",
        "on",
        "Slow attempts to sign in down; `off` is for load tests",
    ),
    plain(
        "free-failures",
        "N",
        "10",
        "Failed sign-ins under a name before the next has to wait",
    ),
    plain(
        "lockout-after",
        "N",
        "100",
        "Failed sign-ins after which unknown devices need an administrator's unlock; 0 for never",
    ),
    plain(
        "address-limit",
        "N",
        "300",
        "Attempts to sign in or register an address has at once, and again each minute",
    ),
    optional(
        "trusted-proxies",
        "ADDRESSES",
        "Addresses or networks, with commas between, whose X-Forwarded-For or Forwarded is believed; each must set it",
    ),
    plain(
        "max-connections",
        "N",
        "4096",
        "Connections at once, as far as the limit of open files allows; the one that waited longest makes room for the next",
    ),
    plain(
        "connections-per-address",
        "N",
        "1024",
        "Those of one address, or of an IPv6 /64, half of all at most; trusted proxies have no limit of their own",
    ),
    plain(
        "audit-retention",
        "TIME",
        "365d",
        "How long the events of the audit trail are kept; 0 is for ever",
    ),
    optional(
        "cors-origins",
        "ORIGINS",
        "Origins whose pages may call the service, with commas between",
    ),
    plain(
        "log",
        "FILTER",
        "info",
        "What is logged: off, error, warn, info, debug, trace, or a level by module as in info,jeton_server=debug",
    ),
    plain("log-format", "pretty|json", "pretty", "How it is logged"),
];

/// The setting of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    ALL.iter().find(|setting| setting.name == name)
}
