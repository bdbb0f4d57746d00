//! The key in an X.509 certificate.

use jeton::{Algorithm, KeyError, SigningKey, VerifyingKey};

use crate::common::key;

/// A certificate as OpenSSL writes it, and the key in it.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBgTCCASegAwIBAgIUW9Ir8ZyxXtsziq3xWSa9yVuVvHAwCgYIKoZIzj0EAwIw\n\
FTETMBEGA1UEAwwKamV0b24gdGVzdDAgFw0yNjExMjEyMjA5NDJaGA8yMTI2MTAy\n\
ODIyMDk0MlowFTETMBEGA1UEAwwKamV0b24gdGVzdDBZMBMGByqGSM49AgEGCCqG\n\
SM49AwEHA0IABAS/R6Y3ZqewXMIddm560bh7Ii5HtnGnvt57F1AULbhWZiQksqAv\n\
JdgMAuD2zzkxOqotB5xLtEejgEqENiZFtlmjUzBRMB0GA1UdDgQWBBQ6YYCTHBYE\n\
z0Qv2gfTstark4xqGzAfBgNVHSMEGDAWgBQ6YYCTHBYEz0Qv2gfTstark4xqGzAP\n\
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIBhVGNAT6+prkjFkiXzd\n\
LL/tOhHMOYt3oV1m37k+iS8iAiEA9hALOPwfQSqiX5lBg9qtSl/nM35D5ZDFuB70\n\
Q53SCSA=\n\
-----END CERTIFICATE-----\n\
";

const CERTIFIED: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBL9Hpjdmp7Bcwh12bnrRuHsiLke2\n\
cae+3nsXUBQtuFZmJCSyoC8l2AwC4PbPOTE6qi0HnEu0R6OASoQ2JkW2WQ==\n\
-----END PUBLIC KEY-----\n\
";

#[test]
fn certificates_give_their_key_also_the_first_of_a_chain() {
    let jwk = VerifyingKey::from_pem(Algorithm::Es256, CERTIFIED)
        .unwrap()
        .to_jwk();
    let other = key(Algorithm::Es256).verifying_key().to_pem().unwrap();
    for pem in [
        CERTIFICATE.to_owned(),
        format!("# leaf\n{CERTIFICATE}\n# root\n{other}"),
    ] {
        assert_eq!(
            VerifyingKey::from_pem(Algorithm::Es256, pem).unwrap().to_jwk(),
            jwk
        );
    }
    let wrong = VerifyingKey::from_pem(Algorithm::Es384, CERTIFICATE).unwrap_err();
    assert!(matches!(
        wrong,
        KeyError::WrongKind {
            found: "a key on P-256",
            ..
        }
    ));
    assert_eq!(
        SigningKey::from_pem(Algorithm::Es256, CERTIFICATE).unwrap_err(),
        KeyError::NotPrivate
    );
}
