//! How often a token is worth an allocation.

use std::time::Duration;

use jeton::{Algorithm, Claims, Issuer, Scratch};
use serde::{Deserialize, Serialize};

use crate::common::{Access, ISSUER, access, issuer, key, now, verifier};

#[derive(Serialize, Deserialize)]
struct View<'a> {
    name: &'a str,
    #[serde(borrow)]
    pair: [&'a str; 2],
    count: u64,
}

impl Claims for View<'_> {
    const TYP: &'static str = "JWT";
}

fn allocations(operation: impl FnMut()) -> u64 {
    let mut operation = operation;
    operation();
    allocation_counter::measure(operation).count_total
}

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::Hs256,
    Algorithm::Es256,
    Algorithm::EdDsa,
    Algorithm::Rs256,
    Algorithm::Es384,
];

#[test]
fn borrowed_claims_take_none() {
    for algorithm in ALGORITHMS {
        for key in [key(algorithm), key(algorithm).with_kid("k")] {
            let issuer = Issuer::<View<'_>>::new(key.clone(), ISSUER, Duration::from_mins(1));
            let view = View {
                name: "Ada",
                pair: ["a", "b"],
                count: 5,
            };
            let token = issuer.issue_at("user-1", "api", view, now()).unwrap();
            let (verifier, mut scratch) = (verifier(&key), Scratch::default());
            let count = allocations(|| {
                let read = verifier
                    .verify_in::<View<'_>>(&token, now(), &mut scratch)
                    .unwrap();
                assert_eq!((read.claims().pair, read.claims().count), (["a", "b"], 5));
                assert_eq!(read.registered().subject(), Some("user-1"));
            });
            assert_eq!(count, 0, "{algorithm}");
        }
    }
}

#[test]
fn typed_claims_take_what_they_own_and_one_for_the_text() {
    for algorithm in ALGORITHMS {
        let key = key(algorithm).with_kid("k");
        let token = issuer(&key).issue_at("user-1", "api", access(), now()).unwrap();
        let verifier = verifier(&key);
        let count = allocations(|| {
            let read = verifier.verify_at::<Access>(&token, now()).unwrap();
            assert_eq!((read.subject(), read.kid()), (Some("user-1"), Some("k")));
        });
        // The list of roles and the one role in it.
        assert_eq!(count, 2 + 1, "{algorithm}");
    }
}

#[test]
fn signing_takes_two() {
    let key = key(Algorithm::Hs256);
    let (issuer, claims) = (issuer(&key), access());
    let count = allocations(|| {
        issuer
            .draft(&claims)
            .subject("user-1")
            .audience("api")
            .issue_at(now())
            .unwrap();
    });
    assert_eq!(count, 2);
}
