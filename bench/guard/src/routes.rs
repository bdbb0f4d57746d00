//! One route for each contender. All answer the same bytes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRef, FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    routing::get,
};
use jeton::{SigningKey, Verifier};
use jeton_axum::{Auth, Bearer, SystemClock};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::tokens::{AUDIENCE, Access, ISSUER, Tokens};

pub const OPEN: &str = "no guard";
const ANSWER: &str = "ok";

pub fn all(tokens: &Tokens) -> Router {
    let (hs256, es256) = (&tokens.hs256.0, &tokens.es256.0);
    let public = es256.verifying_key().to_pem().expect("a public key");
    Router::new()
        .merge(open(auth(hs256)))
        .merge(jeton("jeton HS256, cache", auth(hs256).cached(1024)))
        .merge(jeton("jeton ES256, cache", auth(es256).cached(1024)))
        .merge(jeton("jeton HS256", auth(hs256)))
        .merge(jeton("jeton ES256", auth(es256)))
        .merge(jsonwebtoken(
            "jsonwebtoken 11 HS256",
            Algorithm::HS256,
            DecodingKey::from_secret(&tokens.secret),
        ))
        .merge(jsonwebtoken(
            "jsonwebtoken 11 ES256",
            Algorithm::ES256,
            DecodingKey::from_ec_pem(public.as_bytes()).expect("a public key"),
        ))
}

/// Where a contender is found.
pub fn path(name: &str) -> String {
    format!("/{}", name.replace([' ', ','], "-"))
}

fn auth(key: &SigningKey) -> Auth<Access> {
    let verifier = Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build();
    Auth::new(verifier, SystemClock)
}

#[derive(Clone)]
struct Guarded(Auth<Access>);

impl FromRef<Guarded> for Auth<Access> {
    fn from_ref(state: &Guarded) -> Self {
        state.0.clone()
    }
}

/// The same application's state, which every route is handed, and no guard.
fn open(auth: Auth<Access>) -> Router {
    Router::new()
        .route(&path(OPEN), get(async || ANSWER))
        .with_state(Guarded(auth))
}

fn jeton(name: &str, auth: Auth<Access>) -> Router {
    let handler = async |Bearer(_token): Bearer<Access>| ANSWER;
    Router::new()
        .route(&path(name), get(handler))
        .with_state(Guarded(auth))
}

/// What one writes by hand around jsonwebtoken, as its examples do, with the checks Jeton makes switched on.
struct Claims {
    _access: Access,
}

struct Checked {
    key: DecodingKey,
    validation: Validation,
}

fn jsonwebtoken(name: &str, algorithm: Algorithm, key: DecodingKey) -> Router {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.validate_nbf = true;
    let handler = async |State(_): State<Arc<Checked>>, _claims: Claims| ANSWER;
    Router::new()
        .route(&path(name), get(handler))
        .with_state(Arc::new(Checked { key, validation }))
}

impl FromRequestParts<Arc<Checked>> for Claims {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<Checked>) -> Result<Self, StatusCode> {
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = header
            .and_then(|text| text.strip_prefix("Bearer "))
            .ok_or(StatusCode::UNAUTHORIZED)?;
        let decoded = jsonwebtoken::decode::<Access>(token, &state.key, &state.validation);
        decoded
            .map(|data| Self { _access: data.claims })
            .map_err(|_| StatusCode::UNAUTHORIZED)
    }
}
