use std::{fmt, str::FromStr};

use redis::{Client, ConnectionAddr, IntoConnectionInfo, ProtocolVersion};

/// Where a Redis or Valkey is. Shows no password.
#[derive(Clone)]
pub struct RedisUrl {
    pub(super) client: Client,
    place: String,
}

/// Why a text names no Redis.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisUrlError {
    #[error(
        "it must begin with `redis://`, `rediss://` (with TLS) or `unix://`, as in redis://:password@localhost:6379"
    )]
    Scheme,
    #[error("what follows a `#` is not understood; one in a password is written %23")]
    Fragment,
    #[error(
        "{0}: write it as in redis://:password@localhost:6379/0, with %-escapes for what is special in the password"
    )]
    Malformed(String),
}

const SCHEMES: [&str; 6] = ["redis", "rediss", "valkey", "valkeys", "unix", "redis+unix"];

impl FromStr for RedisUrl {
    type Err = RedisUrlError;

    fn from_str(text: &str) -> Result<Self, RedisUrlError> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        if !scheme.is_some_and(|scheme| SCHEMES.contains(&scheme)) {
            return Err(RedisUrlError::Scheme);
        }
        // The client would take `#insecure` for a wish to trust anybody.
        if text.contains('#') {
            return Err(RedisUrlError::Fragment);
        }
        let info = text.into_connection_info().map_err(|error| malformed(&error))?;
        // The third version of the protocol lets announcements come over the one connection there is.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                format!("{host}:{port}")
            }
            ConnectionAddr::Unix(path) => path.display().to_string(),
            _ => "an address of its own".to_owned(),
        };
        let client = Client::open(info.set_redis_settings(settings)).map_err(|error| malformed(&error))?;
        Ok(Self { client, place })
    }
}

/// The error as the Redis client puts it, without its own classification, which follows a dash.
fn malformed(error: &redis::RedisError) -> RedisUrlError {
    let said = error.to_string();
    RedisUrlError::Malformed(
        said.split(" - ")
            .next()
            .unwrap_or_default()
            .trim_end_matches('-')
            .to_owned(),
    )
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisUrl").field(&self.place).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::RedisUrl;

    #[test]
    fn a_url_is_shown_by_its_place_alone() {
        for (url, place) in [
            ("redis://localhost", "localhost:6379"),
            ("redis://:hush@127.0.0.1:7000/3", "127.0.0.1:7000"),
            ("rediss://jeton:hush@cache.example:6380", "cache.example:6380"),
            ("valkey://[::1]:7001", "::1:7001"),
            ("unix:///run/redis.sock?pass=hush", "/run/redis.sock"),
        ] {
            let read: RedisUrl = url.parse().unwrap();
            assert_eq!(read.to_string(), place);
            assert!(!format!("{read:?}").contains("hush"), "{read:?}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_redis_is_refused_without_repeating_it() {
        for (url, problem) in [
            ("", "must begin with"),
            ("localhost:6379", "must begin with"),
            ("http://:hush@localhost", "must begin with"),
            ("rediss://:hush@localhost/#insecure", "`#`"),
            ("redis://:hush@localhost/first", "Invalid database number: write"),
            ("redis://:hush@0.0.0.0", "wildcard"),
            ("redis://:hush@", "did not parse: write it as in"),
            ("redis://:hu sh@loc alhost", "did not parse: write it as in"),
        ] {
            let said = url.parse::<RedisUrl>().unwrap_err().to_string();
            assert!(said.contains(problem) && !said.contains("hu"), "{url}: {said}");
        }
    }
}
