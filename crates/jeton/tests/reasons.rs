//! Errors say what was wrong and how to mend it, and never the reason of another case.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::{RefUnwindSafe, UnwindSafe};

use jeton::testkit::Forge;
use jeton::{Algorithm, Claims, Malformed, Profile, Registered, SigningKey, Verifier, VerifyError, jws};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::common::{key, now};

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

macro_rules! claims {
    ($($name:ident $body:tt)*) => {$(
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only reading it matters")]
        struct $name $body
        impl Claims for $name { const TYP: &'static str = "JWT"; }
    )*};
}

claims! {
    WithSubject { sub: String }
    WithOptionalExpiry { exp: Option<u64> }
    Plan { plan: String }
    Level { level: f64 }
}

#[derive(Debug, Deserialize)]
struct Flattened {
    #[serde(flatten)]
    #[expect(dead_code, reason = "only reading it matters")]
    inner: WithSubject,
}

impl Claims for Flattened {
    const TYP: &'static str = "JWT";
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Numbers(#[expect(dead_code, reason = "only reading it matters")] BTreeMap<String, u8>);

impl Claims for Numbers {
    const TYP: &'static str = "JWT";
}

fn verifier(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .build()
}

fn refused<C: Claims + DeserializeOwned + std::fmt::Debug>(claims: &str) -> VerifyError {
    let key = key(Algorithm::Hs256);
    let claims = format!(r#"{{"exp":4102444800,{claims}}}"#);
    let token = Forge::new(HEADER, claims).signed_by(&key).unwrap();
    verifier(&key).verify_at::<C>(&token, now()).unwrap_err()
}

#[test]
fn a_type_with_a_field_for_a_registered_claim_is_told_so() {
    let sub = r#""sub":"user-1""#;
    assert_eq!(refused::<WithSubject>(sub), VerifyError::RegisteredField("sub"));
    assert_eq!(refused::<Flattened>(sub), VerifyError::RegisteredField("sub"));
    // An optional one would be absent from every token, without a word.
    let optional = refused::<WithOptionalExpiry>(sub);
    assert_eq!(
        optional.to_string(),
        "the claims type has a field `exp`, a registered claim: take the field out, and read the claim from the token"
    );
}

#[test]
fn claims_that_do_not_fit_are_named_where_their_type_has_the_name() {
    assert_eq!(refused::<Plan>(r#""plan":5"#), VerifyError::InvalidClaim("plan"));
    assert_eq!(
        refused::<Plan>(r#""other":5"#),
        VerifyError::MissingClaim("plan".to_owned())
    );
    let unnamed = refused::<Numbers>(r#""sent by a stranger":"text""#);
    assert_eq!(unnamed, VerifyError::UnfitClaims);
    assert_eq!(
        unnamed.to_string(),
        "the claims do not fit the type they are read into"
    );
}

#[test]
fn a_number_out_of_range_is_called_one() {
    for claims in [
        r#""level":1e999"#,
        r#""level":1,"unread":[1e999]"#,
        r#""level":1,"unread":-1e999"#,
    ] {
        assert_eq!(refused::<Level>(claims), Malformed::Number.into(), "{claims}");
    }
    assert_eq!(
        refused::<Plan>(r#""iat":1e999"#),
        VerifyError::InvalidClaim("iat")
    );
    let key = key(Algorithm::Hs256);
    let token = Forge::new(r#"{"alg":"HS256","x":1e999}"#, "{}")
        .signed_by(&key)
        .unwrap();
    let document = jws::Verifier::new(key.verifying_key())
        .verify(&token)
        .unwrap_err();
    assert_eq!(document, Malformed::Number.into());
}

#[test]
fn a_token_without_a_type_is_told_how_to_be_taken() {
    let key = key(Algorithm::Hs256);
    let token = Forge::new(r#"{"alg":"HS256"}"#, r#"{"exp":4102444800,"plan":"free"}"#)
        .signed_by(&key)
        .unwrap();
    let strict = verifier(&key);
    let missing = strict.verify_at::<Plan>(&token, now()).unwrap_err();
    assert_eq!(missing, VerifyError::MissingType { expected: "JWT" });
    assert!(
        missing.to_string().contains(".profile(Profile::Jwt)"),
        "{missing}"
    );
    let explained = strict.explain::<Plan>(&token, now());
    assert_eq!(explained.error(), Some(&missing));
    assert!(!explained.to_string().contains("ID token"), "{explained}");
    let lenient = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .profile(Profile::Jwt)
        .build();
    assert!(lenient.verify_at::<Plan>(&token, now()).is_ok());
}

#[derive(Debug, Deserialize)]
struct Order {
    amount: u32,
}

impl Claims for Order {
    const TYP: &'static str = "JWT";

    fn check(&self, _token: &Registered<'_>) -> Result<(), Cow<'static, str>> {
        Err(format!("{} is too much", self.amount).into())
    }
}

#[test]
fn an_own_check_may_say_what_it_saw() {
    let told = refused::<Order>(r#""amount":7"#);
    assert_eq!(told, VerifyError::Refused("7 is too much".into()));
    let key = key(Algorithm::Hs256);
    let checking = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .check(|token| Err(format!("{:?} is not known", token.subject()).into()))
        .build();
    let token = Forge::new(HEADER, r#"{"exp":4102444800,"sub":"u","plan":"free"}"#)
        .signed_by(&key)
        .unwrap();
    let told = checking.verify_at::<Plan>(&token, now()).unwrap_err();
    assert_eq!(
        told.to_string(),
        r#"the token is refused: Some("u") is not known"#
    );
}

/// So that they can be used behind `catch_unwind`, as servers do.
#[test]
fn everything_may_cross_a_caught_panic() {
    fn assert<T: UnwindSafe + RefUnwindSafe + Send + Sync>() {}
    assert::<Verifier>();
    assert::<jeton::VerifierBuilder>();
    assert::<SigningKey>();
    assert::<jeton::VerifyingKey>();
    assert::<jeton::KeySet>();
    assert::<jeton::Issuer<Order>>();
    assert::<jeton::Verified<Order>>();
    assert::<jeton::VerifiedRef<'_, Order>>();
    assert::<jeton::Unverified<'_>>();
    assert::<jeton::Explanation>();
    assert::<jws::Signer>();
    assert::<jws::Verifier>();
    assert::<jws::Verified>();
}
