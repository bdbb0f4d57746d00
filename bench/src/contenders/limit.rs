//! The bare primitive with a prepared key over the same bytes.

use std::hint::black_box;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, RsaKeyPair, VerificationAlgorithm,
};
use jeton::{Algorithm, SigningKey};

use super::{Contender, contender, split};
use crate::keys::SECRET;

/// The bare HS256 over a message as long as the token's: tells how fast the machine is just now.
pub fn yardstick() -> Contender {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let message = vec![b'x'; 400];
    contender("yardstick", move || {
        black_box(hmac::sign(&key, black_box(&message)));
    })
}

pub fn sign(key: &SigningKey, token: &str) -> Contender {
    let (message, _) = split(token);
    let pkcs8 = key.to_pkcs8_der();
    let random = SystemRandom::new();
    match key.algorithm() {
        Algorithm::Hs256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            contender("limit", move || {
                black_box(hmac::sign(&key, black_box(&message)));
            })
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(&pkcs8.unwrap()).unwrap();
            contender("limit", move || {
                black_box(pair.sign(black_box(&message)));
            })
        }
        algorithm @ (Algorithm::Es256 | Algorithm::Es384) => {
            let parameters = if algorithm == Algorithm::Es256 {
                &signature::ECDSA_P256_SHA256_FIXED_SIGNING
            } else {
                &signature::ECDSA_P384_SHA384_FIXED_SIGNING
            };
            let pair = EcdsaKeyPair::from_pkcs8(parameters, &pkcs8.unwrap()).unwrap();
            contender("limit", move || {
                black_box(pair.sign(&random, black_box(&message)).unwrap());
            })
        }
        algorithm => {
            let padding: &'static dyn signature::RsaEncoding = if algorithm == Algorithm::Rs256 {
                &signature::RSA_PKCS1_SHA256
            } else {
                &signature::RSA_PSS_SHA256
            };
            let pair = RsaKeyPair::from_pkcs8(&pkcs8.unwrap()).unwrap();
            let mut out = vec![0; pair.public_modulus_len()];
            contender("limit", move || {
                pair.sign(padding, &random, black_box(&message), &mut out)
                    .unwrap();
                black_box(&out);
            })
        }
    }
}

pub fn verify(key: &SigningKey, token: &str) -> Contender {
    let (message, signature) = split(token);
    let parameters: &'static dyn VerificationAlgorithm = match key.algorithm() {
        Algorithm::Hs256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            return contender("limit", move || {
                hmac::verify(&key, black_box(&message), black_box(&signature)).unwrap();
            });
        }
        Algorithm::EdDsa => {
            let x = serde_json::to_value(key.verifying_key().to_jwk().unwrap()).unwrap();
            let x = super::decode(x["x"].as_str().unwrap());
            return parsed(
                ParsedPublicKey::new(&signature::ED25519, x).unwrap(),
                message,
                signature,
            );
        }
        Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        _ => &signature::RSA_PSS_2048_8192_SHA256,
    };
    let spki = key.verifying_key().to_spki_der().unwrap();
    parsed(
        ParsedPublicKey::new(parameters, spki).unwrap(),
        message,
        signature,
    )
}

fn parsed(key: ParsedPublicKey, message: Vec<u8>, signature: Vec<u8>) -> Contender {
    contender("limit", move || {
        key.verify_sig(black_box(&message), black_box(&signature))
            .unwrap()
    })
}
