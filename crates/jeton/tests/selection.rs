//! Which keys a header means: one rule for verifying and explaining, whatever the order of members and keys.

use std::sync::LazyLock;

use jeton::testkit::Forge;
use jeton::{Algorithm, Claims, KeySet, MAX_CANDIDATES, SigningKey, Verifier, VerifyError, jws};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::common::{key, now};

#[derive(Deserialize)]
struct Plain {}

impl Claims for Plain {
    const TYP: &'static str = "JWT";
}

const CLAIMS: &str = r#"{"exp":4102444800}"#;

fn verifier(keys: KeySet) -> Verifier {
    Verifier::builder(keys).any_issuer().any_audience().build()
}

fn set<'k>(keys: impl IntoIterator<Item = &'k SigningKey>) -> KeySet {
    KeySet::new(keys.into_iter().map(SigningKey::verifying_key)).unwrap()
}

/// One verdict, however the members are ordered and whoever is asked.
fn verdict(
    verifier: &Verifier,
    signer: &SigningKey,
    alg: &str,
    kid: Option<&str>,
) -> Result<(), VerifyError> {
    let alg = format!(r#""alg":"{alg}""#);
    let kid = kid.map(|kid| format!(r#""kid":"{kid}""#));
    let typ = r#""typ":"JWT""#.to_owned();
    let members: Vec<_> = [typ, alg].into_iter().chain(kid).collect();
    let mut verdicts: Vec<_> = (0..members.len())
        .flat_map(|first| {
            let mut order = members.clone();
            order.rotate_left(first);
            let reversed = order.iter().rev().cloned().collect();
            [order, reversed]
        })
        .map(|order| {
            let header = format!("{{{}}}", order.join(","));
            let token = Forge::new(&header, CLAIMS).signed_by(signer).unwrap();
            let outcome = verifier.verify_at::<Plain>(&token, now()).map(|_| ());
            let explanation = verifier.explain::<Plain>(&token, now());
            assert_eq!(outcome.as_ref().err(), explanation.error(), "{header}");
            outcome
        })
        .collect();
    verdicts.dedup();
    assert_eq!(verdicts.len(), 1, "the order of members decides");
    verdicts.remove(0)
}

#[test]
fn every_key_that_shares_a_header_is_tried() {
    let unnamed: Vec<_> = (3..MAX_CANDIDATES).map(|_| key(Algorithm::Hs256)).collect();
    // Of the first four keys one has no name, and shares its header with keys far behind.
    let named = ["a", "b", "c"].map(|kid| key(Algorithm::Hs256).with_kid(kid));
    let keys: Vec<_> = [&unnamed[0]]
        .into_iter()
        .chain(&named)
        .chain(&unnamed[1..])
        .collect();
    let verifier = verifier(set(keys));
    for key in &unnamed {
        assert_eq!(verdict(&verifier, key, "HS256", None), Ok(()));
        assert_eq!(verdict(&verifier, key, "HS256", Some("unheard-of")), Ok(()));
    }
    let stranger = key(Algorithm::Hs256);
    assert_eq!(
        verdict(&verifier, &stranger, "HS256", None),
        Err(VerifyError::InvalidSignature)
    );
}

#[test]
fn the_two_names_of_ed25519_mean_the_keys_of_both() {
    let keys = [key(Algorithm::Ed25519), key(Algorithm::EdDsa)];
    for keys in [[&keys[0], &keys[1]], [&keys[1], &keys[0]]] {
        let verifier = verifier(set(keys));
        for key in keys {
            for alg in ["EdDSA", "Ed25519"] {
                assert_eq!(verdict(&verifier, key, alg, None), Ok(()));
            }
        }
    }
}

/// A thousand signatures for one token that is not even valid would be an invitation.
#[test]
fn more_keys_than_are_tried_are_an_error_that_says_so() {
    let too_many: Vec<_> = (0..=MAX_CANDIDATES).map(|_| key(Algorithm::Hs256)).collect();
    let ambiguous = VerifyError::AmbiguousKey {
        limit: MAX_CANDIDATES,
    };
    let unnamed = verifier(set(&too_many));
    assert_eq!(
        verdict(&unnamed, &too_many[0], "HS256", None),
        Err(ambiguous.clone())
    );
    assert_eq!(
        ambiguous.to_string(),
        "the token does not say which key signed it, and more than 16 could have: give every key a `kid`"
    );

    let with_kid = |(number, key): (usize, &SigningKey)| key.clone().with_kid(format!("key-{number}"));
    let keys: Vec<_> = too_many.iter().enumerate().map(with_kid).collect();
    let verifier = verifier(set(&keys));
    for key in &keys {
        assert_eq!(verdict(&verifier, key, "HS256", key.kid()), Ok(()));
        assert_eq!(verdict(&verifier, key, "HS256", None), Err(ambiguous.clone()));
    }
    // Keys of another algorithm are not meant, however many there are.
    let one = key(Algorithm::Hs384);
    let verifier = self::verifier(set(too_many.iter().chain([&one])));
    assert_eq!(verdict(&verifier, &one, "HS384", None), Ok(()));
}

/// Sixteen signatures are as many as a document has, and each could mean every key of the largest set.
#[test]
fn a_document_costs_no_more_than_its_signatures_and_the_keys_tried_for_each() {
    let member = |number: usize| {
        let secret = format!("{number:04} of the thousand secrets in the set");
        json!({"kty": "oct", "alg": "HS256", "k": base64_simd::URL_SAFE_NO_PAD.encode_to_string(secret)})
    };
    let keys = json!({"keys": (0..1000).map(member).collect::<Vec<_>>()});
    let verifier = jws::Verifier::new(KeySet::from_jwks(&keys.to_string()).unwrap());
    let signers = vec![jws::Signer::new(key(Algorithm::Hs256)); 16];
    let document = jws::sign_general(&signers, b"the contract").unwrap();
    let ambiguous = VerifyError::AmbiguousKey {
        limit: MAX_CANDIDATES,
    };
    assert_eq!(verifier.verify_json(&document).unwrap_err(), ambiguous);
    let compact = signers[0].sign(b"the contract").unwrap();
    assert_eq!(verifier.verify(&compact).unwrap_err(), ambiguous);
}

/// Keys to draw from: most of one algorithm, so that sets with too many of it come about.
static POOL: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    let hs256 = std::iter::repeat_n(Algorithm::Hs256, 24);
    let others = [
        Algorithm::Hs384,
        Algorithm::EdDsa,
        Algorithm::EdDsa,
        Algorithm::Ed25519,
        Algorithm::Ed25519,
    ];
    hs256.chain(others).map(key).collect()
});

/// The place in the pool, and the name it bears in the set.
type Member = (usize, Option<&'static str>);

fn name() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![
        6 => Just(None),
        4 => prop::sample::select(vec!["a", "b", "c", "d", "e", "f"]).prop_map(Some),
    ]
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let member = (0..POOL.len(), name());
    prop::collection::vec(member, 1..30).prop_map(|mut members| {
        // One name may be borne by several keys, if they are of different algorithms.
        let mut kept: Vec<Member> = Vec::new();
        for (place, name) in members.drain(..) {
            let agrees = |other: usize| POOL[place].algorithm().agrees_with(POOL[other].algorithm());
            if name.is_none() || !kept.iter().any(|(other, taken)| *taken == name && agrees(*other)) {
                kept.push((place, name));
            }
        }
        kept
    })
}

/// The rule in its plainest form.
fn expected(members: &[Member], signer: usize, alg: Algorithm, kid: Option<&str>) -> Result<(), VerifyError> {
    let is_named = members.iter().any(|(_, name)| kid.is_some() && *name == kid);
    let meant: Vec<_> = members
        .iter()
        .filter(|(_, name)| {
            if is_named {
                *name == kid
            } else {
                kid.is_none() || name.is_none()
            }
        })
        .collect();
    let agreeing: Vec<_> = meant
        .iter()
        .filter(|(place, _)| POOL[*place].algorithm().agrees_with(alg))
        .collect();
    if meant.is_empty() {
        Err(VerifyError::UnknownKey)
    } else if agreeing.is_empty() {
        Err(VerifyError::WrongAlgorithm)
    } else if agreeing.len() > MAX_CANDIDATES {
        Err(VerifyError::AmbiguousKey {
            limit: MAX_CANDIDATES,
        })
    } else if agreeing.iter().any(|(place, _)| *place == signer) {
        Ok(())
    } else {
        Err(VerifyError::InvalidSignature)
    }
}

proptest! {
    #[test]
    fn verifying_and_explaining_choose_by_the_same_rule(
        members in members(),
        signer in 0..POOL.len(),
        from_the_set in prop::option::weighted(0.8, any::<prop::sample::Index>()),
        other_name in any::<bool>(),
        kid in name(),
    ) {
        let signer = from_the_set.map_or(signer, |at| members[at.index(members.len())].0);
        let alg = match POOL[signer].algorithm() {
            Algorithm::EdDsa if other_name => Algorithm::Ed25519,
            Algorithm::Ed25519 if other_name => Algorithm::EdDsa,
            own => own,
        };
        let keys: Vec<_> = members
            .iter()
            .map(|(place, name)| match name {
                Some(name) => POOL[*place].clone().with_kid(*name),
                None => POOL[*place].clone(),
            })
            .collect();
        let verifier = verifier(set(&keys));
        prop_assert_eq!(
            verdict(&verifier, &POOL[signer], alg.name(), kid),
            expected(&members, signer, alg, kid)
        );
    }
}
