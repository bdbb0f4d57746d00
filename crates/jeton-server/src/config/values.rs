//! The values that are more than a number or a text.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use http::Uri;
use ipnet::IpNet;

use super::ConfigError;

/// The public URL of the service, kept as it was written: `iss` is compared character by character.
#[derive(Clone, Debug)]
pub struct Issuer {
    text: String,
    origin: String,
    https: bool,
    loopback: bool,
}

impl Issuer {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port: what a browser sends as `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// Whether it names this machine.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Issuer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
        let scheme = uri
            .scheme_str()
            .filter(|scheme| ["http", "https"].contains(scheme));
        let scheme = scheme.ok_or("it does not begin with https:// or http://")?;
        let authority = uri.authority().ok_or("it names no host")?;
        if uri.query().is_some() || text.contains('#') || authority.as_str().contains('@') {
            return Err("an issuer has no query, fragment or user (RFC 8414 §2)");
        }
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            https: scheme == "https",
            loopback: is_loopback(authority.host()),
            text: text.to_owned(),
        })
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether this issuer can be served from this address.
pub(super) fn require_fit(
    listen: SocketAddr,
    issuer: &Issuer,
    named: bool,
    insecure: bool,
) -> Result<(), ConfigError> {
    if !listen.ip().is_loopback() && !named {
        return Err(ConfigError::IssuerNeeded { listen });
    }
    let leaves_the_machine = !listen.ip().is_loopback() || !issuer.loopback;
    if !issuer.https && leaves_the_machine && !insecure {
        return Err(ConfigError::IssuerInTheClear {
            issuer: issuer.text.clone(),
        });
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Pretty,
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err("it is neither pretty nor json"),
        }
    }
}

pub(super) fn registration(text: &str) -> Result<bool, String> {
    either(text, "open", "closed")
}

pub(super) fn on_off(text: &str) -> Result<bool, String> {
    either(text, "on", "off")
}

fn either(text: &str, yes: &str, no: &str) -> Result<bool, String> {
    if text == yes || text == no {
        Ok(text == yes)
    } else {
        Err(format!("it is neither {yes} nor {no}"))
    }
}

/// A whole number with `s`, `m`, `h` or `d` behind it; seconds without.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&text[..at], unit),
        _ => (text, 's'),
    };
    let seconds: Option<u64> = match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3600),
        'd' => Some(86_400),
        _ => None,
    };
    let number: Option<u32> = number.parse().ok();
    let span = number
        .zip(seconds)
        .map(|(number, seconds)| Duration::from_secs(u64::from(number) * seconds));
    span.ok_or_else(|| "write a whole number and a unit, as in 90s, 15m, 12h or 7d".to_owned())
}

/// Addresses and networks in CIDR notation, with commas between.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let network = item.parse::<IpNet>();
            let network = network.or_else(|_| item.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| {
                "write addresses and networks with commas between, as in 127.0.0.1, 10.0.0.0/8, fd00::/8"
                    .to_owned()
            })
        })
        .collect()
}

/// Exact origins with commas between.
pub(super) fn origins(text: &str) -> Result<Vec<String>, ConfigError> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| match item.parse::<Issuer>() {
            Ok(url) if url.origin == item => Ok(item.to_owned()),
            _ => Err(ConfigError::Value {
                name: "cors-origins".to_owned(),
                origin: "the settings",
                problem: "names something that is not an exact origin, as in https://app.example.org"
                    .to_owned(),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [
            ("90", 90),
            ("90s", 90),
            ("15m", 900),
            ("12h", 43_200),
            ("7d", 604_800),
        ] {
            assert_eq!(duration(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        for bad in ["", "m", "-1", "1.5h", "1w", "99999999999d", "1 m"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn loopback_is_this_machine_under_any_of_its_names() {
        let loopback = |text: &str| text.parse::<Issuer>().unwrap().is_loopback();
        for here in [
            "http://localhost:5000",
            "http://127.0.0.1:5000",
            "http://[::1]:5000",
        ] {
            assert!(loopback(here), "{here}");
        }
        assert!(!loopback("https://id.example"));
        assert!(!loopback("http://localhost.id.example"));
    }

    #[test]
    fn an_issuer_is_a_plain_url() {
        for bad in [
            "",
            "id.example",
            "ftp://id.example",
            "https://id.example?a",
            "https://u@id.example",
        ] {
            assert!(bad.parse::<Issuer>().is_err(), "{bad}");
        }
    }

    #[test]
    fn beyond_this_machine_an_https_issuer_is_needed_or_a_word() {
        let fit = |listen: &str, issuer: &str, named, insecure| {
            require_fit(listen.parse().unwrap(), &issuer.parse().unwrap(), named, insecure).is_ok()
        };
        assert!(fit("127.0.0.1:5000", "http://localhost:5000", false, false));
        assert!(!fit("0.0.0.0:5000", "http://localhost:5000", false, false));
        assert!(fit("0.0.0.0:5000", "https://id.example", true, false));
        assert!(!fit("0.0.0.0:5000", "http://id.example", true, false));
        assert!(fit("0.0.0.0:5000", "http://id.example", true, true));
        assert!(!fit("127.0.0.1:5000", "http://id.example", true, false));
    }

    #[test]
    fn networks_are_addresses_or_cidr() {
        let read = networks(" 127.0.0.1, 10.0.0.0/8 ,fd00::/8,").unwrap();
        assert_eq!(
            read,
            ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap())
        );
        assert!(networks("").unwrap().is_empty());
        for bad in ["*", "localhost", "10.0.0.0/33", "10.0.0", "10.0.0.1 10.0.0.2"] {
            assert!(networks(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn cors_origins_are_exact() {
        assert_eq!(
            origins("https://a.example, http://localhost:3000").unwrap().len(),
            2
        );
        assert!(origins("").unwrap().is_empty());
        for bad in ["*", "https://a.example/", "a.example"] {
            assert!(origins(bad).is_err(), "{bad}");
        }
    }
}
