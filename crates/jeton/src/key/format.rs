//! Recognises keys in the formats they are kept in, so that none is taken for a shared secret: a public key is
//! known to everybody, and with it as a secret everybody could sign.
//!
//! A format is known by what it cannot do without ([`name`]); whatever it is wrapped in is taken off layer by
//! layer (`layers`). Bare numbers, such as the 32 bytes of an Ed25519 key, look like random ones and stay
//! unrecognised.

mod layers;

use aws_lc_rs::signature::ParsedPublicKey;
use memchr::memmem;

use self::layers::{LAYERS, is_filling};
use super::der::{Elements, INTEGER, OID, SEQUENCE};
use super::ec;
use crate::Algorithm;

/// How many wrappings are taken off. A PEM file in base64, in a JSON string, in UTF-16 has three.
const MAX_LAYERS: u8 = 4;

/// The shortest DER that holds a key has 44 bytes, the SPKI of an Ed25519 key; some random secrets that are
/// shorter begin as DER does.
const MIN_DER: usize = 40;

/// The format of the key in these bytes, also below a few layers of encoding.
pub(super) fn recognise(bytes: &[u8]) -> Option<&'static str> {
    below(bytes, MAX_LAYERS)
}

fn below(bytes: &[u8], layers: u8) -> Option<&'static str> {
    name(bytes).or_else(|| {
        let layers = layers.checked_sub(1)?;
        LAYERS.iter().find_map(|unwrap| below(&unwrap(bytes)?, layers))
    })
}

fn name(bytes: &[u8]) -> Option<&'static str> {
    let marked = |marks: &[&str]| {
        marks
            .iter()
            .any(|mark| memmem::find(bytes, mark.as_bytes()).is_some())
    };
    if marked(PEM) {
        return Some("PEM");
    }
    if marked(JWK) {
        return Some("JWK");
    }
    if marked(SSH) || starts_as_ssh(bytes) {
        return Some("SSH");
    }
    if marked(XML) {
        return Some("XML");
    }
    if marked(DID) {
        return Some("DID");
    }
    if is_der(bytes) {
        return Some("DER");
    }
    is_point(bytes).then_some("EC point")
}

/// RFC 7468, PGP's and, with blanks, SSH's own (RFC 4716). A line of either kind may have been lost.
const PEM: &[&str] = &["-----BEGIN", "-----END", "---- BEGIN ", "---- END "];

/// `kty` as a member of JSON, of a Python or JavaScript object, of YAML.
const JWK: &[&str] = &["\"kty\"", "'kty'", "kty:"];

/// Names of key types in front of the base64 of three zeros, which every such key begins with, and in binary
/// form (RFC 4253 §6.6) behind their length.
const SSH: &[&str] = &[
    "\0\0\0\u{7}ssh-",
    "\0\0\0\u{9}ssh-",
    "\0\0\0\u{b}ssh-",
    "\0\0\0\u{13}ecdsa-sha2-",
    "\0\0\0\u{1a}sk-ssh-",
    "\0\0\0\"sk-ecdsa-",
    "ssh-rsa AAAA",
    "ssh-dss AAAA",
    "ssh-ed25519 AAAA",
    "ssh-ed448 AAAA",
    "nistp256 AAAA",
    "nistp384 AAAA",
    "nistp521 AAAA",
    "@openssh.com AAAA",
    "PuTTY-User-Key-File-",
];

/// XML signatures' `KeyValue`, and .NET's `RSAKeyValue`.
const XML: &[&str] = &["KeyValue>", "<Modulus>"];

/// Identifiers that are a key.
const DID: &[&str] = &["did:key:z", "did:jwk:e"];

/// Whether a line begins as those of SSH keys do.
fn starts_as_ssh(bytes: &[u8]) -> bool {
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let names = [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-"];
    names.iter().any(|name| text.starts_with(name))
}

/// Whether the bytes are one SEQUENCE of whole elements, with nothing around it but blanks and quotes, or more of its
/// kind behind: PKCS#1, PKCS#8, SEC 1, SPKI, certificates and their containers. Random bytes are one in less than one
/// case of 2^28.
fn is_der(bytes: &[u8]) -> bool {
    let mut outer = Elements::new(unquoted(bytes));
    let Some(content) = outer.take(SEQUENCE) else {
        return false;
    };
    let after = outer.rest();
    let ends = after.first() == Some(&SEQUENCE) || is_empty(after);
    let inner = Elements::new(content);
    let begins = matches!(inner.peek(), Some(INTEGER | SEQUENCE | OID));
    ends && begins && content.len() + 2 >= MIN_DER && inner.count() >= Some(2)
}

/// Whether the bytes are an uncompressed point (SEC 1 §2.3.3) on one of the curves. One in 2^250 of random bytes is; a
/// compressed one could not be told from them.
fn is_point(bytes: &[u8]) -> bool {
    let bytes = unquoted(bytes);
    let curves = [
        (65, Algorithm::Es256),
        (65, Algorithm::Es256K),
        (97, Algorithm::Es384),
        (133, Algorithm::Es512),
    ];
    bytes.first() == Some(&4)
        && curves.iter().any(|(length, algorithm)| {
            bytes.split_at_checked(*length).is_some_and(|(point, after)| {
                let curve = ec::verifying(*algorithm).ok();
                is_empty(after) && curve.is_some_and(|curve| ParsedPublicKey::new(curve, point).is_ok())
            })
        })
}

/// The bytes without blanks and quotes before a key in binary form, which begins with none of these.
fn unquoted(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !is_filling(*byte));
    &bytes[start.unwrap_or(bytes.len())..]
}

fn is_empty(after: &[u8]) -> bool {
    after.iter().all(|byte| is_filling(*byte))
}
