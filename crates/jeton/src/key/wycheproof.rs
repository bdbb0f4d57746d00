//! Raw signatures of Wycheproof, which no token could carry, against the keys themselves. The vectors are
//! read from `../shared/vectors` beside the project, and skipped aloud where that is absent.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{SigningKey, VerifyingKey};
use crate::Algorithm;
use crate::encoding::encode;

fn groups(file: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/wycheproof");
    let Ok(text) = fs::read_to_string(folder.join(file)) else {
        eprintln!("SKIPPED: no vectors at {}", folder.display());
        return Vec::new();
    };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    vectors["testGroups"].as_array().unwrap().clone()
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn check(group: &Value, tag: &str, verify: impl Fn(&[u8], &[u8]) -> bool) {
    for test in group["tests"].as_array().unwrap() {
        let accepted = verify(&hex(&test["msg"]), &hex(&test[tag]));
        match test["result"].as_str() {
            Some("valid") => assert!(accepted, "{test}"),
            Some("invalid") => assert!(!accepted, "{test}"),
            _ => {}
        }
    }
}

/// The key of a group in all the formats it stands in.
fn public_keys(algorithm: Algorithm, group: &Value) -> Vec<VerifyingKey> {
    let pem = group["publicKeyPem"].as_str().unwrap();
    let mut keys = vec![
        VerifyingKey::from_der(algorithm, &hex(&group["publicKeyDer"])).unwrap(),
        VerifyingKey::from_pem(algorithm, pem).unwrap(),
    ];
    if group["publicKeyJwk"].is_object() {
        keys.push(VerifyingKey::from_jwk_as(algorithm, &group["publicKeyJwk"].to_string()).unwrap());
    }
    keys
}

fn check_public(algorithm: Algorithm, file: &str) {
    for group in groups(file) {
        for key in public_keys(algorithm, &group) {
            check(&group, "sig", |message, signature| {
                key.verify(message, signature).is_ok()
            });
        }
    }
}

#[test]
fn ecdsa() {
    check_public(Algorithm::Es256, "ecdsa_secp256r1_sha256_p1363_test.json");
}

#[test]
fn ed25519() {
    check_public(Algorithm::EdDsa, "ed25519_test.json");
}

#[test]
fn rsa() {
    check_public(Algorithm::Rs256, "rsa_signature_2048_sha256_test.json");
}

/// Only keys as long as the hash, and whole tags, are for HS256.
#[test]
fn hmac() {
    for group in groups("hmac_sha256_test.json") {
        if group["keySize"].as_u64() < Some(256) || group["tagSize"] != 256 {
            continue;
        }
        for test in group["tests"].as_array().unwrap() {
            let jwk = format!(
                r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#,
                encode(&hex(&test["key"]))
            );
            let key = SigningKey::from_jwk(&jwk).unwrap().verifying_key();
            let accepted = key.verify(&hex(&test["msg"]), &hex(&test["tag"])).is_ok();
            assert_eq!(accepted, test["result"] == "valid", "{test}");
        }
    }
}
