//! The playground: signs and verifies under a key of its own that opens nothing.

use jeton::{KeyError, jws};

use super::{keys::Keys, tokens::SignError};

/// The `typ` of the playground's tokens.
pub const TYP: &str = "JWT";

/// Signs and verifies samples: any JSON object, exactly as it is.
#[derive(Debug)]
pub(in crate::service) struct Playground {
    signer: jws::Signer,
    verifier: jws::Verifier,
}

impl Playground {
    pub(super) fn new(keys: &Keys) -> Result<Self, KeyError> {
        Ok(Self {
            signer: jws::Signer::new(keys.current.clone()).member("typ", TYP),
            verifier: jws::Verifier::new(keys.verifying()?),
        })
    }

    pub(in crate::service) fn sign(&self, payload: &[u8]) -> Result<String, SignError> {
        Ok(self.signer.sign(payload)?)
    }

    /// The payload of a token signed here; none of any other's.
    pub(in crate::service) fn verify(&self, token: &str) -> Option<Vec<u8>> {
        let verified = self.verifier.verify(token).ok()?;
        Some(verified.payload().to_vec())
    }
}
