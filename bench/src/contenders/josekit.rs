use std::hint::black_box;
use std::time::{Duration, SystemTime};

use jeton::{Algorithm, SigningKey};
use josekit::jwk::Jwk;
use josekit::jws::{ES256, ES384, EdDSA, HS256, JwsHeader, JwsSigner, JwsVerifier, PS256, RS256};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};

use super::{AUDIENCE, Contender, ID, ISSUER, SUBJECT, access, contender};
use crate::keys::SECRET;

const NAME: &str = "josekit";

pub fn sign(key: &SigningKey) -> Contender {
    let pem = key.to_pem();
    let pem = || pem.as_ref().unwrap().as_bytes();
    let signer: Box<dyn JwsSigner> = match key.algorithm() {
        Algorithm::Hs256 => Box::new(HS256.signer_from_bytes(SECRET).unwrap()),
        Algorithm::Es256 => Box::new(ES256.signer_from_pem(pem()).unwrap()),
        Algorithm::Es384 => Box::new(ES384.signer_from_pem(pem()).unwrap()),
        Algorithm::EdDsa => Box::new(EdDSA.signer_from_pem(pem()).unwrap()),
        Algorithm::Rs256 => Box::new(RS256.signer_from_pem(pem()).unwrap()),
        _ => {
            // From PEM it takes keys marked as PSS only.
            let jwk = key.to_private_jwk().unwrap();
            Box::new(
                PS256
                    .signer_from_jwk(&Jwk::from_bytes(jwk.as_bytes()).unwrap())
                    .unwrap(),
            )
        }
    };
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    header.set_key_id("2026-11");
    let mut payload = JwtPayload::new();
    payload.set_issuer(ISSUER);
    payload.set_subject(SUBJECT);
    payload.set_audience(vec![AUDIENCE]);
    payload.set_jwt_id(ID);
    payload.set_issued_at(&SystemTime::now());
    payload.set_expires_at(&(SystemTime::now() + Duration::from_secs(3600)));
    for (name, value) in serde_json::to_value(access()).unwrap().as_object().unwrap() {
        payload.set_claim(name, Some(value.clone())).unwrap();
    }
    contender(NAME, move || {
        black_box(jwt::encode_with_signer(black_box(&payload), &header, &*signer).unwrap());
    })
}

pub fn verify(key: &SigningKey, token: &str) -> Contender {
    let pem = key.verifying_key().to_pem();
    let pem = || pem.as_ref().unwrap().as_bytes();
    let verifier: Box<dyn JwsVerifier> = match key.algorithm() {
        Algorithm::Hs256 => Box::new(HS256.verifier_from_bytes(SECRET).unwrap()),
        Algorithm::Es256 => Box::new(ES256.verifier_from_pem(pem()).unwrap()),
        Algorithm::Es384 => Box::new(ES384.verifier_from_pem(pem()).unwrap()),
        Algorithm::EdDsa => Box::new(EdDSA.verifier_from_pem(pem()).unwrap()),
        Algorithm::Rs256 => Box::new(RS256.verifier_from_pem(pem()).unwrap()),
        _ => {
            let jwk = serde_json::to_vec(&key.verifying_key().to_jwk().unwrap()).unwrap();
            Box::new(PS256.verifier_from_jwk(&Jwk::from_bytes(jwk).unwrap()).unwrap())
        }
    };
    let token = token.to_owned();
    contender(NAME, move || {
        let (payload, _) = jwt::decode_with_verifier(black_box(&token), &*verifier).unwrap();
        let mut validator = JwtPayloadValidator::new();
        validator.set_issuer(ISSUER);
        validator.set_audience(AUDIENCE);
        validator.set_base_time(SystemTime::now());
        validator.validate(&payload).unwrap();
        black_box(payload);
    })
}
