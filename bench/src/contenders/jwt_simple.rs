use std::collections::HashSet;
use std::hint::black_box;

use jeton::{Algorithm, SigningKey};
use jwt_simple::prelude::*;

use super::{AUDIENCE, Access, Contender, ID, ISSUER, SUBJECT, access, contender};
use crate::keys::SECRET;

const NAME: &str = "jwt-simple";

fn claims(access: &Access) -> JWTClaims<&Access> {
    let mut claims = Claims::with_custom_claims(access, Duration::from_hours(1))
        .with_issuer(ISSUER)
        .with_subject(SUBJECT)
        .with_audience(AUDIENCE)
        .with_jwt_id(ID);
    claims.invalid_before = None;
    claims
}

macro_rules! signing {
    ($kind:ty, $pem:expr) => {{
        let key = <$kind>::from_pem($pem).unwrap().with_key_id("2026-11");
        let access = access();
        contender(NAME, move || {
            black_box(key.sign(claims(black_box(&access))).unwrap());
        })
    }};
}

pub fn sign(key: &SigningKey) -> Contender {
    let pem = key.to_pem();
    let pem = || pem.as_ref().unwrap().as_str();
    match key.algorithm() {
        Algorithm::Hs256 => {
            let key = HS256Key::from_bytes(SECRET.as_bytes()).with_key_id("2026-11");
            let access = access();
            contender(NAME, move || {
                black_box(key.authenticate(claims(black_box(&access))).unwrap());
            })
        }
        Algorithm::Es256 => signing!(ES256KeyPair, pem()),
        Algorithm::Es384 => signing!(ES384KeyPair, pem()),
        Algorithm::EdDsa => signing!(Ed25519KeyPair, pem()),
        Algorithm::Rs256 => signing!(RS256KeyPair, pem()),
        _ => signing!(PS256KeyPair, pem()),
    }
}

fn options() -> VerificationOptions {
    VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.to_owned()])),
        ..VerificationOptions::default()
    }
}

macro_rules! verifying {
    ($kind:ty, $pem:expr, $token:expr) => {{
        let key = <$kind>::from_pem($pem).unwrap();
        let (token, options) = ($token, options());
        contender(NAME, move || {
            black_box(
                key.verify_token::<Access>(black_box(&token), Some(options.clone()))
                    .unwrap(),
            );
        })
    }};
}

pub fn verify(key: &SigningKey, token: &str) -> Contender {
    let pem = key.verifying_key().to_pem();
    let pem = || pem.as_ref().unwrap().as_str();
    let token = token.to_owned();
    match key.algorithm() {
        Algorithm::Hs256 => {
            let key = HS256Key::from_bytes(SECRET.as_bytes());
            let options = options();
            contender(NAME, move || {
                black_box(
                    key.verify_token::<Access>(black_box(&token), Some(options.clone()))
                        .unwrap(),
                );
            })
        }
        Algorithm::Es256 => verifying!(ES256PublicKey, pem(), token),
        Algorithm::Es384 => verifying!(ES384PublicKey, pem(), token),
        Algorithm::EdDsa => verifying!(Ed25519PublicKey, pem(), token),
        Algorithm::Rs256 => verifying!(RS256PublicKey, pem(), token),
        _ => verifying!(PS256PublicKey, pem(), token),
    }
}
