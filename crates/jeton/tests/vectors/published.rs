//! Collections that are published elsewhere and not copied here: the examples of the RFCs and of the JOSE cookbook
//! (RFC 7520), Wycheproof's keys and tokens, `JSONTestSuite`, ML-DSA. They are ignored, and so listed as not run, unless
//! `JETON_TEST_VECTORS` names the folder that has them; `cargo xtask test` says which of the two it is.

use std::path::{Path, PathBuf};
use std::{env, fs};

use jeton::{Algorithm, KeySet, SigningKey, VerifyingKey, jws};
use serde_json::Value;

use super::{hs256, one};

fn folder(name: &str) -> PathBuf {
    let all = env::var_os("JETON_TEST_VECTORS")
        .unwrap_or_else(|| panic!("`JETON_TEST_VECTORS` names their folder"));
    Path::new(&all).join(name)
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(!files.is_empty());
    files
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text `{name}`"))
}

fn bytes(base64: &str) -> Vec<u8> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(base64).unwrap()
}

/// A key that names no algorithm is for the one its example uses.
fn key_for(jwk: &Value, algorithm: &str) -> SigningKey {
    let mut jwk = jwk.clone();
    jwk["alg"] = algorithm.into();
    SigningKey::from_jwk(&jwk.to_string()).unwrap()
}

fn header_alg(protected: &str) -> String {
    let header: Value = serde_json::from_slice(&bytes(protected)).unwrap();
    text(&header, "alg").to_owned()
}

#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn rfc_examples() {
    let folder = folder("rfc");
    let mut seen = 0;
    for vector in read(&folder.join("rfc_vectors.json")).as_array().unwrap() {
        let id = text(vector, "id");
        seen += 1;
        match text(vector, "kind") {
            "jws_compact" if vector["expect"] == "invalid" => {
                assert!(one(&hs256()).verify(text(vector, "compact")).is_err(), "{id}");
            }
            "jws_compact" => {
                let compact = text(vector, "compact");
                let alg = header_alg(compact.split('.').next().unwrap());
                let key = key_for(&vector["jwk"], &alg);
                let content = one(&key)
                    .verify(compact)
                    .unwrap_or_else(|error| panic!("{id}: {error}"));
                if let Some(payload) = vector["payload_b64u"].as_str() {
                    assert_eq!(content.payload(), bytes(payload), "{id}");
                }
                // Byte for byte, whatever blanks the RFC's headers have, where signing is deterministic.
                if ["HS256", "RS256", "EdDSA"].contains(&&*alg) {
                    let parts: Vec<_> = compact.split('.').map(bytes).collect();
                    let again = jeton::testkit::Forge::new(&parts[0], &parts[1])
                        .signed_by(&key)
                        .unwrap();
                    assert_eq!(again, compact, "{id}");
                }
                if vector["thumbprint_matches_kid"] == true {
                    assert_eq!(
                        key.verifying_key().thumbprint().unwrap(),
                        key.kid().unwrap(),
                        "{id}"
                    );
                }
            }
            "jws_detached" => {
                let key = key_for(&vector["jwk"], "HS256");
                let payload = bytes(text(vector, "payload_b64u"));
                one(&key)
                    .verify_detached(text(vector, "compact"), &payload)
                    .unwrap();
            }
            "jws_json" => rfc_json(vector),
            "jwk" => {
                VerifyingKey::from_jwk_as(Algorithm::Rs256, &vector["jwk"].to_string()).unwrap();
            }
            "jwks" => {
                // The EC key of both sets is for encryption, and so no key of ours.
                let keys = KeySet::from_jwks(&vector["jwks"].to_string()).unwrap();
                assert_eq!((keys.len(), keys.skipped().len()), (1, 1), "{id}");
            }
            "thumbprint" => {
                let jwk = vector["jwk"].to_string();
                let key = VerifyingKey::from_jwk(&jwk)
                    .or_else(|_| VerifyingKey::from_jwk_as(Algorithm::Rs256, &jwk));
                assert_eq!(key.unwrap().thumbprint().unwrap(), text(vector, "sha256"), "{id}");
            }
            "profile" => seen -= 1,
            other => panic!("{id} is of an unknown kind, {other}"),
        }
    }
    assert!(seen >= 20, "{seen} examples");
}

/// RFC 7515 A.6 and A.7.
fn rfc_json(vector: &Value) {
    let keys: Vec<Value> = match vector["jwks"]
        .as_array()
        .or_else(|| vector["jwks"]["keys"].as_array())
    {
        Some(keys) => keys.clone(),
        None => vec![vector["jwk"].clone()],
    };
    let json = if vector["json"].is_string() {
        text(vector, "json").to_owned()
    } else {
        vector["json"].to_string()
    };
    for jwk in keys {
        let alg = if jwk["kty"] == "RSA" { "RS256" } else { "ES256" };
        one(&key_for(&jwk, alg)).verify_json(&json).unwrap();
    }
}

#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn jose_cookbook_signatures() {
    let folder = folder("jose-cookbook");
    let mut paths = files(&folder.join("jws"));
    paths.extend([
        folder.join("curve25519/jws.json"),
        folder.join("rfc7797/hmac-sha2_b64_false.json"),
    ]);
    for path in paths {
        let vector = read(&path);
        let name = path.display();
        let input = &vector["input"];
        let payload = text(input, "payload").as_bytes();
        let pairs: Vec<_> = match (&input["key"], &input["alg"]) {
            (Value::Array(keys), Value::Array(algs)) => keys.iter().zip(algs).collect(),
            (key, alg) => vec![(key, alg)],
        };
        for (jwk, alg) in pairs {
            let key = key_for(jwk, alg.as_str().unwrap());
            cookbook_outputs(&key, &vector["output"], payload, &name.to_string());
        }
        if vector["reproducible"] == true && vector["signing"]["protected"].is_object() {
            cookbook_again(&vector, payload);
        }
    }
}

fn cookbook_outputs(key: &SigningKey, output: &Value, payload: &[u8], name: &str) {
    let verifier = one(key);
    let mut forms = 0;
    for form in ["json", "json_flat"]
        .iter()
        .map(|form| &output[form])
        .filter(|form| form.is_object())
    {
        let json = form.to_string();
        let content = if form["payload"].is_string() {
            verifier.verify_json(&json)
        } else {
            verifier.verify_json_detached(&json, payload)
        };
        assert_eq!(
            content
                .unwrap_or_else(|error| panic!("{name}: {error}"))
                .payload(),
            payload
        );
        forms += 1;
    }
    if let Some(compact) = output["compact"].as_str() {
        let content = if compact.contains("..") {
            verifier.verify_detached(compact, payload)
        } else {
            verifier.verify(compact)
        };
        assert_eq!(
            content
                .unwrap_or_else(|error| panic!("{name}: {error}"))
                .payload(),
            payload
        );
        forms += 1;
    }
    assert!(forms > 0, "{name}");
}

/// Deterministic examples come out again byte for byte.
fn cookbook_again(vector: &Value, payload: &[u8]) {
    let (input, signing, output) = (&vector["input"], &vector["signing"], &vector["output"]);
    let mut jwk = input["key"].clone();
    if signing["protected"]["kid"].is_null() {
        jwk.as_object_mut().unwrap().remove("kid");
    }
    let mut signer = jws::Signer::new(key_for(&jwk, text(input, "alg")));
    if signing["protected"]["b64"] == false {
        signer = signer.unencoded();
    }
    for (name, value) in signing["unprotected"].as_object().into_iter().flatten() {
        signer = signer.unprotected(name, value.clone());
    }
    if let Some(compact) = output["compact"].as_str() {
        let detached = compact.contains("..");
        let again = if detached {
            signer.sign_detached(payload)
        } else {
            signer.sign(payload)
        };
        assert_eq!(again.unwrap(), compact);
    }
    if signing["unprotected"].is_null() && output["json_flat"]["payload"].is_string() {
        let again: Value = serde_json::from_str(&signer.sign_flattened(payload).unwrap()).unwrap();
        assert_eq!(again, output["json_flat"]);
    }
}

/// This example leaves out `crit`, which RFC 7797 §6 demands; the RFC's own has it.
#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn jose_cookbook_b64_without_crit_is_refused() {
    let folder = folder("jose-cookbook/rfc7797");
    let vector = read(&folder.join("4.2.hmac-sha2_b64_false.json"));
    let key = key_for(&vector["input"]["key"], "HS256");
    let refused = one(&key)
        .verify_json(&vector["output"]["json_flat"].to_string())
        .unwrap_err();
    assert_eq!(refused, jeton::VerifyError::Critical);
}

#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn jose_cookbook_keys() {
    let folder = folder("jose-cookbook/jwk");
    for path in files(&folder) {
        let jwk = read(&path);
        let json = jwk.to_string();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let algorithm = match (&jwk["kty"], &jwk["crv"]) {
            (kty, _) if kty == "RSA" => Algorithm::Ps256,
            (kty, _) if kty == "oct" => Algorithm::Hs256,
            _ => Algorithm::Es512,
        };
        let result = VerifyingKey::from_jwk_as(algorithm, &json);
        // The one for encryption says so in `alg`.
        assert_eq!(result.is_ok(), !name.contains("3_6"), "{name}: {result:?}");
        if name.contains("private") {
            let again = SigningKey::from_jwk_as(algorithm, &json)
                .unwrap()
                .to_private_jwk()
                .unwrap();
            let again: Value = serde_json::from_str(&again).unwrap();
            for (member, value) in jwk.as_object().unwrap() {
                assert_eq!(&again[member], value, "{name}: {member}");
            }
        }
    }
}

#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn ml_dsa() {
    let folder = folder("ml-dsa");
    for path in files(&folder) {
        let vector = read(&path);
        let jwk = &vector["jwk"];
        let verifier = jws::Verifier::new(VerifyingKey::from_jwk(&jwk.to_string()).unwrap());
        let compact = text(&vector, "jws");
        verifier.verify(compact).unwrap();
        let mut forged = compact.to_owned();
        forged.replace_range(200..201, if &forged[200..201] == "A" { "B" } else { "A" });
        assert!(verifier.verify(&forged).is_err());

        let seed = text(&vector, "priv");
        let seed: Vec<u8> = (0..seed.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&seed[at..at + 2], 16).unwrap())
            .collect();
        let mut private = jwk.clone();
        private["priv"] = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&seed).into();
        let key = SigningKey::from_jwk(&private.to_string()).unwrap();
        assert_eq!(key.verifying_key().thumbprint().unwrap(), text(jwk, "kid"));
        let again: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
        assert_eq!(again["priv"], private["priv"]);
    }
}

/// Keys, sets and signatures of Wycheproof through the one interface applications use.
#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn wycheproof_jws_and_jwk() {
    let folder = folder("wycheproof");
    let mut seen = 0;
    for file in ["json_web_crypto_test.json", "json_web_key_test.json"] {
        for group in read(&folder.join(file))["testGroups"].as_array().unwrap() {
            for test in group["tests"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|test| test["jws"].is_string())
            {
                let accepted = ["public", "private"]
                    .iter()
                    .filter(|half| group[half].is_object())
                    .map(|half| wycheproof_verify(&group[half], text(test, "jws")));
                for accepted in accepted {
                    let name = format!("{file} {} {}", test["tcId"], test["comment"]);
                    match text(test, "result") {
                        "valid" => assert!(accepted, "{name}"),
                        "invalid" => assert!(!accepted, "{name}"),
                        _ => {}
                    }
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 70, "{seen} tests");
}

fn wycheproof_verify(key: &Value, jws: &str) -> bool {
    let json = key.to_string();
    let keys = if key["keys"].is_array() {
        KeySet::from_jwks(&json)
    } else {
        VerifyingKey::from_jwk(&json).map(KeySet::from)
    };
    keys.is_ok_and(|keys| jws::Verifier::new(keys).verify(jws).is_ok())
}

/// What JSON is not, is no payload of a token either; what it is, is read whole.
#[test]
#[ignore = "reads collections of others from the folder `JETON_TEST_VECTORS`"]
fn json_test_suite() {
    let folder = folder("json-test-suite");
    let key = hs256();
    let verifier = jeton::Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .build();
    let mut seen = 0;
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let content = fs::read(&path).unwrap();
        // As a member of a token's claims, so that every file meets the one-pass reader.
        let mut claims = br#"{"exp":4102444800,"content":"#.to_vec();
        claims.extend_from_slice(&content);
        claims.push(b'}');
        let token = jws::Signer::new(key.clone())
            .member("typ", "any")
            .sign(&claims)
            .unwrap();
        let result = verifier.verify_at::<Any>(&token, crate::common::now());
        if name.starts_with("n_") {
            // Two that are broken only by what follows them: here the object goes on.
            assert!(result.is_err(), "{name}");
        } else if let Err(error) = result {
            let duplicates = name.contains("duplicated_key");
            assert!(duplicates, "{name}: {error}");
        }
        seen += 1;
    }
    assert!(seen > 200, "{seen} files");
}

#[derive(serde::Deserialize)]
struct Any {
    #[expect(dead_code, reason = "only reading it matters")]
    content: Value,
}

impl jeton::Claims for Any {
    const TYP: &'static str = "any";
}
