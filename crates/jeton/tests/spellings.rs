//! No spelling of a public key is taken for a shared secret, and no random secret for a key.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jeton::{Algorithm, KeyError, KeySet, SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::key;

const ALGORITHMS: [Algorithm; 7] = [
    Algorithm::Rs256,
    Algorithm::Es256,
    Algorithm::Es256K,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
    Algorithm::MlDsa44,
];

/// A spelling with its name, for the message of a test that fails.
type Spelling = (String, Vec<u8>);

/// Public keys of every family, in each format they are kept in.
static PLAIN: LazyLock<Vec<Spelling>> = LazyLock::new(|| ALGORITHMS.into_iter().flat_map(formats).collect());

fn formats(algorithm: Algorithm) -> Vec<Spelling> {
    let key = key(algorithm).verifying_key();
    let jwk = serde_json::to_value(key.to_jwk().unwrap()).unwrap();
    let set = serde_json::to_value(KeySet::from(key.clone()).to_jwks()).unwrap();
    let (spki, pem) = (key.to_spki_der().unwrap(), key.to_pem().unwrap());
    let lines: Vec<&str> = pem.lines().collect();
    let mut all = vec![
        ("JWK", jwk.to_string().into_bytes()),
        ("JWK in lines", serde_json::to_vec_pretty(&jwk).unwrap()),
        ("JWK in an array", json!([jwk]).to_string().into_bytes()),
        (
            "JWK as Python prints it",
            jwk.to_string().replace('"', "'").into_bytes(),
        ),
        ("JWK in YAML", yaml(&jwk).into_bytes()),
        ("JWK set", set.to_string().into_bytes()),
        ("SPKI", spki.clone()),
        ("SPKI twice", [&spki[..], &spki].concat()),
        ("PEM", pem.clone().into_bytes()),
        ("PEM in one line", pem.replace('\n', "\\n").into_bytes()),
        (
            "PEM without its lines",
            lines[1..lines.len() - 1].join("\n").into_bytes(),
        ),
        ("PEM without its first line", lines[1..].join("\n").into_bytes()),
    ];
    match algorithm {
        Algorithm::Rs256 => {
            let (n, e) = (standard(&jwk["n"]), standard(&jwk["e"]));
            let xml = format!("<RSAKeyValue><Modulus>{n}</Modulus><Exponent>{e}</Exponent></RSAKeyValue>");
            all.push(("XML", xml.into_bytes()));
            // PKCS#1 is what stands inside SPKI.
            all.push(("PKCS#1", spki[24..].to_vec()));
            all.extend(ssh("ssh-rsa", &[&decoded(&jwk["e"]), &decoded(&jwk["n"])]));
        }
        Algorithm::EdDsa => all.extend(ssh("ssh-ed25519", &[&decoded(&jwk["x"])])),
        Algorithm::MlDsa44 => {}
        _ => {
            let point = [&[4], &decoded(&jwk["x"])[..], &decoded(&jwk["y"])].concat();
            all.extend(ssh("ecdsa-sha2-nistp256", &[b"nistp256", &point]));
            all.push(("point", point));
        }
    }
    let named = |(format, bytes): (&str, _)| (format!("{algorithm} {format}"), bytes);
    all.into_iter().map(named).collect()
}

fn yaml(jwk: &Value) -> String {
    jwk.as_object()
        .unwrap()
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "{name}: {}", value.as_str().unwrap()).unwrap();
            text
        })
}

fn decoded(member: &Value) -> Vec<u8> {
    base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(member.as_str().unwrap())
        .unwrap()
}

fn standard(member: &Value) -> String {
    base64_simd::STANDARD.encode_to_string(decoded(member))
}

/// A line of `authorized_keys`, and the bytes in it.
fn ssh(name: &'static str, parts: &[&[u8]]) -> [(&'static str, Vec<u8>); 2] {
    let mut wire = Vec::new();
    for part in [&[name.as_bytes()], parts].concat() {
        wire.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        wire.extend(part);
    }
    let base64 = base64_simd::STANDARD.encode_to_string(&wire);
    let line = format!("restrict {name} {base64} somebody@somewhere");
    [("SSH line", line.into_bytes()), ("SSH bytes", wire)]
}

/// Encodings that are put around a key, by names that say which.
const WRAPPINGS: [&str; 16] = [
    "base64",
    "base64 with its name",
    "base64url without padding",
    "base64 in lines",
    "hex",
    "HEX with colons",
    "JSON string",
    "JSON string of escapes",
    "escaped bytes",
    "percent-encoding",
    "UTF-16 LE with mark",
    "UTF-16 BE",
    "UTF-32 LE",
    "byte order mark",
    "quotes",
    "blanks and line ends",
];

/// What is text gets any of them; other bytes those that make text of them, or a line end behind.
fn wrap(wrapping: &str, bytes: &[u8]) -> Vec<u8> {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()) else {
        return match wrapping {
            "blanks and line ends" => [bytes, b"\r\n"].concat(),
            "hex" | "HEX with colons" | "base64 in lines" | "escaped bytes" | "base64url without padding" => {
                encoded(wrapping, bytes)
            }
            _ => encoded("base64", bytes),
        };
    };
    let utf16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    match wrapping {
        "JSON string" => json!(text).to_string().into_bytes(),
        "JSON string of escapes" => text
            .encode_utf16()
            .fold(String::from("\""), |text, unit| text + &format!("\\u{unit:04x}"))
            .into_bytes(),
        "percent-encoding" => bytes
            .iter()
            .fold(String::new(), |text, byte| text + &format!("%{byte:02X}"))
            .into(),
        "UTF-16 LE with mark" => [&[0xff, 0xfe], &utf16(u16::to_le_bytes)[..]].concat(),
        "UTF-16 BE" => utf16(u16::to_be_bytes),
        "UTF-32 LE" => bytes
            .iter()
            .flat_map(|byte| u32::from(*byte).to_le_bytes())
            .collect(),
        "byte order mark" => format!("\u{feff}{text}").into(),
        "quotes" => format!("'{text}'").into(),
        "blanks and line ends" => format!(" \r\n{}\n\n", text.replace('\n', "\r\n")).into(),
        _ => encoded(wrapping, bytes),
    }
}

fn encoded(wrapping: &str, bytes: &[u8]) -> Vec<u8> {
    let base64 = base64_simd::STANDARD.encode_to_string(bytes);
    match wrapping {
        "base64 with its name" => format!("base64:{base64}"),
        "base64url without padding" => base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes),
        "base64 in lines" => {
            let lines: Vec<_> = base64.as_bytes().chunks(76).collect();
            return [lines.join(&b"\r\n"[..]), b"\n".to_vec()].concat();
        }
        "hex" => bytes
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        "HEX with colons" => {
            let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            pairs.join(":")
        }
        "escaped bytes" => bytes
            .iter()
            .fold(String::new(), |text, byte| text + &format!("\\x{byte:02x}")),
        _ => base64,
    }
    .into_bytes()
}

fn assert_refused(name: &str, bytes: &[u8]) {
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let refused = SigningKey::hmac(algorithm, bytes).map(|_| ());
        assert!(
            matches!(refused, Err(KeyError::SecretLooksLikeKey(_))),
            "{name} as {algorithm}: {refused:?}\n{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn every_format_is_refused_bare_and_in_every_wrapping() {
    for (name, bytes) in &*PLAIN {
        assert_refused(name, bytes);
        for wrapping in WRAPPINGS {
            assert_refused(&format!("{name} in {wrapping}"), &wrap(wrapping, bytes));
        }
    }
}

proptest! {
    #[test]
    fn wrappings_in_wrappings_are_refused(
        plain in any::<prop::sample::Index>(),
        wrappings in prop::collection::vec(prop::sample::select(&WRAPPINGS[..]), 2..=3),
    ) {
        let (name, bytes) = plain.get(&PLAIN);
        let wrapped = wrappings.iter().fold(bytes.clone(), |bytes, wrapping| wrap(wrapping, &bytes));
        assert_refused(&format!("{name} in {}", wrappings.join(" in ")), &wrapped);
    }

    /// As `openssl rand`, password managers and programs make them.
    #[test]
    fn random_secrets_are_taken_in_every_spelling(secret in prop::collection::vec(any::<u8>(), 64..200)) {
        let printable: String = secret.iter().map(|byte| char::from(b'!' + byte % 94)).collect();
        for wrapping in ["base64", "base64url without padding", "hex"] {
            let spelt = encoded(wrapping, &secret);
            prop_assert!(SigningKey::hmac(Algorithm::Hs512, &spelt).is_ok(), "{wrapping}");
        }
        prop_assert!(SigningKey::hmac(Algorithm::Hs512, &secret).is_ok());
        prop_assert!(SigningKey::hmac(Algorithm::Hs512, &printable).is_ok(), "{printable}");
    }
}

/// One that fits itself at every distance, but for its end.
#[test]
fn long_secrets_are_judged_in_little_time() {
    let secret: Vec<u8> = std::iter::repeat_n(7, 2_000_000).chain(0..=255).collect();
    let started = Instant::now();
    assert!(SigningKey::hs256(&secret).is_ok());
    assert!(started.elapsed() < Duration::from_secs(20));
}
