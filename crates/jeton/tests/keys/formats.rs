//! PEM and DER, written and read.

use jeton::{Algorithm, KeyError, KeySet, SigningKey, VerifyingKey};

use super::{assert_same, asymmetric};
use crate::common::{is_rsa, key};

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
fn pkcs8_is_pkcs8_and_nothing_else() {
    let rsa = key(Algorithm::Rs256).to_pkcs8_der().unwrap();
    let ec = key(Algorithm::Es256).to_pkcs8_der().unwrap();
    assert!(SigningKey::from_pkcs8_der(Algorithm::Rs256, &rsa).is_ok());
    assert!(SigningKey::from_pkcs8_der(Algorithm::Es256, &ec).is_ok());
    let sec1 = ec.windows(4).position(|bytes| bytes == [2, 1, 1, 4]).unwrap() - 2;
    for (algorithm, inner) in [(Algorithm::Rs256, &rsa[26..]), (Algorithm::Es256, &ec[sec1..])] {
        assert!(SigningKey::from_der(algorithm, inner).is_ok());
        let refused = SigningKey::from_pkcs8_der(algorithm, inner).unwrap_err();
        assert!(
            refused.to_string().contains("`from_der` also takes PKCS#1"),
            "{refused}"
        );
    }
}
