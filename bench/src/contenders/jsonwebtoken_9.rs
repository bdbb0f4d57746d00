use std::hint::black_box;

use jeton::SigningKey;
use jsonwebtoken_9::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};

use super::{AUDIENCE, Contender, ISSUER, Whole, contender, whole};
use crate::keys::SECRET;

pub fn sign(key: &SigningKey) -> Contender {
    let pem = key.to_pem();
    let pem = || pem.as_ref().unwrap().as_bytes();
    let (algorithm, key) = match key.algorithm() {
        jeton::Algorithm::Hs256 => (Algorithm::HS256, EncodingKey::from_secret(SECRET.as_bytes())),
        jeton::Algorithm::Es256 => (Algorithm::ES256, EncodingKey::from_ec_pem(pem()).unwrap()),
        jeton::Algorithm::Es384 => (Algorithm::ES384, EncodingKey::from_ec_pem(pem()).unwrap()),
        jeton::Algorithm::EdDsa => (Algorithm::EdDSA, EncodingKey::from_ed_pem(pem()).unwrap()),
        jeton::Algorithm::Rs256 => (Algorithm::RS256, EncodingKey::from_rsa_pem(pem()).unwrap()),
        _ => (Algorithm::PS256, EncodingKey::from_rsa_pem(pem()).unwrap()),
    };
    let mut header = Header::new(algorithm);
    header.kid = Some("2026-11".to_owned());
    let claims = whole();
    contender("jsonwebtoken 9", move || {
        black_box(encode(&header, black_box(&claims), &key).unwrap());
    })
}

pub fn verify(key: &SigningKey, token: &str) -> Contender {
    let pem = key.verifying_key().to_pem();
    let pem = || pem.as_ref().unwrap().as_bytes();
    let (algorithm, key) = match key.algorithm() {
        jeton::Algorithm::Hs256 => (Algorithm::HS256, DecodingKey::from_secret(SECRET.as_bytes())),
        jeton::Algorithm::Es256 => (Algorithm::ES256, DecodingKey::from_ec_pem(pem()).unwrap()),
        jeton::Algorithm::Es384 => (Algorithm::ES384, DecodingKey::from_ec_pem(pem()).unwrap()),
        jeton::Algorithm::EdDsa => (Algorithm::EdDSA, DecodingKey::from_ed_pem(pem()).unwrap()),
        jeton::Algorithm::Rs256 => (Algorithm::RS256, DecodingKey::from_rsa_pem(pem()).unwrap()),
        _ => (Algorithm::PS256, DecodingKey::from_rsa_pem(pem()).unwrap()),
    };
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_nbf = true;
    let token = token.to_owned();
    contender("jsonwebtoken 9", move || {
        black_box(decode::<Whole>(black_box(&token), &key, &validation).unwrap());
    })
}
