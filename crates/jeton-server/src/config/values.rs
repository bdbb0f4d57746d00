//! The values that are more than a number or a text.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use http::{Uri, uri::Authority};
use ipnet::IpNet;
use jeton::Algorithm;
use tracing::level_filters::LevelFilter;

use super::ConfigError;

/// The public URL of the service, kept as it was written: `iss` is compared character by character.
#[derive(Clone, Debug)]
pub struct Issuer {
    text: String,
    origin: String,
    host: String,
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

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
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
            origin: origin(scheme, authority),
            host: authority.host().to_ascii_lowercase(),
            https: scheme == "https",
            loopback: is_loopback(authority.host()),
            text: text.to_owned(),
        })
    }
}

/// As browsers write it: in small letters, and without the port that goes without saying (RFC 6454 §6.2).
fn origin(scheme: &str, authority: &Authority) -> String {
    let host = authority.host().to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    match authority.port_u16().filter(|port| *port != usual) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// The address to listen on.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        let port = port.unwrap_or(5000);
        format!(
            "`{text}` is no IP address with a port, as in 127.0.0.1:{port} for this machine alone, or 0.0.0.0:{port}; names \
             such as localhost are not looked up"
        )
    })
}

/// A level for everything, or with commas between, levels by module. A word that is no level would be taken for a
/// module, and silence every other.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    // The parser takes no word at all for `error`.
    let is_level = |word: &str| !word.trim().is_empty() && word.trim().parse::<LevelFilter>().is_ok();
    let wrong = text.split(',').find(|part| match part.split_once('=') {
        Some((module, level)) => module.trim().is_empty() || !is_level(level),
        None => !is_level(part),
    });
    match wrong {
        None => Ok(text.to_owned()),
        Some(part) => Err(format!(
            "`{part}` is none of off, error, warn, info, debug and trace, nor a module with one of them, as in \
             info,jeton_server=debug"
        )),
    }
}

/// The algorithm of the first key: others verify by its public half.
pub(super) fn signing_algorithm(text: &str) -> Result<Algorithm, String> {
    let public = || {
        Algorithm::ALL
            .iter()
            .filter(|algorithm| !algorithm.is_symmetric())
    };
    public()
        .copied()
        .find(|algorithm| algorithm.name() == text)
        .ok_or_else(|| {
            let names: Vec<_> = public().map(|algorithm| algorithm.name()).collect();
            format!("`{text}` is none of {}", names.join(", "))
        })
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

/// A whole number with `s`, `m`, `h` or `d` behind it. Nobody is to guess what a bare number means; zero is zero.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&text[..at], unit),
        _ if text == "0" => return Ok(Duration::ZERO),
        _ => (text, ' '),
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

/// Exact origins with commas between, each as browsers send it: any other would never match.
pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            if item.contains('*') {
                return Err(format!(
                    "`{item}` holds a `*`: name each origin, as in https://app.example.org"
                ));
            }
            let url = item.parse::<Issuer>();
            match url.map(|url| url.origin) {
                Ok(origin) if origin == item => Ok(origin),
                Ok(origin) => Err(format!(
                    "`{item}` is never sent by a browser, which would write {origin}"
                )),
                Err(_) => Err(format!("`{item}` is no origin, as in https://app.example.org")),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [
            ("0", 0),
            ("90s", 90),
            ("15m", 900),
            ("12h", 43_200),
            ("7d", 604_800),
        ] {
            assert_eq!(duration(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        for bad in ["", "m", "15", "-1", "00", "1.5h", "1w", "99999999999d", "1 m"] {
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
        for (bad, said) in [
            ("*", "name each origin"),
            ("https://*.example.org", "name each origin"),
            ("https://a.example/", "which would write https://a.example"),
            ("https://A.example", "which would write https://a.example"),
            ("https://a.example:443", "which would write https://a.example"),
            ("http://a.example:80", "which would write http://a.example"),
            ("a.example", "is no origin"),
            ("null", "is no origin"),
        ] {
            let refused = origins(bad).unwrap_err();
            assert!(refused.contains(said), "{bad}: {refused}");
        }
    }

    #[test]
    fn an_issuers_origin_is_what_a_browser_sends() {
        for (issuer, origin) in [
            ("https://ID.example", "https://id.example"),
            ("https://id.example:443/a", "https://id.example"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:443", "http://localhost:443"),
            ("http://[::1]:5000", "http://[::1]:5000"),
        ] {
            assert_eq!(issuer.parse::<Issuer>().unwrap().origin(), origin);
        }
    }

    #[test]
    fn a_word_that_is_no_level_is_refused_and_not_taken_for_a_module() {
        for good in [
            "info",
            "off",
            "DEBUG",
            "warn,jeton_server=debug",
            "jeton_server::http=trace",
        ] {
            assert_eq!(log_filter(good).as_deref(), Ok(good));
        }
        for bad in [
            "verbose",
            "",
            "info,",
            "jeton_server",
            "jeton_server=loud",
            "=info",
            "info;debug",
        ] {
            assert!(log_filter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_name_is_no_address_to_listen_on() {
        assert!(listen("127.0.0.1:0").is_ok() && listen("[::1]:5001").is_ok());
        let refused = listen("localhost:5001").unwrap_err();
        assert!(
            refused.contains("`localhost:5001`") && refused.contains("127.0.0.1:5001"),
            "{refused}"
        );
    }

    #[test]
    fn the_first_key_is_one_that_others_can_verify_with() {
        assert_eq!(signing_algorithm("RS256"), Ok(Algorithm::Rs256));
        for bad in ["HS256", "none", "rs256", ""] {
            let refused = signing_algorithm(bad).unwrap_err();
            assert!(
                refused.contains("ES256, ") && !refused.contains("HS256,"),
                "{refused}"
            );
        }
    }
}
