//! What a remembered token costs by itself: no request, no route.

use std::{hint::black_box, time::Instant};

use aws_lc_rs::hmac;
use jeton::{SigningKey, Verifier};
use jeton_axum::{Auth, SystemClock};

use crate::{
    median,
    tokens::{AUDIENCE, Access, ISSUER, Tokens},
};

/// Microseconds it may take on the machine of the goals.
const GOAL: f64 = 0.25;
/// Microseconds HMAC-SHA-256 takes there over so many bytes.
const YARDSTICK: f64 = 0.36;
const YARDSTICK_BYTES: usize = 400;

const BATCHES: usize = 400;
/// A tenth of a millisecond: shorter than a time slice, so that a busy machine spoils some batches and not the median.
const BATCH: u32 = 500;

pub fn report(tokens: &Tokens) {
    for (name, (key, token)) in [("HS256", &tokens.hs256), ("ES256", &tokens.es256)] {
        let (hit, pace) = measure(key, token);
        let verdict = if hit / pace <= GOAL { "reached" } else { "missed" };
        println!(
            "a remembered {name} token: {hit:.3} µs, {:.3} µs at pace 1 (now {pace:.2})   goal ≤ {GOAL} µs: {verdict}",
            hit / pace
        );
    }
}

/// Microseconds, and how much longer everything takes than on the machine of the goals.
fn measure(key: &SigningKey, token: &str) -> (f64, f64) {
    let verifier = Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build();
    let auth = Auth::<Access>::new(verifier, SystemClock).cached(1024);
    let (yardstick, text) = (
        hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]),
        [b'x'; YARDSTICK_BYTES],
    );
    let batches = (0..BATCHES).map(|_| {
        let hit = each(|| drop(black_box(auth.check(black_box(token))).expect("a good token")));
        let pace = each(|| {
            black_box(hmac::sign(&yardstick, black_box(&text)));
        });
        (hit, pace / YARDSTICK)
    });
    let (hits, paces): (Vec<f64>, Vec<f64>) = batches.unzip();
    (median(hits.into_iter()), median(paces.into_iter()))
}

/// Microseconds a call takes, in a batch of them.
fn each(call: impl Fn()) -> f64 {
    let began = Instant::now();
    for _ in 0..BATCH {
        call();
    }
    began.elapsed().as_secs_f64() * 1e6 / f64::from(BATCH)
}
