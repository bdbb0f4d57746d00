//! JSON Web Keys (RFC 7517), public halves only.

use serde::Serialize;

use crate::Algorithm;

/// A public key as JSON (RFC 7517). It never holds a private or symmetric key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    #[serde(flatten)]
    parameters: Parameters,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
}

/// The members that make the key, RFC 7518 §6. All values are base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kty")]
pub(crate) enum Parameters {
    #[serde(rename = "EC")]
    Ec { crv: String, x: String, y: String },
}

impl Jwk {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            usage: None,
            alg: None,
            kid: None,
        }
    }

    pub(crate) fn named(self, algorithm: Algorithm, kid: Option<&str>) -> Self {
        let alg = Some(algorithm.name().to_owned());
        Self {
            usage: Some("sig".to_owned()),
            alg,
            kid: kid.map(str::to_owned),
            ..self
        }
    }

    /// The key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The required members in the order and spelling of RFC 7638 §3. They need no escapes: names of
    /// curves and base64url.
    pub(crate) fn thumbprint_input(&self) -> String {
        match &self.parameters {
            Parameters::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
        }
    }
}

/// A set of public keys as JSON (RFC 7517 §5), such as is served at `/.well-known/jwks.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}
