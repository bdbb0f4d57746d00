//! Where a request comes from: the connection's other end, or what proxies that are trusted say of it.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

/// The other end of the connection; the listening loop puts it into each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: the last that no trusted proxy stands behind.
///
/// Each proxy adds the address it was called from on the right, so only what trusted proxies added is believed:
/// from the right up to the first address that is none of theirs, or to something that is no address at all.
/// `Forwarded` (RFC 7239) counts where there is no `X-Forwarded-For`.
pub(super) fn of_client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut address = peer.to_canonical();
    let forwarded = if headers.contains_key(X_FORWARDED_FOR) {
        X_FORWARDED_FOR
    } else {
        header::FORWARDED
    };
    let mut hops = from_the_right(headers, &forwarded);
    while is_trusted(&address) {
        let Some(hop) = hops.next() else { break };
        let named = if forwarded == X_FORWARDED_FOR {
            node(hop)
        } else {
            forwarded_for(hop).and_then(node)
        };
        let Some(named) = named else { break };
        address = named;
    }
    address
}

/// The items of a header in all its lines, the last first; empty ones do not count (RFC 9110 §5.6.1).
///
/// Commas part items even within quotes: no address has one, and a quote that somebody opened on the left and never
/// closed must not swallow what a proxy added.
fn from_the_right<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .iter()
        .rev()
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .map(|item| str::from_utf8(item).unwrap_or("(not text)").trim())
        .filter(|item| !item.is_empty())
}

/// The value of `for` in an item of `Forwarded`.
fn forwarded_for(item: &str) -> Option<&str> {
    item.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            return None;
        }
        let value = value.trim();
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        Some(quoted.unwrap_or(value))
    })
}

/// An address with or without a port, an IPv6 one in brackets or not.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let address: Option<IpAddr> = bare.parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn seen(peer: &str, lines: &[(HeaderName, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let trusted = ["10.0.0.0/8", "2001:db8:ff::/48"].map(|net| net.parse().unwrap());
        of_client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    fn by_x(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| (X_FORWARDED_FOR, *line)).collect();
        seen(peer, &lines)
    }

    fn by_forwarded(lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| (header::FORWARDED, *line)).collect();
        seen(PROXY, &lines)
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client_whatever_it_says() {
        for peer in ["192.0.2.7", "11.0.0.1", "::1"] {
            assert_eq!(by_x(peer, &["198.51.100.1"]), peer);
            assert_eq!(seen(peer, &[(header::FORWARDED, "for=198.51.100.1")]), peer);
        }
        assert_eq!(by_x("::ffff:192.0.2.7", &[]), "192.0.2.7");
    }

    #[test]
    fn the_last_address_that_is_not_a_proxys_is_the_clients() {
        for (lines, client) in [
            (&["192.0.2.1"][..], "192.0.2.1"),
            (&["198.51.100.66, 192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.66", "192.0.2.1"], "192.0.2.1"),
            (&["198.51.100.66 ,\t192.0.2.1 , 10.3.3.3 ,10.4.4.4"], "192.0.2.1"),
            (&["198.51.100.66, 192.0.2.1", "10.3.3.3"], "192.0.2.1"),
            (&["192.0.2.1:4711"], "192.0.2.1"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["2001:db8::1, 2001:db8:ff::9"], "2001:db8::1"),
            (&["::ffff:192.0.2.1, ::ffff:10.2.2.2"], "192.0.2.1"),
            (&["10.9.9.9, 10.8.8.8"], "10.9.9.9"),
            (&["192.0.2.1,,", ""], "192.0.2.1"),
        ] {
            assert_eq!(by_x(PROXY, lines), client, "{lines:?}");
        }
    }

    #[test]
    fn at_rubbish_the_last_proxy_stands_for_whatever_is_behind_it() {
        for (line, client) in [
            ("", PROXY),
            ("unknown", PROXY),
            ("192.0.2.1, unknown", PROXY),
            ("192.0.2.1, 10.3.3.3.3", PROXY),
            ("192.0.2.1, _hidden, 10.3.3.3", "10.3.3.3"),
            ("192.0.2.1, [::1", PROXY),
            ("192.0.2.1, 192.0.2.2:99999", PROXY),
            ("192.0.2.1, 192.0.2.2 192.0.2.3", PROXY),
        ] {
            assert_eq!(by_x(PROXY, &[line]), client, "{line:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            X_FORWARDED_FOR,
            HeaderValue::from_bytes(b"192.0.2.1, \xff\xfe").unwrap(),
        );
        let peer = PROXY.parse().unwrap();
        assert_eq!(of_client(peer, &headers, &["10.0.0.0/8".parse().unwrap()]), peer);
    }

    #[test]
    fn forwarded_counts_where_x_forwarded_for_is_absent() {
        for (lines, client) in [
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"][..], "192.0.2.60"),
            (&["For=\"[2001:db8::17]:4711\""], "2001:db8::17"),
            (
                &["for=198.51.100.66, proto=https; FOR = 192.0.2.60"],
                "192.0.2.60",
            ),
            (
                &["for=198.51.100.66", "for=192.0.2.60, for=10.1.1.1"],
                "192.0.2.60",
            ),
            (&["for=192.0.2.60, for=unknown"], PROXY),
            (&["for=192.0.2.60, for=_gazonk"], PROXY),
            (&["for=192.0.2.60, proto=http"], PROXY),
            (&["for=\"198.51.100.66", "for=192.0.2.60"], "192.0.2.60"),
            (&["for=\"a;for=198.51.100.66, for=192.0.2.60"], "192.0.2.60"),
        ] {
            assert_eq!(by_forwarded(lines), client, "{lines:?}");
        }
        let both = [
            (header::FORWARDED, "for=198.51.100.66"),
            (X_FORWARDED_FOR, "192.0.2.1"),
        ];
        assert_eq!(seen(PROXY, &both), "192.0.2.1");
    }

    proptest! {
        #[test]
        fn nothing_a_client_writes_hides_or_changes_its_address(
            written in proptest::collection::vec("[ -~]{0,40}|([0-9a-f.:,\\[\\] \"=;]|for){0,40}", 0..4),
            client: std::net::Ipv4Addr,
            in_the_same_line: bool,
            standard: bool,
        ) {
            prop_assume!(client.octets()[0] != 10);
            let name = if standard { header::FORWARDED } else { X_FORWARDED_FOR };
            let added = if standard { format!("for={client}") } else { client.to_string() };
            let mut lines = written.clone();
            match lines.last_mut() {
                Some(last) if in_the_same_line => *last = format!("{last}, {added}"),
                _ => lines.push(added),
            }
            let named: Vec<_> = lines.iter().map(|line| (name.clone(), line.as_str())).collect();
            prop_assert_eq!(seen(PROXY, &named), client.to_string());
            let named: Vec<_> = written.iter().map(|line| (name.clone(), line.as_str())).collect();
            prop_assert_eq!(seen("192.0.2.7", &named), "192.0.2.7");
        }
    }
}
