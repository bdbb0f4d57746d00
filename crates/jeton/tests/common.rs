//! What several test files need: keys, a time, a type of token.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use jeton::{Algorithm, Claims, Issuer, SigningKey, Verifier};
use serde::{Deserialize, Serialize};

pub(crate) const ISSUER: &str = "https://id.example";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) roles: Vec<String>,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

pub(crate) fn access() -> Access {
    Access {
        roles: vec!["editor".to_owned()],
    }
}

pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000)
}

/// A new key; RSA keys share one pair, for they take long to make.
pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| {
        SigningKey::generate(Algorithm::Rs256)
            .unwrap()
            .to_pkcs8_der()
            .unwrap()
            .to_vec()
    });
    if is_rsa(algorithm) {
        return SigningKey::from_der(algorithm, &RSA).unwrap();
    }
    SigningKey::generate(algorithm).unwrap()
}

pub(crate) fn is_rsa(algorithm: Algorithm) -> bool {
    matches!(&algorithm.name()[..2], "RS" | "PS")
}

pub(crate) fn issuer(key: &SigningKey) -> Issuer<Access> {
    Issuer::new(key.clone(), ISSUER, Duration::from_mins(15))
}

pub(crate) fn verifier(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience("api")
        .build()
}
