//! Keys from PEM, DER and JWK.

use zeroize::Zeroizing;

use super::asn1::{check_private_kind, is_pkcs8, pkcs1_of_pss, public_parameters};
use super::public::{Public, bytes, kind};
use super::{Material, Secret, SigningKey, VerifyingKey, ec, ed25519, hmac, ml_dsa, openssh, pem, rsa};
use crate::algorithm::Family;
use crate::jwk::{Parameters, RawJwk};
use crate::{Algorithm, KeyError};

impl SigningKey {
    /// A private key from unencrypted PEM: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1
    /// (`EC PRIVATE KEY`). An encrypted one is refused with a sentence that says so.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, VerifyingKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    ///
    /// let again = SigningKey::from_pem(Algorithm::Es256, key.to_pem()?.as_bytes())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let block = pem::first_key(pem.as_ref())?;
        match block.label {
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Self::from_der(algorithm, &block.der),
            _ => Err(KeyError::NotPrivate),
        }
    }

    /// A private key from unencrypted DER: PKCS#8 (RFC 5208), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915).
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, VerifyingKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    ///
    /// let again = SigningKey::from_der(Algorithm::Es256, &key.to_pkcs8_der()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        check_private_kind(algorithm, der)?;
        let secret = match algorithm.family() {
            Family::Hmac => return Err(KeyError::Symmetric(algorithm)),
            Family::Rsa => Secret::Rsa(rsa::Pair::from_der(algorithm, pkcs1_of_pss(der).unwrap_or(der))?),
            Family::Ec => Secret::Ec(ec::Pair::from_der(algorithm, der)?),
            Family::Ed25519 => Secret::Ed25519(ed25519::Pair::from_pkcs8(algorithm, der)?),
            Family::MlDsa => Secret::MlDsa(ml_dsa::Pair::from_pkcs8(algorithm, der)?),
        };
        Self::new(algorithm, secret)
    }

    /// A private key from unencrypted PKCS#8 in DER (RFC 5208), and from nothing else; see
    /// [`from_der`](Self::from_der) for PKCS#1 and SEC 1.
    ///
    /// ```
    /// use jeton::{Algorithm, SigningKey};
    ///
    /// let pkcs8 = SigningKey::generate(Algorithm::EdDsa)?.to_pkcs8_der()?;
    /// assert!(SigningKey::from_pkcs8_der(Algorithm::EdDsa, &pkcs8).is_ok());
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn from_pkcs8_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        if is_pkcs8(der) {
            Self::from_der(algorithm, der)
        } else {
            Err(KeyError::Malformed(
                "the DER is not PKCS#8: `from_der` also takes PKCS#1 and SEC 1",
            ))
        }
    }

    /// A private or symmetric key from a JWK (RFC 7517), with its `kid`. The algorithm is its `alg`, or the
    /// only one such a key can have; for RSA and symmetric keys without `alg` see
    /// [`from_jwk_as`](Self::from_jwk_as).
    ///
    /// `use` and `key_ops` must allow signing. An RSA key needs all of `n e d p q dp dq qi`.
    ///
    /// ```
    /// use jeton::SigningKey;
    ///
    /// let key = SigningKey::from_jwk(
    ///     r#"{"kty":"OKP","crv":"Ed25519","kid":"a","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    ///         "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// )?;
    /// assert_eq!(key.kid(), Some("a"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::from_raw_jwk(&RawJwk::read(json)?, None)
    }

    /// A private or symmetric key from a JWK, for the algorithm given; an `alg` that names another is refused.
    ///
    /// ```
    /// use jeton::{Algorithm, SigningKey};
    ///
    /// let jwk = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    /// assert!(SigningKey::from_jwk(jwk).is_err()); // it names no `alg`
    /// let key = SigningKey::from_jwk_as(Algorithm::Hs256, jwk)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, VerifyingKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    ///
    /// let public = VerifyingKey::from_pem(Algorithm::Es256, key.verifying_key().to_pem()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let block = pem::first_key(pem.as_ref())?;
        match block.label {
            "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => Self::from_der(algorithm, &block.der),
            _ => Err(KeyError::NotPublic),
        }
    }

    /// A public key from DER: SPKI (RFC 5280), PKCS#1 (RFC 8017) or an X.509 certificate.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey, VerifyingKey};
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    ///
    /// let public = VerifyingKey::from_der(Algorithm::Es256, &key.verifying_key().to_spki_der()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Err(KeyError::Symmetric(algorithm));
        }
        let malformed = KeyError::Malformed("the DER is no public key: SPKI, PKCS#1 or a certificate");
        let parameters = public_parameters(algorithm, der).ok_or(malformed)??;
        Self::from_parameters(algorithm, parameters)
    }

    /// A public key as OpenSSH writes it (RFC 4253 §6.6): a line of a `.pub` or `authorized_keys` file, whose
    /// options and comment are read over. Ed25519, RSA and the NIST curves.
    ///
    /// ```
    /// use jeton::{Algorithm, VerifyingKey};
    ///
    /// let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea ada@example";
    /// let key = VerifyingKey::from_openssh(Algorithm::EdDsa, line)?;
    /// assert_eq!(key.thumbprint()?, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn from_openssh(algorithm: Algorithm, line: &str) -> Result<Self, KeyError> {
        if algorithm.is_symmetric() {
            return Err(KeyError::Symmetric(algorithm));
        }
        Self::from_parameters(algorithm, openssh::parameters(algorithm, line)?)
    }

    /// A public or symmetric key from a JWK (RFC 7517), with its `kid`; the public half of a private one.
    /// The algorithm is its `alg`, or the only one such a key can have; for RSA and symmetric keys without
    /// `alg` see [`from_jwk_as`](Self::from_jwk_as). `use` and `key_ops` must allow verifying.
    ///
    /// ```
    /// use jeton::VerifyingKey;
    ///
    /// let key = VerifyingKey::from_jwk(
    ///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// )?;
    /// assert_eq!(key.thumbprint()?, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::from_raw_jwk(&RawJwk::read(json)?, None)
    }

    /// A public or symmetric key from a JWK, for the algorithm given; an `alg` that names another is refused.
    ///
    /// ```
    /// use jeton::{Algorithm, VerifyingKey};
    ///
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert!(VerifyingKey::from_jwk_as(Algorithm::Ed25519, jwk).is_ok());
    /// assert!(VerifyingKey::from_jwk_as(Algorithm::Es256, jwk).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
