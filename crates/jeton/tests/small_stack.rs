//! Reading takes a bounded stack and gives no name a meaning, however JSON nests: in itself, or in texts within
//! texts.

use std::collections::BTreeMap;
use std::thread;

use jeton::testkit::{Forge, RESERVED_NAMES, nested_in_texts};
use jeton::{
    Algorithm, Claims, JsonError, KeySet, SigningKey, Unverified, Verifier, VerifyingKey, danger, json, jws,
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::common::{key, now};

/// Claims that take everything in, as what it is.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
#[expect(dead_code, reason = "only reading it matters")]
struct Whole(BTreeMap<String, Value>);

impl Claims for Whole {
    const TYP: &'static str = "JWT";
}

/// Claims that take everything in by way of a buffer.
#[derive(Debug, Deserialize)]
struct Flattened {
    #[serde(flatten)]
    #[expect(dead_code, reason = "only reading it matters")]
    all: BTreeMap<String, Value>,
}

impl Claims for Flattened {
    const TYP: &'static str = "JWT";
}

/// A struct that any claims have the members of.
#[derive(Debug, Deserialize)]
struct Plain {}

impl Claims for Plain {
    const TYP: &'static str = "JWT";
}

/// The ways into the library that take JSON with this value in it.
fn taken_by(key: &SigningKey, value: &str) -> Vec<String> {
    [
        tokens(key, value),
        documents(key, value),
        keys(value),
        free(value),
    ]
    .concat()
    .into_iter()
    .filter_map(|(name, taken)| taken.then_some(name))
    .collect()
}

fn tokens(key: &SigningKey, value: &str) -> Vec<(String, bool)> {
    let verifier = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(1 << 20)
        .build();
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let headers = [
        format!(r#"{{"alg":"HS256","typ":"JWT","x":{value}}}"#),
        format!(r#"{{"alg":"HS256","typ":{value}}}"#),
    ];
    let claims = [
        format!(r#"{{"exp":4102444800,"x":{value}}}"#),
        format!(r#"{{"exp":4102444800,"aud":{value}}}"#),
        format!(r#"{{"exp":{value}}}"#),
    ];
    let mut found = Vec::new();
    for header in &headers {
        let token = Forge::new(header, r#"{"exp":4102444800}"#)
            .signed_by(key)
            .unwrap();
        let accepted = verifier.verify_at::<Plain>(&token, now()).is_ok();
        found.push((header.clone(), accepted));
        found.push((header.clone(), Unverified::parse(&token).is_ok()));
        found.push((
            header.clone(),
            verifier.explain::<Plain>(&token, now()).error().is_none(),
        ));
        let jws = jws::Verifier::new(key.verifying_key());
        found.push((header.clone(), jws.verify(&token).is_ok()));
    }
    for claims in &claims {
        let token = Forge::new(header, claims).signed_by(key).unwrap();
        found.push((claims.clone(), verifier.verify_at::<Plain>(&token, now()).is_ok()));
        found.push((claims.clone(), verifier.verify_at::<Whole>(&token, now()).is_ok()));
        found.push((
            claims.clone(),
            verifier.verify_at::<Flattened>(&token, now()).is_ok(),
        ));
        found.push((
            claims.clone(),
            verifier.explain::<Whole>(&token, now()).error().is_none(),
        ));
        let issuer = Unverified::parse(&token).and_then(|token| token.issuer());
        found.push((claims.clone(), issuer.is_ok()));
        let read = danger::claims_without_verification::<Whole>(&token);
        found.push((claims.clone(), read.is_ok()));
    }
    found
}

fn documents(key: &SigningKey, value: &str) -> Vec<(String, bool)> {
    let verifier = jws::Verifier::new(key.verifying_key());
    let documents = [
        format!(r#"{{"payload":{value},"protected":"e30","signature":""}}"#),
        format!(r#"{{"payload":"","header":{{"alg":"HS256","x":{value}}},"signature":""}}"#),
        format!(r#"{{"payload":"","signatures":[{value}]}}"#),
        format!(r#"{{"payload":"","signatures":{value}}}"#),
        value.to_owned(),
    ];
    let mut found = Vec::new();
    for document in documents {
        let taken = verifier.verify_json(&document).is_ok();
        let detached = verifier.verify_json_detached(&document, b"x").is_ok();
        found.push((document, taken || detached));
    }
    found
}

fn keys(value: &str) -> Vec<(String, bool)> {
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw";
    let jwks = [
        format!(r#"{{"kty":"oct","alg":"HS256","k":"{secret}","x":{value}}}"#),
        format!(r#"{{"kty":"oct","alg":"HS256","k":"{secret}","unread":{value}}}"#),
        format!(r#"{{"kty":"oct","alg":"HS256","k":{value}}}"#),
        value.to_owned(),
    ];
    let mut found = Vec::new();
    for jwk in jwks {
        found.push((jwk.clone(), SigningKey::from_jwk(&jwk).is_ok()));
        found.push((jwk.clone(), VerifyingKey::from_jwk(&jwk).is_ok()));
        let set = format!(r#"{{"keys":[{jwk}]}}"#);
        let taken = KeySet::from_jwks(&set).is_ok_and(|keys| !keys.is_empty());
        found.push((set, taken));
    }
    for set in [
        format!(r#"{{"keys":{value}}}"#),
        format!(r#"{{"keys":[{{"kty":"oct","alg":"HS256","k":"{secret}"}}],"x":{value}}}"#),
    ] {
        let taken = KeySet::from_jwks(&set).is_ok_and(|keys| !keys.is_empty());
        found.push((set, taken));
    }
    found
}

fn free(value: &str) -> Vec<(String, bool)> {
    let object = format!(r#"{{"x":{value}}}"#);
    let taken = [
        json::from_str::<json::Object>(&object).is_ok(),
        json::from_str::<Value>(&object).is_ok(),
        json::from_str::<BTreeMap<String, Value>>(&object).is_ok(),
        json::from_str::<serde::de::IgnoredAny>(&object).is_ok(),
    ];
    vec![(object, taken.contains(&true))]
}

/// The smallest stack that anybody is likely to give a thread.
fn on_a_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(256 * 1024);
        small.spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

fn assert_not_taken(value: &str) {
    let key = key(Algorithm::Hs256);
    let taken = on_a_small_stack(|| taken_by(&key, value));
    assert!(taken.is_empty(), "{taken:#?}");
}

/// In a build where the parser keeps numbers as text, one that nobody reads could pass.
#[test]
fn numbers_out_of_range_are_not_read_whoever_asks_for_them() {
    for number in ["1e400", "-1e400", "1e999999999999", "[1e400]", r#"{"a":[1e400]}"#] {
        assert_not_taken(number);
        let read = json::from_str::<json::Object>(&format!(r#"{{"x":{number}}}"#));
        assert_eq!(read.unwrap_err(), JsonError::Number, "{number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn texts_within_texts_are_not_read_as_json(levels in 1_usize..70, name in prop::sample::select(&RESERVED_NAMES[..])) {
        assert_not_taken(&nested_in_texts(name, levels));
    }

    #[test]
    fn arrays_and_objects_in_each_other_are_bounded(depth in 33_usize..2_000, object: bool) {
        let (open, close) = if object { ("{\"a\":", "}") } else { ("[", "]") };
        assert_not_taken(&format!("{}1{}", open.repeat(depth), close.repeat(depth)));
    }

    #[test]
    fn what_is_deep_enough_to_be_read_needs_no_more_than_a_small_stack(object: bool) {
        let (open, close) = if object { ("{\"a\":", "}") } else { ("[", "]") };
        let value = format!("{}1{}", open.repeat(31), close.repeat(31));
        let key = key(Algorithm::Hs256);
        let taken = on_a_small_stack(|| taken_by(&key, &value));
        prop_assert!(taken.len() > 12, "{taken:#?}");
    }
}

#[test]
fn the_parsers_own_names_mean_nothing() {
    for name in RESERVED_NAMES {
        for text in ["1", "[1]", "\\\"x\\\"", "e30", ""] {
            assert_not_taken(&format!(r#"{{"{name}":"{text}"}}"#));
            assert_not_taken(&format!(r#"[{{"{name}":"{text}"}}]"#));
            assert_not_taken(&format!(r#"{{"a":1,"{name}":"{text}"}}"#));
            let escaped = name.replace('$', r"\u0024");
            assert_not_taken(&format!(r#"{{"{escaped}":"{text}"}}"#));
        }
        assert_not_taken(&format!(r#"{{"{name}":1}}"#));
        assert_not_taken(&format!(r#"{{"{name}2":1}}"#));
        let named = format!(r#"{{"{name}":1}}"#);
        assert_eq!(
            json::from_str::<json::Object>(&named),
            Err(JsonError::ReservedName)
        );
        assert_eq!(json::from_str::<Value>(&named), Err(JsonError::ReservedName));
    }
    for claim in RESERVED_NAMES {
        let key = key(Algorithm::Hs256);
        let verifier = Verifier::builder(key.verifying_key())
            .any_issuer()
            .any_audience()
            .build();
        let claims = format!(r#"{{"exp":4102444800,"{claim}":"1"}}"#);
        let token = Forge::new(r#"{"alg":"HS256","typ":"JWT"}"#, claims)
            .signed_by(&key)
            .unwrap();
        let refused = verifier.verify_at::<Plain>(&token, now()).unwrap_err();
        assert_eq!(refused, jeton::VerifyError::ReservedName);
    }
    // The name is one for the parser alone; whoever ends a claim so may.
    let other = r#"{"my$serde_json::private::RawValue":"1"}"#;
    assert!(json::from_str::<json::Object>(other).is_ok());
}

#[test]
fn what_is_no_object_is_told_so() {
    for other in ["5", "[]", "\"a\"", "null"] {
        let refused = serde_json::from_str::<json::Object>(other)
            .unwrap_err()
            .to_string();
        assert!(refused.contains("expected an object"), "{other}: {refused}");
    }
}

/// With its feature `arbitrary_precision` the parser hands numbers out as objects with such a name.
#[test]
fn numbers_are_numbers_whatever_features_the_parser_has() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Any {
        Whole(u64),
        Text(String),
    }
    let text =
        r#"{"a":[0,-0,1,-7,18446744073709551615,-9223372036854775808,1.5,1e2,18446744073709551616,{"b":5}]}"#;
    let json::Object(members) = json::from_str(text).unwrap();
    let read: Value = json::from_str(text).unwrap();
    assert_eq!(read["a"], members["a"]);
    let numbers = members["a"].as_array().unwrap();
    assert_eq!((numbers[2].as_u64(), numbers[3].as_i64()), (Some(1), Some(-7)));
    assert_eq!(numbers[4].as_u64(), Some(u64::MAX));
    assert_eq!(numbers[5].as_i64(), Some(i64::MIN));
    assert_eq!(
        (numbers[6].as_f64(), numbers[7].as_f64()),
        (Some(1.5), Some(100.0))
    );
    assert_eq!(numbers[8].as_f64(), Some(18_446_744_073_709_551_616.0));
    assert_eq!(numbers[9]["b"].as_u64(), Some(5));
    for number in ["1e999", "-1e999"] {
        assert!(json::from_str::<Value>(&format!("[{number}]")).is_err());
    }
    assert_eq!(
        json::from_str::<Vec<Any>>(r#"[7,"x"]"#),
        Ok(vec![Any::Whole(7), Any::Text("x".to_owned())])
    );
}

#[test]
fn a_struct_is_never_an_array() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: u8,
        y: u8,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        Dot { at: u8 },
    }
    assert_eq!(
        json::from_str::<Point>(r#"{"x":1,"y":2}"#),
        Ok(Point { x: 1, y: 2 })
    );
    assert_eq!(
        json::from_str::<Shape>(r#"{"Dot":{"at":1}}"#),
        Ok(Shape::Dot { at: 1 })
    );
    assert!(matches!(
        json::from_str::<Point>("[1,2]"),
        Err(JsonError::Shape { .. })
    ));
    assert!(matches!(
        json::from_str::<Vec<Point>>("[[1,2]]"),
        Err(JsonError::Shape { .. })
    ));
    assert!(matches!(
        json::from_str::<Shape>(r#"{"Dot":[1]}"#),
        Err(JsonError::Shape { .. })
    ));
    assert_eq!(json::from_str::<(u8, u8)>("[1,2]"), Ok((1, 2)), "a tuple is one");

    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw";
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{secret}"}}"#);
    assert!(SigningKey::from_jwk(&jwk).is_ok());
    // The members in the order of the struct that reads them.
    let row = format!(
        r#"["oct","sig",["sign"],"HS256","kid","","","","","","","","","","","",1,"{secret}","",""]"#
    );
    assert!(SigningKey::from_jwk(&row).is_err());
    assert!(KeySet::from_jwks(&format!("[[{jwk}]]")).is_err());
    let set = KeySet::from_jwks(&format!(r#"{{"keys":[{row},{jwk}]}}"#)).unwrap();
    assert_eq!((set.len(), set.skipped().len()), (1, 1), "and spoils no set");
}

#[test]
fn a_number_as_a_name_has_one_spelling() {
    let good = json::from_str::<BTreeMap<i16, u8>>(r#"{"1":1,"0":2,"-7":3}"#).unwrap();
    assert_eq!(good, BTreeMap::from([(1, 1), (0, 2), (-7, 3)]));
    for name in ["01", "+1", "00", "-0", "-01", " 1", "1.0", "1e0"] {
        let read = json::from_str::<BTreeMap<i16, u8>>(&format!(r#"{{"1":1,"{name}":2}}"#));
        assert!(matches!(read, Err(JsonError::Shape { .. })), "{name}: {read:?}");
    }
}
