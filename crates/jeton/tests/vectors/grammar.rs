//! Where the grammar of JSON (RFC 8259) ends: a value of a claim is JSON or its token is refused, also where no field
//! asks for it.

use jeton::testkit::Forge;
use jeton::{Claims, Malformed, Verifier, VerifyError};
use serde::Deserialize;
use serde_json::Value;

use super::hs256;
use crate::common::now;

#[derive(Deserialize)]
struct Any {
    #[expect(dead_code, reason = "only reading it matters")]
    content: Value,
}

#[derive(Deserialize)]
struct Unread {}

impl Claims for Any {
    const TYP: &'static str = "JWT";
}

impl Claims for Unread {
    const TYP: &'static str = "JWT";
}

/// As `content` of a token's claims, asked for and not.
fn taken(value: &[u8]) -> [Result<(), VerifyError>; 2] {
    let key = hs256();
    let verifier = Verifier::builder(key.verifying_key())
        .any_issuer()
        .any_audience()
        .build();
    let claims = [br#"{"exp":4102444800,"content":"#, value, b"}"].concat();
    let token = Forge::new(r#"{"alg":"HS256","typ":"JWT"}"#, claims)
        .signed_by(&key)
        .unwrap();
    [
        verifier.verify_at::<Any>(&token, now()).map(|_| ()),
        verifier.verify_at::<Unread>(&token, now()).map(|_| ()),
    ]
}

#[test]
fn json_is_taken() {
    let values: &[&[u8]] = &[
        b"0",
        b"-0",
        b"1",
        b"-1",
        b"1.5",
        b"-0.5e-3",
        b"1E+2",
        b"0e1",
        b"123456789012345678901234567890",
        b"1e-400",
        b"true",
        b"false",
        b"null",
        b"\"\"",
        b"\"a\"",
        br#""\"\\\/\b\f\n\r\t""#,
        br#""\u0041\u00e9\ud83d\ude00""#,
        br#""\u0000""#,
        b"\"\x7f\"",
        "\"é€😀\u{2028}\u{feff}\"".as_bytes(),
        b"[]",
        b"[ ]",
        b"[[]]",
        b"[1 , 2]",
        b"[null,\"a\",{}]",
        b"{}",
        b"{ }",
        b"{\"\":0}",
        b"{\"a\":{\"a\":[]}}",
        br#"{"a":1,"\u0062":2}"#,
        b" \t\n\r1",
        b"1 \t\n\r",
        b"[1\n]",
        b"{\"a\"\t:\r1}",
    ];
    for value in values {
        assert_eq!(
            taken(value),
            [Ok(()), Ok(())],
            "{}",
            String::from_utf8_lossy(value)
        );
    }
}

/// Each is no JSON value.
const BROKEN: &[&[u8]] = &[
    // Numbers.
    b"+1",
    b"-",
    b"--1",
    b"01",
    b"-01",
    b"00",
    b"1.",
    b".5",
    b"-.5",
    b"1.e3",
    b"1e",
    b"1e+",
    b"1E-",
    b"1ee2",
    b"1e1.5",
    b"1.2.3",
    b"1_000",
    b"1,000",
    b"0x10",
    b"0b1",
    b"NaN",
    b"-NaN",
    b"Infinity",
    b"-Infinity",
    b"inf",
    b"1a",
    b"1 2",
    "\u{ff11}".as_bytes(),
    b"- 1",
    b"1e 2",
    b"1. 0",
    b"0 .5",
    // Words.
    b"True",
    b"TRUE",
    b"tru",
    b"truee",
    b"nul",
    b"nulll",
    b"None",
    b"undefined",
    b"fals",
    b"a",
    // Texts.
    b"\"",
    b"\"a",
    b"a\"",
    b"'a'",
    b"`a`",
    b"\"a\"b",
    b"\"a\" \"b\"",
    b"\"\t\"",
    b"\"\n\"",
    b"\"\0\"",
    b"\"\x1f\"",
    br#""\x41""#,
    br#""\a""#,
    br#""\ ""#,
    br#""\'""#,
    br#""\u""#,
    br#""\u00""#,
    br#""\u00G0""#,
    br#""\U0041""#,
    br#""\u{41}""#,
    br#""\ud800""#,
    br#""\udc00""#,
    br#""\ud800\u0041""#,
    br#""\"#,
    b"\"\xff\"",
    b"\"\xc0\x80\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    // Arrays.
    b"[",
    b"]",
    b"[1",
    b"[1,",
    b"[,]",
    b"[,1]",
    b"[1,,2]",
    b"[1,]",
    b"[1 2]",
    b"[1:2]",
    b"[1;2]",
    b"[1}",
    b"[]]",
    // Objects.
    b"{",
    b"{a:1}",
    b"{'a':1}",
    b"{1:1}",
    b"{\"a\"}",
    b"{\"a\":}",
    b"{\"a\":1,}",
    b"{\"a\":1 \"b\":2}",
    b"{\"a\" 1}",
];

#[test]
fn anything_else_is_refused() {
    for value in BROKEN {
        let [asked, unread] = taken(value);
        let name = String::from_utf8_lossy(value).into_owned();
        assert!(asked.is_err(), "{name}");
        assert!(unread.is_err(), "unread: {name}");
    }
    // Comments, marks and blanks that are none of JSON's.
    for value in [
        "/**/1",
        "1//",
        "#1",
        "\u{feff}1",
        "\u{a0}1",
        "\u{b}1",
        "\u{c}1",
        "\u{2028}1",
        "",
        " ",
    ] {
        let refused = Err(Malformed::Claims.into());
        assert_eq!(taken(value.as_bytes()), [refused.clone(), refused], "{value:?}");
    }
}
