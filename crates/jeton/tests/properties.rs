//! What holds for every input there is.

use std::collections::BTreeMap;

use jeton::testkit::Forge;
use jeton::{
    Algorithm, Claims, Issuer, KeySet, Scratch, SigningKey, Unverified, Verifier, VerifyingKey, jws,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::common::{ISSUER, key, now};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Any(BTreeMap<String, Value>);

impl Claims for Any {
    const TYP: &'static str = "JWT";
}

const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e15..1e15).prop_map(|number: f64| Value::from(number.trunc() / 1024.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn claims() -> impl Strategy<Value = Any> {
    prop::collection::btree_map(any::<String>(), json(), 0..30).prop_map(|mut map| {
        map.retain(|name, _| !REGISTERED.contains(&name.as_str()));
        Any(map)
    })
}

fn hmac() -> SigningKey {
    SigningKey::hs256("k7wq2ZrT9vXc4LmB8nHs1dGf6jPy3EaU").unwrap()
}

fn open_verifier(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .max_size(1 << 20)
        .build()
}

proptest! {
    #[test]
    fn what_is_issued_is_what_is_read(claims in claims(), subject: String, audience: String, id: String) {
        let issuer = Issuer::<Any>::new(hmac(), ISSUER, std::time::Duration::from_mins(1));
        let token = issuer.draft(&claims).subject(&subject).audience(&audience).id(&id).issue_at(now()).unwrap();
        let verifier = open_verifier(&hmac());
        let read = verifier.verify_at::<Any>(&token, now()).unwrap();
        prop_assert_eq!(read.subject(), Some(&*subject));
        prop_assert_eq!(read.audience().collect::<Vec<_>>(), [&*audience]);
        prop_assert_eq!(read.id(), Some(&*id));
        prop_assert_eq!(read.claims(), &claims);
        let mut scratch = Scratch::default();
        let borrowed = verifier.verify_in::<Any>(&token, now(), &mut scratch).unwrap();
        prop_assert_eq!(borrowed.registered().subject(), Some(&*subject));
        prop_assert_eq!(borrowed.claims(), &claims);
    }

    #[test]
    fn one_pass_reads_what_two_would(claims in claims(), exp in 1_900_000_000_u64..4_000_000_000, at: prop::sample::Index) {
        let mut members: Vec<_> = claims.0.iter().map(|(name, value)| format!("{}:{value}", Value::from(&**name))).collect();
        members.insert(at.index(members.len() + 1), format!("\"exp\":{exp}"));
        let json = format!("{{{}}}", members.join(","));
        let token = Forge::new(r#"{"alg":"HS256","typ":"JWT"}"#, &json).signed_by(&hmac()).unwrap();
        let read = open_verifier(&hmac()).verify_at::<Any>(&token, now()).unwrap();
        let mut twice: BTreeMap<String, Value> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(twice.remove("exp"), Some(Value::from(exp)));
        prop_assert_eq!(read.into_claims().0, twice);
    }

    #[test]
    fn no_changed_token_verifies(at: prop::sample::Index, byte in 0_u8..128) {
        let key = hmac().with_kid("k");
        let issuer = Issuer::<Any>::new(key.clone(), ISSUER, std::time::Duration::from_mins(1));
        let token = issuer.issue_at("user-1", "api", Any(BTreeMap::new()), now()).unwrap();
        let mut changed = token.clone().into_bytes();
        let at = at.index(changed.len());
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        let verified = open_verifier(&key).verify_at::<Any>(&changed, now());
        prop_assert_eq!(verified.is_ok(), changed == token);
    }

    #[test]
    fn no_text_makes_anything_panic(text in prop_oneof![any::<String>(), "[A-Za-z0-9_=.-]{0,60}(\\.[A-Za-z0-9_-]{0,60}){0,4}"]) {
        let key = hmac();
        let verifier = open_verifier(&key);
        prop_assert!(verifier.verify_at::<Any>(&text, now()).is_err());
        let _ = verifier.explain::<Any>(&text, now()).to_string();
        let _ = Unverified::parse(&text);
        let _ = jws::Verifier::new(key.verifying_key()).verify_json(&text);
        let _ = KeySet::from_jwks(&text);
        for algorithm in Algorithm::ALL {
            let _ = SigningKey::from_pem(*algorithm, &text);
            let _ = VerifyingKey::from_jwk_as(*algorithm, &text);
        }
    }

    #[test]
    fn no_bytes_make_der_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for algorithm in Algorithm::ALL {
            prop_assert!(SigningKey::from_der(*algorithm, &bytes).is_err());
            let _ = VerifyingKey::from_der(*algorithm, &bytes);
        }
    }

    #[test]
    fn any_bytes_travel_as_jws(payload in prop::collection::vec(any::<u8>(), 0..300), typ: String) {
        let key = hmac();
        let verifier = jws::Verifier::new(key.verifying_key());
        let signer = jws::Signer::new(key).member("typ", typ.clone());
        let content = verifier.verify(&signer.sign(&payload).unwrap()).unwrap();
        prop_assert_eq!(content.payload(), &*payload);
        prop_assert_eq!(&content.signatures()[0].protected()["typ"], &Value::from(typ));
        let flattened = signer.sign_flattened(&payload).unwrap();
        prop_assert_eq!(verifier.verify_json(&flattened).unwrap().into_payload(), payload.clone());
        let unencoded = signer.unencoded().sign_detached(&payload).unwrap();
        prop_assert!(verifier.verify_detached(&unencoded, &payload).is_ok());
        let mut other = payload;
        other.push(0);
        prop_assert!(verifier.verify_detached(&unencoded, &other).is_err());
    }
}

proptest! {
    // Each case makes and reads eight keys.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_cut_or_changed_key_panics(at: prop::sample::Index, byte: u8, cut: bool) {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::MlDsa44] {
            let key = key(algorithm);
            for mut der in [key.to_pkcs8_der().unwrap().to_vec(), key.verifying_key().to_spki_der().unwrap()] {
                let at = at.index(der.len());
                der[at] = byte;
                der.truncate(if cut { at } else { der.len() });
                let _ = SigningKey::from_der(algorithm, &der);
                let _ = VerifyingKey::from_der(algorithm, &der);
            }
        }
    }
}
