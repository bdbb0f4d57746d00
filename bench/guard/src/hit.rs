//! What a remembered token costs by itself: no request, no route.

use std::{hint::black_box, time::Instant};

use jeton::{SigningKey, Verifier};
use jeton_axum::{Auth, SystemClock};

use crate::tokens::{AUDIENCE, Access, ISSUER, Tokens};

const BATCHES: usize = 400;
/// A tenth of a millisecond: shorter than a time slice, so that a busy machine spoils some batches and not the median.
const BATCH: u32 = 500;

/// Microseconds for each algorithm.
pub fn measure(tokens: &Tokens) -> [(&'static str, f64); 2] {
    [("HS256", &tokens.hs256), ("ES256", &tokens.es256)].map(|(name, (key, token))| (name, one(key, token)))
}

fn one(key: &SigningKey, token: &str) -> f64 {
    let verifier = Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build();
    let auth = Auth::<Access>::new(verifier, SystemClock).cached(1024);
    let batch = || {
        let began = Instant::now();
        for _ in 0..BATCH {
            black_box(auth.check(black_box(token))).expect("a good token");
        }
        began.elapsed().as_secs_f64() * 1e6 / f64::from(BATCH)
    };
    crate::median((0..BATCHES).map(|_| batch()))
}
