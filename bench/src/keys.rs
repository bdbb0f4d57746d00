use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jeton::{Algorithm, SigningKey};

pub const SECRET: &str = "M4ZQ0mkvSdHnGq8fTz1cJx5yVb7LrWeK";

/// One private key per algorithm; RSA with 2048 bits, as in the goals.
pub fn signing_key(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::Hs256 => SigningKey::hs256(SECRET),
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
            let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
            SigningKey::from_der(algorithm, der.as_ref())
        }
        other => SigningKey::generate(other),
    }
    .unwrap()
    .with_kid("2026-11")
}
