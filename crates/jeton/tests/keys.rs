//! Keys come in and go out in every format, and only sound ones come in.

use jeton::{Algorithm, SigningKey};

use crate::common::{access, issuer, now, verifier};

mod certificates;
mod formats;
mod jwk;
mod openssh;
mod points;
mod pss;
mod secrets;
mod sets;

fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL
        .iter()
        .copied()
        .filter(|algorithm| !algorithm.is_symmetric())
}

/// Two private keys are one when a token of the first verifies under the second, and both publish the same.
fn assert_same(one: &SigningKey, other: &SigningKey) {
    assert_eq!(one.algorithm(), other.algorithm());
    let token = issuer(one).issue_at("user-1", "api", access(), now()).unwrap();
    assert!(
        verifier(other)
            .verify_at::<crate::common::Access>(&token, now())
            .is_ok()
    );
    assert_eq!(
        one.verifying_key().to_jwk().ok(),
        other.verifying_key().to_jwk().ok()
    );
}
