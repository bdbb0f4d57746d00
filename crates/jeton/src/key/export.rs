//! Keys as PEM, DER and JWK.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Secret, SigningKey, VerifyingKey, pem, rsa};
use crate::KeyError;
use crate::encoding::encode;

impl SigningKey {
    /// The private key as unencrypted PKCS#8 in DER (RFC 5208); wiped when dropped. HMAC keys refuse.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// let key = SigningKey::generate(Algorithm::Es256)?;
    /// let again = SigningKey::from_pkcs8_der(Algorithm::Es256, &key.to_pkcs8_der()?)?;
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match &*self.secret {
            Secret::Hmac(_) => Err(KeyError::Symmetric(self.algorithm())),
            Secret::Rsa(pair) => pair.to_pkcs8(),
            Secret::Ec(pair) => pair.to_pkcs8(),
            Secret::Ed25519(pair) => pair.to_pkcs8(),
            Secret::MlDsa(pair) => pair.to_pkcs8(),
        }
    }

    /// The private key as unencrypted PKCS#8 in PEM; wiped when dropped. HMAC keys refuse.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// let key = SigningKey::generate(Algorithm::EdDsa)?;
    /// assert!(key.to_pem()?.starts_with("-----BEGIN PRIVATE KEY-----"));
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(pem::encode("PRIVATE KEY", &self.to_pkcs8_der()?))
    }

    /// The whole key, private or symmetric, as a JWK with `alg`, `use` = `sig` and the `kid`; wiped when dropped.
    /// Everybody who reads it can sign.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// let key = SigningKey::generate(Algorithm::EdDsa)?.with_kid("2026-11");
    /// assert_eq!(SigningKey::from_jwk(&key.to_private_jwk()?)?.kid(), Some("2026-11"));
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn to_private_jwk(&self) -> Result<Zeroizing<String>, KeyError> {
        let mut json = Zeroizing::new(String::with_capacity(16 * 1024));
        json.push_str(&self.public_members()?);
        // The object is open again: `{…` without its brace.
        json.pop();
        for (name, value) in self.private_members()? {
            json.push_str(",\"");
            json.push_str(name);
            json.push_str("\":\"");
            json.push_str(&value);
            json.push('"');
        }
        json.push('}');
        Ok(json)
    }

    fn public_members(&self) -> Result<String, KeyError> {
        let json = if let Ok(jwk) = self.verifying.to_jwk() {
            serde_json::to_string(&jwk)
        } else {
            let mut members = Map::new();
            members.insert("kty".to_owned(), Value::from("oct"));
            members.insert("use".to_owned(), Value::from("sig"));
            members.insert("alg".to_owned(), Value::from(self.algorithm().name()));
            members.extend(self.kid().map(|kid| ("kid".to_owned(), Value::from(kid))));
            serde_json::to_string(&members)
        };
        json.map_err(|_| KeyError::Crypto)
    }

    fn private_members(&self) -> Result<Vec<(&'static str, Zeroizing<String>)>, KeyError> {
        let text = |bytes: &[u8]| Zeroizing::new(encode(bytes));
        Ok(match &*self.secret {
            Secret::Hmac(secret) => vec![("k", text(secret.bytes()))],
            Secret::Ec(pair) => vec![("d", text(&pair.to_d()?))],
            Secret::Ed25519(pair) => vec![("d", text(&pair.to_d()?))],
            Secret::MlDsa(pair) => vec![("priv", text(pair.seed()))],
            Secret::Rsa(pair) => {
                let pkcs8 = pair.to_pkcs8()?;
                let numbers = rsa::numbers(&pkcs8).ok_or(KeyError::Crypto)?;
                vec![
                    ("d", text(numbers.d)),
                    ("p", text(numbers.p)),
                    ("q", text(numbers.q)),
                    ("dp", text(numbers.dp)),
                    ("dq", text(numbers.dq)),
                    ("qi", text(numbers.qi)),
                ]
            }
        })
    }
}

impl VerifyingKey {
    /// The public key as SPKI in DER (RFC 5280 §4.1.2.7). HMAC keys refuse.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// let key = SigningKey::generate(Algorithm::Es256)?.verifying_key();
    /// assert_eq!(key.to_spki_der()?.len(), 91);
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn to_spki_der(&self) -> Result<Vec<u8>, KeyError> {
        self.public()?.to_spki()
    }

    /// The public key as SPKI in PEM. HMAC keys refuse.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// let key = SigningKey::generate(Algorithm::Es256)?.verifying_key();
    /// assert!(key.to_pem()?.starts_with("-----BEGIN PUBLIC KEY-----"));
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn to_pem(&self) -> Result<String, KeyError> {
        Ok(pem::encode("PUBLIC KEY", &self.to_spki_der()?).to_string())
    }
}
