//! Keys from PEM, DER and JWK.

use zeroize::Zeroizing;

use super::der::{BIT_STRING, CONTEXT_0, Elements, INTEGER, OCTET_STRING, OID, SEQUENCE};
use super::public::{Public, bytes, kind};
use super::{Material, Secret, SigningKey, VerifyingKey, ec, ed25519, hmac, ml_dsa, pem, rsa};
use crate::algorithm::Family;
use crate::encoding::encode;
use crate::jwk::{Parameters, RawJwk};
use crate::{Algorithm, KeyError};

impl SigningKey {
    /// A private key from unencrypted PEM: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1
    /// (`EC PRIVATE KEY`). An encrypted one is refused with a sentence that says so.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let block = pem::first_key(pem.as_ref())?;
        match block.label {
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Self::from_der(algorithm, &block.der),
            _ => Err(KeyError::NotPrivate),
        }
    }

    /// A private key from unencrypted DER: PKCS#8 (RFC 5208), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915).
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        check_private_kind(algorithm, der)?;
        let secret = match algorithm.family() {
            Family::Hmac => return Err(KeyError::Symmetric(algorithm)),
            Family::Rsa => Secret::Rsa(rsa::Pair::from_der(algorithm, der)?),
            Family::Ec => Secret::Ec(ec::Pair::from_der(algorithm, der)?),
            Family::Ed25519 => Secret::Ed25519(ed25519::Pair::from_pkcs8(algorithm, der)?),
            Family::MlDsa => Secret::MlDsa(ml_dsa::Pair::from_pkcs8(algorithm, der)?),
        };
        Self::new(algorithm, secret)
    }

    /// A private key from unencrypted PKCS#8 in DER (RFC 5208).
    pub fn from_pkcs8_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        Self::from_der(algorithm, der)
    }

    /// A private or symmetric key from a JWK (RFC 7517), with its `kid`. The algorithm is its `alg`, or the
    /// only one such a key can have; for RSA and symmetric keys without `alg` see
    /// [`from_jwk_as`](Self::from_jwk_as).
    ///
    /// `use` and `key_ops` must allow signing. An RSA key needs all of `n e d p q dp dq qi`.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::from_raw_jwk(&RawJwk::read(json)?, None)
    }

    /// The same for an algorithm of one's own; an `alg` that names another is refused.
    pub fn from_jwk_as(algorithm: Algorithm, json: &str) -> Result<Self, KeyError> {
        Self::from_raw_jwk(&RawJwk::read(json)?, Some(algorithm))
    }

    fn from_raw_jwk(jwk: &RawJwk<'_>, asked: Option<Algorithm>) -> Result<Self, KeyError> {
        jwk.check_use("sign")?;
        let algorithm = jwk.algorithm(asked)?;
        let key = Self::new(algorithm, secret(jwk, algorithm)?)?;
        if let Material::Public(public) = &key.verifying.material {
            // Some families derive the public half; it must be the one that was written beside.
            if *public.parameters() != jwk.parameters()? {
                let reason = "the private and the public half are not one key";
                return Err(KeyError::Rejected { algorithm, reason });
            }
        }
        Ok(match &jwk.kid {
            Some(kid) => key.with_kid(&**kid),
            None => key,
        })
    }
}

fn secret(jwk: &RawJwk<'_>, algorithm: Algorithm) -> Result<Secret, KeyError> {
    if jwk.kty == "oct" {
        return hmac_secret(jwk, algorithm).map(|secret| Secret::Hmac(secret.into()));
    }
    let parameters = jwk.parameters()?;
    // All checks of the public half come first, with their own words.
    Public::new(algorithm, parameters.clone())?;
    match parameters {
        Parameters::Ec { crv, x, y } => {
            let point = ec::point(algorithm, &crv, &bytes(&x)?, &bytes(&y)?)?;
            ec::Pair::from_parts(algorithm, &private(jwk.d)?, &point).map(Secret::Ec)
        }
        Parameters::Okp { x, .. } => {
            ed25519::Pair::from_parts(algorithm, &private(jwk.d)?, &bytes(&x)?).map(Secret::Ed25519)
        }
        Parameters::Rsa { n, e } => rsa_pair(jwk, algorithm, &bytes(&n)?, &bytes(&e)?).map(Secret::Rsa),
        Parameters::Akp { .. } => {
            ml_dsa::Pair::from_seed(algorithm, private(jwk.private)?).map(Secret::MlDsa)
        }
    }
}

#[expect(clippy::many_single_char_names, reason = "the names of RFC 7518 section 6.3")]
fn rsa_pair(jwk: &RawJwk<'_>, algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<rsa::Pair, KeyError> {
    if jwk.oth.is_some() {
        return Err(KeyError::Malformed(
            "RSA keys of more than two primes (`oth`) are not taken",
        ));
    }
    let d = private(jwk.d)?;
    let factor = |member: Option<&str>| {
        let missing = KeyError::Malformed("a private RSA JWK needs all of `n e d p q dp dq qi`");
        member
            .ok_or(missing)
            .and_then(|text| bytes(text).map(Zeroizing::new))
    };
    let (p, q) = (factor(jwk.p)?, factor(jwk.q)?);
    let (dp, dq, qi) = (factor(jwk.dp)?, factor(jwk.dq)?, factor(jwk.qi)?);
    let numbers = rsa::Numbers {
        n,
        e,
        d: &d,
        p: &p,
        q: &q,
        dp: &dp,
        dq: &dq,
        qi: &qi,
    };
    rsa::Pair::from_numbers(algorithm, &numbers)
}

fn hmac_secret(jwk: &RawJwk<'_>, algorithm: Algorithm) -> Result<hmac::Secret, KeyError> {
    let missing = KeyError::Malformed("the JWK lacks a member its `kty` asks for");
    let bytes = Zeroizing::new(bytes(jwk.k.ok_or(missing)?)?);
    if algorithm.family() != Family::Hmac {
        let (needed, found) = (kind(algorithm), "a shared secret");
        return Err(KeyError::WrongKind {
            algorithm,
            needed,
            found,
        });
    }
    hmac::Secret::new(algorithm, &bytes)
}

fn private(member: Option<&str>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    bytes(member.ok_or(KeyError::NotPrivate)?).map(Zeroizing::new)
}

impl VerifyingKey {
    /// A public key from PEM: SPKI (`PUBLIC KEY`), PKCS#1 (`RSA PUBLIC KEY`) or the first of a chain of
    /// X.509 certificates (`CERTIFICATE`), of which nothing but the key is read.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let block = pem::first_key(pem.as_ref())?;
        match block.label {
            "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => Self::from_der(algorithm, &block.der),
            _ => Err(KeyError::NotPublic),
        }
    }

    /// A public key from DER: SPKI (RFC 5280), PKCS#1 (RFC 8017) or an X.509 certificate.
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Err(KeyError::Symmetric(algorithm));
        }
        let malformed = KeyError::Malformed("the DER is no public key: SPKI, PKCS#1 or a certificate");
        let parameters = public_parameters(algorithm, der).ok_or(malformed)??;
        Self::from_parameters(algorithm, parameters)
    }

    /// A public or symmetric key from a JWK (RFC 7517), with its `kid`; the public half of a private one.
    /// The algorithm is its `alg`, or the only one such a key can have; for RSA and symmetric keys without
    /// `alg` see [`from_jwk_as`](Self::from_jwk_as). `use` and `key_ops` must allow verifying.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::from_raw_jwk(&RawJwk::read(json)?, None)
    }

    /// The same for an algorithm of one's own; an `alg` that names another is refused.
    pub fn from_jwk_as(algorithm: Algorithm, json: &str) -> Result<Self, KeyError> {
        Self::from_raw_jwk(&RawJwk::read(json)?, Some(algorithm))
    }

    pub(super) fn from_raw_jwk(jwk: &RawJwk<'_>, asked: Option<Algorithm>) -> Result<Self, KeyError> {
        jwk.check_use("verify")?;
        let algorithm = jwk.algorithm(asked)?;
        let key = if jwk.kty == "oct" {
            Self::new(algorithm, Material::Hmac(hmac_secret(jwk, algorithm)?.into()))
        } else {
            Self::from_parameters(algorithm, jwk.parameters()?)?
        };
        Ok(match &jwk.kid {
            Some(kid) => key.with_kid(&**kid),
            None => key,
        })
    }

    fn from_parameters(algorithm: Algorithm, parameters: Parameters) -> Result<Self, KeyError> {
        Ok(Self::new(
            algorithm,
            Material::Public(Public::new(algorithm, parameters)?.into()),
        ))
    }
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// Without its last byte, which is the parameter set.
const ML_DSA: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03];

/// What an `AlgorithmIdentifier` (RFC 5280 §4.1.1.2) says a key is, in the words of [`kind`].
fn identified(identifier: &[u8]) -> Option<&'static str> {
    let mut elements = Elements::new(identifier);
    let oid = elements.take(OID)?;
    Some(match oid {
        RSA => kind(Algorithm::Rs256),
        ED25519 => kind(Algorithm::EdDsa),
        EC => match elements.take(OID)? {
            P256 => kind(Algorithm::Es256),
            P384 => kind(Algorithm::Es384),
            P521 => kind(Algorithm::Es512),
            SECP256K1 => kind(Algorithm::Es256K),
            _ => "a key on another curve",
        },
        _ => match oid.strip_prefix(ML_DSA) {
            Some([17]) => kind(Algorithm::MlDsa44),
            Some([18]) => kind(Algorithm::MlDsa65),
            Some([19]) => kind(Algorithm::MlDsa87),
            _ => "a key of another kind",
        },
    })
}

fn check_kind(algorithm: Algorithm, found: &'static str) -> Result<(), KeyError> {
    let needed = kind(algorithm);
    if needed == found {
        Ok(())
    } else {
        Err(KeyError::WrongKind {
            algorithm,
            needed,
            found,
        })
    }
}

/// Says in words when a private key is of another kind; whether it is sound is left to the family.
fn check_private_kind(algorithm: Algorithm, der: &[u8]) -> Result<(), KeyError> {
    const MALFORMED: KeyError = KeyError::Malformed("the DER is no private key: PKCS#8, PKCS#1 or SEC 1");
    let mut elements = Elements::of_sequence(der).ok_or(MALFORMED)?;
    if elements.take(INTEGER).is_none() {
        return Err(KeyError::NotPrivate);
    }
    let found = match elements.peek() {
        Some(SEQUENCE) => elements.take(SEQUENCE).and_then(identified).ok_or(MALFORMED)?,
        // An RSAPublicKey ends after two integers.
        Some(INTEGER) => {
            elements.take(INTEGER);
            if elements.is_done() {
                return Err(KeyError::NotPrivate);
            }
            kind(Algorithm::Rs256)
        }
        // SEC 1, whose curve need not stand in it.
        Some(OCTET_STRING) if algorithm.family() == Family::Ec => return Ok(()),
        Some(OCTET_STRING) => "an elliptic curve key",
        _ => return Err(MALFORMED),
    };
    check_kind(algorithm, found)
}

/// `None` when the DER is none of the forms a public key has.
fn public_parameters(algorithm: Algorithm, der: &[u8]) -> Option<Result<Parameters, KeyError>> {
    let mut elements = Elements::of_sequence(der)?;
    if elements.peek()? == INTEGER {
        let parameters = rsa::parameters(der)?;
        return Some(check_kind(algorithm, kind(Algorithm::Rs256)).map(|()| parameters));
    }
    let first = elements.take(SEQUENCE)?;
    if elements.peek()? == SEQUENCE {
        return public_parameters(algorithm, spki_of_certificate(first)?);
    }
    let bits = elements.take(BIT_STRING)?;
    let (0, key) = bits.split_first().map(|(unused, key)| (*unused, key))? else {
        return None;
    };
    if !elements.is_done() {
        return None;
    }
    let found = identified(first)?;
    Some(
        check_kind(algorithm, found).and_then(|()| match algorithm.family() {
            Family::Rsa => rsa::parameters(key).ok_or(KeyError::Malformed(
                "the SPKI holds no RSAPublicKey of two positive integers",
            )),
            Family::Ec => ec::parameters(algorithm, key),
            Family::Ed25519 => Ok(Parameters::Okp {
                crv: "Ed25519".to_owned(),
                x: encode(key),
            }),
            Family::MlDsa => Ok(Parameters::Akp { public: encode(key) }),
            Family::Hmac => Err(KeyError::Symmetric(algorithm)),
        }),
    )
}

/// The key in a `TBSCertificate` (RFC 5280 §4.1), itself a whole element.
fn spki_of_certificate(certificate: &[u8]) -> Option<&[u8]> {
    let mut fields = Elements::new(certificate);
    if fields.peek()? == CONTEXT_0 {
        fields.take(CONTEXT_0)?;
    }
    fields.take(INTEGER)?;
    for _algorithm_issuer_validity_subject in 0..4 {
        fields.take(SEQUENCE)?;
    }
    fields.take_whole(SEQUENCE)
}
