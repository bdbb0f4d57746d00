//! Keys come in and go out in every format, and only sound ones come in.

use jeton::{Algorithm, KeyError, KeySet, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use crate::common::{access, is_rsa, issuer, key, now, verifier};

fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL
        .iter()
        .copied()
        .filter(|algorithm| !algorithm.is_symmetric())
}

/// Two private keys are one when a token of the first verifies under the second, and both publish the same.
fn assert_same(one: &SigningKey, other: &SigningKey) {
    assert_eq!(one.algorithm(), other.algorithm());
    let token = issuer(one).issue_at("user-1", "api", access(), now()).unwrap();
    assert!(
        verifier(other)
            .verify_at::<crate::common::Access>(&token, now())
            .is_ok()
    );
    assert_eq!(
        one.verifying_key().to_jwk().ok(),
        other.verifying_key().to_jwk().ok()
    );
}

#[test]
fn private_keys_leave_and_return() {
    for algorithm in asymmetric() {
        let key = key(algorithm).with_kid("k");
        assert_same(
            &key,
            &SigningKey::from_der(algorithm, &key.to_pkcs8_der().unwrap())
                .unwrap()
                .with_kid("k"),
        );
        assert_same(
            &key,
            &SigningKey::from_pem(algorithm, &*key.to_pem().unwrap())
                .unwrap()
                .with_kid("k"),
        );
        let again = SigningKey::from_jwk(&key.to_private_jwk().unwrap()).unwrap();
        assert_eq!(again.kid(), Some("k"));
        assert_same(&key, &again);
    }
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let key = key(algorithm).with_kid("k");
        assert_same(
            &key,
            &SigningKey::from_jwk(&key.to_private_jwk().unwrap()).unwrap(),
        );
        assert_eq!(key.to_pem().unwrap_err(), KeyError::Symmetric(algorithm));
    }
}

#[test]
fn public_keys_leave_and_return() {
    for algorithm in asymmetric() {
        let key = key(algorithm).with_kid("k").verifying_key();
        let jwk = serde_json::to_string(&key.to_jwk().unwrap()).unwrap();
        let formats = [
            VerifyingKey::from_der(algorithm, &key.to_spki_der().unwrap()).unwrap(),
            VerifyingKey::from_pem(algorithm, key.to_pem().unwrap()).unwrap(),
            VerifyingKey::from_jwk(&jwk).unwrap(),
        ];
        for again in formats {
            assert_eq!(again.with_kid("k").to_jwk(), key.to_jwk(), "{algorithm}");
        }
        let set = serde_json::to_string(&KeySet::from(key.clone()).to_jwks()).unwrap();
        assert_eq!(
            KeySet::from_jwks(&set).unwrap().iter().next().unwrap().to_jwk(),
            key.to_jwk()
        );
    }
}

#[test]
fn a_key_of_another_kind_is_named() {
    for made in asymmetric() {
        let key = key(made);
        let (private, public) = (
            key.to_pkcs8_der().unwrap(),
            key.verifying_key().to_spki_der().unwrap(),
        );
        for asked in asymmetric().filter(|asked| !made.agrees_with(*asked)) {
            if is_rsa(made) && is_rsa(asked) {
                continue;
            }
            let wrong = |error| matches!(error, KeyError::WrongKind { algorithm, .. } if algorithm == asked);
            assert!(
                wrong(SigningKey::from_der(asked, &private).unwrap_err()),
                "{made} as {asked}"
            );
            assert!(
                wrong(VerifyingKey::from_der(asked, &public).unwrap_err()),
                "{made} as {asked}"
            );
        }
    }
    let p384 = key(Algorithm::Es384).to_pem().unwrap();
    assert_eq!(
        SigningKey::from_pem(Algorithm::Es256, &*p384)
            .unwrap_err()
            .to_string(),
        "ES256 needs a key on P-256, and this is a key on P-384"
    );
}

#[test]
fn halves_are_not_mistaken_for_each_other() {
    let key = key(Algorithm::Es256);
    let public = key.verifying_key().to_pem().unwrap();
    let private = key.to_pem().unwrap();
    assert_eq!(
        SigningKey::from_pem(Algorithm::Es256, public).unwrap_err(),
        KeyError::NotPrivate
    );
    assert_eq!(
        VerifyingKey::from_pem(Algorithm::Es256, &*private).unwrap_err(),
        KeyError::NotPublic
    );
    let jwk = serde_json::to_string(&key.verifying_key().to_jwk().unwrap()).unwrap();
    assert_eq!(SigningKey::from_jwk(&jwk).unwrap_err(), KeyError::NotPrivate);
}

#[test]
fn pem_may_be_untidy_but_not_encrypted() {
    let key = key(Algorithm::Es256);
    let pem = key.to_pem().unwrap();
    let untidy = format!(
        "\n\n# my key\r\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{}\n\n",
        pem.replace('\n', "\r\n")
    );
    assert_same(&key, &SigningKey::from_pem(Algorithm::Es256, untidy).unwrap());
    for encrypted in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8=\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIGj\n-----END EC PRIVATE KEY-----\n",
    ] {
        assert_eq!(
            SigningKey::from_pem(Algorithm::Es256, encrypted).unwrap_err(),
            KeyError::Encrypted
        );
    }
    for broken in [
        "",
        "MIGj",
        "-----BEGIN PRIVATE KEY-----\nMIGj\n",
        &pem.replace("END PRIVATE", "END PUBLIC"),
    ] {
        assert!(matches!(
            SigningKey::from_pem(Algorithm::Es256, broken),
            Err(KeyError::Malformed(_))
        ));
    }
}

/// A certificate as OpenSSL writes it, and the key in it.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBgTCCASegAwIBAgIUW9Ir8ZyxXtsziq3xWSa9yVuVvHAwCgYIKoZIzj0EAwIw\n\
FTETMBEGA1UEAwwKamV0b24gdGVzdDAgFw0yNjExMjEyMjA5NDJaGA8yMTI2MTAy\n\
ODIyMDk0MlowFTETMBEGA1UEAwwKamV0b24gdGVzdDBZMBMGByqGSM49AgEGCCqG\n\
SM49AwEHA0IABAS/R6Y3ZqewXMIddm560bh7Ii5HtnGnvt57F1AULbhWZiQksqAv\n\
JdgMAuD2zzkxOqotB5xLtEejgEqENiZFtlmjUzBRMB0GA1UdDgQWBBQ6YYCTHBYE\n\
z0Qv2gfTstark4xqGzAfBgNVHSMEGDAWgBQ6YYCTHBYEz0Qv2gfTstark4xqGzAP\n\
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIBhVGNAT6+prkjFkiXzd\n\
LL/tOhHMOYt3oV1m37k+iS8iAiEA9hALOPwfQSqiX5lBg9qtSl/nM35D5ZDFuB70\n\
Q53SCSA=\n\
-----END CERTIFICATE-----\n\
";
const CERTIFIED: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBL9Hpjdmp7Bcwh12bnrRuHsiLke2\n\
cae+3nsXUBQtuFZmJCSyoC8l2AwC4PbPOTE6qi0HnEu0R6OASoQ2JkW2WQ==\n\
-----END PUBLIC KEY-----\n\
";

#[test]
fn certificates_give_their_key_also_the_first_of_a_chain() {
    let jwk = VerifyingKey::from_pem(Algorithm::Es256, CERTIFIED)
        .unwrap()
        .to_jwk();
    let other = key(Algorithm::Es256).verifying_key().to_pem().unwrap();
    for pem in [
        CERTIFICATE.to_owned(),
        format!("# leaf\n{CERTIFICATE}\n# root\n{other}"),
    ] {
        assert_eq!(
            VerifyingKey::from_pem(Algorithm::Es256, pem).unwrap().to_jwk(),
            jwk
        );
    }
    let wrong = VerifyingKey::from_pem(Algorithm::Es384, CERTIFICATE).unwrap_err();
    assert!(matches!(
        wrong,
        KeyError::WrongKind {
            found: "a key on P-256",
            ..
        }
    ));
    assert_eq!(
        SigningKey::from_pem(Algorithm::Es256, CERTIFICATE).unwrap_err(),
        KeyError::NotPrivate
    );
}

/// PKCS#1 and SEC 1 are what stands inside PKCS#8.
#[test]
fn older_formats_come_in_too() {
    let armour = |label: &str, der: &[u8]| {
        let body = base64_simd::STANDARD.encode_to_string(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let rsa = key(Algorithm::Ps256);
    let (pkcs8, spki) = (
        rsa.to_pkcs8_der().unwrap(),
        rsa.verifying_key().to_spki_der().unwrap(),
    );
    let (private, public) = (&pkcs8[26..], &spki[24..]);
    assert_same(
        &rsa,
        &SigningKey::from_pem(Algorithm::Ps256, armour("RSA PRIVATE KEY", private)).unwrap(),
    );
    let again = VerifyingKey::from_pem(Algorithm::Ps256, armour("RSA PUBLIC KEY", public)).unwrap();
    assert_eq!(again.to_jwk(), rsa.verifying_key().to_jwk());
    assert_eq!(
        SigningKey::from_der(Algorithm::Ps256, public).unwrap_err(),
        KeyError::NotPrivate
    );
    let ec = key(Algorithm::Es256);
    let pkcs8 = ec.to_pkcs8_der().unwrap();
    let start = pkcs8.windows(4).position(|bytes| bytes == [2, 1, 1, 4]).unwrap() - 2;
    assert_same(
        &ec,
        &SigningKey::from_pem(Algorithm::Es256, armour("EC PRIVATE KEY", &pkcs8[start..])).unwrap(),
    );
    let wrong = SigningKey::from_der(Algorithm::EdDsa, &pkcs8[start..]).unwrap_err();
    assert!(matches!(wrong, KeyError::WrongKind { .. }));
}

#[test]
fn secrets_are_long_random_and_no_key_files() {
    assert!(matches!(
        SigningKey::hs256([7; 31]),
        Err(KeyError::SecretTooShort { minimum: 32, .. })
    ));
    let words = [
        "changemechangemechangemechangeme",
        "my-own-secret-key-my-own-secret-key-",
    ];
    for weak in words {
        assert_eq!(
            SigningKey::hs256(weak).unwrap_err(),
            KeyError::WeakSecret,
            "{weak}"
        );
    }
    let pem = "\u{feff}\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    assert_eq!(
        SigningKey::hs256(pem).unwrap_err(),
        KeyError::SecretLooksLikeKey("PEM")
    );
    for jwk in [
        r#" {"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        "\u{feff}{\"keys\":[{\"kty\" : \"RSA\"}]}",
    ] {
        assert_eq!(
            SigningKey::hs256(jwk).unwrap_err(),
            KeyError::SecretLooksLikeKey("JWK")
        );
    }
    for algorithm in asymmetric() {
        let key = key(algorithm);
        for der in [
            key.to_pkcs8_der().unwrap().to_vec(),
            key.verifying_key().to_spki_der().unwrap(),
        ] {
            assert_eq!(
                SigningKey::hs256(&der).unwrap_err(),
                KeyError::SecretLooksLikeKey("DER")
            );
        }
    }
    for ssh in [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE",
        "\n ecdsa-sha2-nistp256 AAAAE2VjZHNh",
    ] {
        assert_eq!(
            SigningKey::hs256(ssh).unwrap_err(),
            KeyError::SecretLooksLikeKey("SSH")
        );
    }
}

#[test]
fn a_jwk_is_used_as_it_says() {
    let key = key(Algorithm::Es256);
    let jwk: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
    let with = |name: &str, value: Value| {
        let mut changed = jwk.clone();
        changed[name] = value;
        changed.to_string()
    };
    let sign = |json: &str| SigningKey::from_jwk(json).map(|_| ());
    let verify = |json: &str| VerifyingKey::from_jwk(json).map(|_| ());
    assert_eq!(sign(&with("use", json!("enc"))), Err(KeyError::NotForSignatures));
    assert_eq!(sign(&with("key_ops", json!(["sign"]))), Ok(()));
    assert_eq!(
        verify(&with("key_ops", json!(["sign"]))),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(
        verify(&with("key_ops", json!(["verify", "verify"]))),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(
        sign(&with("key_ops", json!(["sign", "deriveKey"]))),
        Err(KeyError::NotForSignatures)
    );
    assert_eq!(
        sign(&with("alg", json!("ES257"))),
        Err(KeyError::UnsupportedAlgorithm)
    );
    assert!(matches!(
        sign(&with("alg", json!("ES384"))),
        Err(KeyError::WrongKind { .. })
    ));
    assert!(matches!(
        sign(&with("alg", json!("HS256"))),
        Err(KeyError::WrongKind { .. })
    ));
    assert_eq!(sign(&with("kty", json!("XX"))), Err(KeyError::UnsupportedType));
    for name in ["alg", "use", "kid", "x", "d", "key_ops"] {
        assert!(
            matches!(sign(&with(name, json!(5))), Err(KeyError::Malformed(_))),
            "{name}"
        );
        assert!(
            matches!(sign(&with(name, json!(null))), Err(KeyError::Malformed(_))),
            "{name}"
        );
    }
    assert!(matches!(
        sign(&with("d", json!("AA=="))),
        Err(KeyError::Malformed(_))
    ));
    let twice = jwk.to_string().replacen('{', r#"{"kty":"EC","#, 1);
    assert!(matches!(sign(&twice), Err(KeyError::Malformed(_))));
    let other: Value =
        serde_json::from_str(&crate::common::key(Algorithm::Es256).to_private_jwk().unwrap()).unwrap();
    assert!(matches!(
        sign(&with("d", other["d"].clone())),
        Err(KeyError::Rejected { .. })
    ));
    let asked = SigningKey::from_jwk_as(Algorithm::Es384, &jwk.to_string()).unwrap_err();
    assert_eq!(
        asked,
        KeyError::OtherAlgorithm {
            asked: Algorithm::Es384,
            named: Algorithm::Es256
        }
    );
}

#[test]
fn an_rsa_key_must_say_its_algorithm_and_bring_all_numbers() {
    let key = key(Algorithm::Rs256);
    let mut jwk: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    assert_eq!(
        SigningKey::from_jwk(&jwk.to_string()).unwrap_err(),
        KeyError::NoAlgorithm
    );
    let named = SigningKey::from_jwk_as(Algorithm::Ps384, &jwk.to_string()).unwrap();
    assert_eq!(named.algorithm(), Algorithm::Ps384);
    for name in ["p", "q", "dp", "dq", "qi"] {
        let mut short = jwk.clone();
        short.as_object_mut().unwrap().remove(name);
        let refused = SigningKey::from_jwk_as(Algorithm::Rs256, &short.to_string()).unwrap_err();
        assert!(refused.to_string().contains("n e d p q dp dq qi"), "{refused}");
    }
}

#[test]
fn unsound_public_keys_are_refused() {
    let rsa = |n: &[u8], e: &str| {
        let n = base64_simd::URL_SAFE_NO_PAD.encode_to_string(n);
        VerifyingKey::from_jwk(&json!({"kty":"RSA","alg":"RS256","n":n,"e":e}).to_string()).map(|_| ())
    };
    let mut modulus = vec![0xab; 256];
    modulus[255] = 0xad;
    assert_eq!(rsa(&modulus, "AQAB"), Ok(()));
    assert_eq!(
        rsa(&modulus[..255], "AQAB"),
        Err(KeyError::RsaTooSmall { bits: 2040 })
    );
    for exponent in ["AQ", "Ag", "", "AAEAAQ", "AQABAQABAQ"] {
        assert!(
            matches!(rsa(&modulus, exponent), Err(KeyError::Rejected { .. })),
            "e = {exponent}"
        );
    }
    modulus[255] = 0xae;
    assert!(
        matches!(rsa(&modulus, "AQAB"), Err(KeyError::Rejected { .. })),
        "an even modulus"
    );

    let small_order = [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA",
        "7P_______________________________________38",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        // The zero and the one again, as p and p + 1.
        "7f_______________________________________38",
        "7v_______________________________________38",
    ];
    for x in small_order {
        let jwk = json!({"kty":"OKP","crv":"Ed25519","x":x}).to_string();
        assert!(
            matches!(VerifyingKey::from_jwk(&jwk), Err(KeyError::Rejected { .. })),
            "{x}"
        );
    }
    let off_curve = json!({"kty":"EC","crv":"P-256",
        "x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"});
    assert!(matches!(
        VerifyingKey::from_jwk(&off_curve.to_string()),
        Err(KeyError::Rejected { .. })
    ));
}

#[test]
fn one_bad_key_spoils_no_set() {
    let good = key(Algorithm::Es256).with_kid("good").verifying_key();
    let jwk = serde_json::to_value(good.to_jwk().unwrap()).unwrap();
    let set = json!({"keys":[
        {"kty":"unheard-of","kid":"a"}, 5, {"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"b"}, jwk,
        {"kty":"RSA","use":"enc","kid":"good"},
    ], "more": true});
    let keys = KeySet::from_jwks(&set.to_string()).unwrap();
    assert_eq!(
        keys.iter().map(|key| key.kid()).collect::<Vec<_>>(),
        [Some("good")]
    );
    let skipped: Vec<_> = keys
        .skipped()
        .iter()
        .map(|one| (one.index, one.kid.as_deref()))
        .collect();
    assert_eq!(
        skipped,
        [(0, Some("a")), (1, None), (2, Some("b")), (4, Some("good"))]
    );
    assert_eq!(keys.skipped()[0].reason, KeyError::UnsupportedType);

    let twice = json!({"keys":[jwk, jwk]}).to_string();
    assert_eq!(KeySet::from_jwks(&twice).unwrap_err(), KeyError::DuplicateKid);
    let oct: Value = serde_json::from_str(&key(Algorithm::Hs256).to_private_jwk().unwrap()).unwrap();
    let mixed = json!({"keys":[jwk, oct]}).to_string();
    assert_eq!(KeySet::from_jwks(&mixed).unwrap_err(), KeyError::MixedSet);
    for broken in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(
            matches!(KeySet::from_jwks(broken), Err(KeyError::Malformed(_))),
            "{broken}"
        );
    }
    let many = |members: usize| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; members].join(","));
    assert_eq!(KeySet::from_jwks(&many(1_000)).unwrap().skipped().len(), 1_000);
    assert!(matches!(
        KeySet::from_jwks(&many(1_001)),
        Err(KeyError::Malformed(_))
    ));
    let nested = format!(r#"{{"keys":[{}]}}"#, "[".repeat(100_000));
    assert!(matches!(KeySet::from_jwks(&nested), Err(KeyError::Malformed(_))));
}

#[test]
fn keys_without_alg_take_the_one_given() {
    let mut jwk = serde_json::to_value(key(Algorithm::Rs256).verifying_key().to_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let set = json!({"keys":[jwk]}).to_string();
    assert_eq!(
        KeySet::from_jwks(&set).unwrap().skipped()[0].reason,
        KeyError::NoAlgorithm
    );
    let keys = KeySet::from_jwks_as(Algorithm::Rs512, &set).unwrap();
    assert_eq!(keys.iter().next().unwrap().algorithm(), Algorithm::Rs512);
}

#[test]
fn only_public_keys_are_published() {
    let shared = key(Algorithm::Hs256);
    assert_eq!(
        shared.verifying_key().to_jwk(),
        Err(KeyError::Symmetric(Algorithm::Hs256))
    );
    let set = KeySet::from(shared.verifying_key()).to_jwks();
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"{"keys":[]}"#);
    let private = ["d", "p", "q", "dp", "dq", "qi", "k", "priv"];
    for algorithm in asymmetric() {
        let set = serde_json::to_value(KeySet::from(key(algorithm).verifying_key()).to_jwks()).unwrap();
        let members = set["keys"][0].as_object().unwrap();
        assert!(
            private.iter().all(|name| !members.contains_key(*name)),
            "{algorithm}"
        );
    }
}

#[test]
fn nothing_secret_is_shown() {
    let secret = "0123456789abcdef0123456789ABCDEF";
    let key = SigningKey::hs256(secret).unwrap();
    let shown = format!("{key:?} {:?} {:?}", key.verifying_key(), issuer(&key));
    assert!(!shown.contains(secret) && shown.contains("Hs256"), "{shown}");
}
