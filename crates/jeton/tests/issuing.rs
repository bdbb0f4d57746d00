//! An issuer signs nothing that its own verifier would refuse.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use jeton::testkit::RESERVED_NAMES;
use jeton::{
    Algorithm, Claims, DEFAULT_MAX_SIZE, IssueError, Issuer, JsonError, KeySet, SigningKey, Verifier, jws,
};
use proptest::prelude::*;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::common::{ISSUER, key, now};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Any(BTreeMap<String, Value>);

impl Claims for Any {
    const TYP: &'static str = "JWT";
}

fn one(name: &str, value: Value) -> Any {
    Any(BTreeMap::from([(name.to_owned(), value)]))
}

fn issue(claims: Any) -> Result<String, IssueError> {
    issuer(&key(Algorithm::Hs256)).issue_at("user-1", "api", claims, now())
}

fn issuer<C: Claims + Serialize>(key: &SigningKey) -> Issuer<C> {
    Issuer::new(key.clone(), ISSUER, Duration::from_mins(15))
}

/// Claims of any form a type can have.
#[derive(Serialize)]
#[serde(transparent)]
struct Formed<T>(T);

impl<T> Claims for Formed<T> {
    const TYP: &'static str = "JWT";
}

fn issue_formed<T: Serialize>(claims: T) -> Result<String, IssueError> {
    issuer(&key(Algorithm::Hs256)).issue_at("user-1", "api", Formed(claims), now())
}

#[test]
fn claims_are_an_object_or_nothing() {
    #[derive(Serialize)]
    struct Wrapped<T>(T);
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Pair(u8, u8);
    #[derive(Serialize)]
    enum Variant {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }
    let refused = [
        issue_formed(true),
        issue_formed(-1_i8),
        issue_formed(1_u64),
        issue_formed(1.5),
        issue_formed('a'),
        issue_formed("text"),
        issue_formed(Some(5)),
        issue_formed(Wrapped("text")),
        issue_formed(vec![1, 2]),
        issue_formed((1, 2)),
        issue_formed(Pair(1, 2)),
        issue_formed(Variant::Unit),
        issue_formed(Variant::Newtype(1)),
        issue_formed(Variant::Tuple(1, 2)),
        issue_formed(Variant::Struct { a: 1 }),
    ];
    for (number, refused) in refused.into_iter().enumerate() {
        assert_eq!(refused, Err(IssueError::NotAnObject), "number {number}");
    }
    for nothing in [
        issue_formed(()),
        issue_formed(Unit),
        issue_formed(None::<u8>),
        issue_formed(Wrapped(json!({}))),
    ] {
        assert!(nothing.is_ok(), "{nothing:?}");
    }
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn the_length_that_verifiers_take_is_the_length_that_is_signed() {
    let limit = DEFAULT_MAX_SIZE;
    assert_eq!(
        issue(one("note", "x".repeat(20_000).into())),
        Err(IssueError::TooLarge { limit })
    );
    let key = key(Algorithm::Hs256);
    let wide = issuer::<Any>(&key).max_size(64 * 1024);
    let token = wide
        .issue_at("user-1", "api", one("note", "x".repeat(20_000).into()), now())
        .unwrap();
    let verifier = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(64 * 1024)
        .build();
    assert!(verifier.verify_at::<Any>(&token, now()).is_ok());
    // To the byte: as long as allowed, and one less allowed than it is long.
    let length = u32::try_from(token.len()).unwrap();
    let exact = |limit| {
        issuer::<Any>(&key).max_size(limit).issue_at(
            "user-1",
            "api",
            one("note", "x".repeat(20_000).into()),
            now(),
        )
    };
    assert!(exact(length).is_ok());
    assert_eq!(
        exact(length - 1),
        Err(IssueError::TooLarge {
            limit: token.len() - 1
        })
    );
}

#[test]
fn a_header_that_is_too_long_is_not_signed() {
    let long = key(Algorithm::Hs256).with_kid("k".repeat(7_000));
    let refused = issuer::<Any>(&long).issue_at("user-1", "api", one("a", json!(1)), now());
    assert_eq!(refused, Err(IssueError::TooLarge { limit: 8 * 1024 }));
    assert!(matches!(
        jws::Signer::new(long).sign(b""),
        Err(IssueError::TooLarge { .. })
    ));
}

#[test]
fn no_claim_is_written_that_is_not_read() {
    let deep = Err(IssueError::Unreadable(JsonError::TooDeep));
    assert!(issue(one("a", nested(31))).is_ok());
    assert_eq!(issue(one("a", nested(32))), deep);
    assert_eq!(issue(one("a", nested(40))), deep);
    for name in RESERVED_NAMES {
        let refused = Err(IssueError::Unreadable(JsonError::ReservedName));
        assert_eq!(issue(one(name, json!("1"))), refused);
        // As raw parts, for the parser gives such a name a meaning where it was told to.
        let inner = serde_json::Map::from_iter([(name.to_owned(), json!("1"))]);
        assert_eq!(issue(one("a", json!([Value::Object(inner)]))), refused);
    }
}

/// Writes one name twice, as a map of one's own may.
struct Twice;

impl Serialize for Twice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("a", &1)?;
        map.serialize_entry("a", &2)?;
        map.end()
    }
}

#[derive(Serialize)]
struct Outer {
    inner: Twice,
}

impl Claims for Outer {
    const TYP: &'static str = "JWT";
}

#[test]
fn no_name_is_written_twice_at_any_depth() {
    let refused =
        issuer::<Outer>(&key(Algorithm::Hs256)).issue_at("user-1", "api", Outer { inner: Twice }, now());
    assert_eq!(refused, Err(IssueError::Unreadable(JsonError::Duplicate)));
}

#[test]
fn no_time_is_written_that_no_clock_shows() {
    let key = key(Algorithm::Hs256);
    let issuer = issuer::<Any>(&key);
    let claims = one("a", json!(1));
    for lifetime in [Duration::MAX, Duration::from_secs(u64::MAX - 4_000_000_000)] {
        let refused = issuer.draft(&claims).lifetime(lifetime).issue_at(now());
        assert_eq!(refused, Err(IssueError::TimeOutOfRange));
    }
    let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(
        issuer.draft(&claims).issue_at(early),
        Err(IssueError::TimeOutOfRange)
    );
}

#[test]
fn no_header_is_signed_that_is_not_read() {
    let signer = || jws::Signer::new(key(Algorithm::Hs256));
    let reserved = |name: &str| Value::Object(serde_json::Map::from_iter([(name.to_owned(), json!("1"))]));
    for name in RESERVED_NAMES {
        let refused = Err(IssueError::Unreadable(JsonError::ReservedName));
        assert_eq!(signer().member(name, 1).sign(b""), refused);
        assert_eq!(signer().member("a", reserved(name)).sign_detached(b""), refused);
        assert_eq!(
            signer().unprotected("a", reserved(name)).sign_flattened(b""),
            refused
        );
        let general = jws::sign_general(&[signer().unprotected(name, 1)], b"");
        assert_eq!(general, refused);
    }
    let deep = Err(IssueError::Unreadable(JsonError::TooDeep));
    assert!(signer().member("a", nested(31)).sign(b"").is_ok());
    assert_eq!(signer().member("a", nested(32)).sign(b""), deep);
    assert_eq!(
        signer().unprotected("a", nested(31)).sign_flattened_detached(b""),
        deep
    );
    let long = signer().member("a", "x".repeat(7_000)).sign_flattened(b"");
    assert_eq!(long, Err(IssueError::TooLarge { limit: 8 * 1024 }));
}

#[test]
fn no_document_has_more_signatures_than_are_checked() {
    let key = key(Algorithm::Hs256);
    let signers = vec![jws::Signer::new(key.clone()); 17];
    let verifier = jws::Verifier::new(KeySet::from(key.verifying_key()));
    let most = jws::sign_general(&signers[..16], b"x").unwrap();
    assert!(verifier.verify_json(&most).is_ok());
    assert_eq!(
        jws::sign_general(&signers, b"x"),
        Err(IssueError::TooManySigners { limit: 16 })
    );
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(40, 80, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(names(), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn a_token_lives_for_a_second_at_least() {
    let issuer = issuer::<Any>(&key(Algorithm::Hs256));
    let claims = Any(BTreeMap::new());
    for (lifetime, is_one) in [(0, false), (500, false), (999, false), (1_000, true)] {
        let token = issuer
            .draft(&claims)
            .lifetime(Duration::from_millis(lifetime))
            .issue_at(now());
        let expected = if is_one {
            Ok(())
        } else {
            Err(IssueError::NoLifetime)
        };
        assert_eq!(token.map(drop), expected, "{lifetime} ms");
    }
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z\\\"é]{0,8}",
        1 => prop::sample::select(&RESERVED_NAMES[..]).prop_map(str::to_owned),
        1 => "(sub|exp|aud|iss)",
    ]
}

proptest! {
    #[test]
    fn what_is_signed_is_taken(claims in prop::collection::btree_map(names(), values(), 0..4)) {
        let key = key(Algorithm::Hs256);
        if let Ok(token) = issuer::<Any>(&key).issue_at("user-1", "api", Any(claims), now()) {
            let verifier = Verifier::builder(key.verifying_key()).issuer(ISSUER).audience("api").build();
            prop_assert_eq!(verifier.verify_at::<Any>(&token, now()).map(|_| ()), Ok(()));
        }
    }
}
