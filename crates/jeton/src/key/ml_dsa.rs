//! ML-DSA (FIPS 204, RFC 9964). The private key is its 32-byte seed.

use aws_lc_rs::signature::{self, KeyPair, PqdsaKeyPair, PqdsaSigningAlgorithm};
use zeroize::Zeroizing;

use super::der::{Elements, INTEGER, OCTET_STRING, SEED, SEQUENCE};
use super::{BadSignature, random};
use crate::encoding::encode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

pub(super) struct Pair {
    pair: PqdsaKeyPair,
    seed: Zeroizing<Vec<u8>>,
}

fn signing(algorithm: Algorithm) -> Result<&'static PqdsaSigningAlgorithm, KeyError> {
    match algorithm {
        Algorithm::MlDsa44 => Ok(&signature::ML_DSA_44_SIGNING),
        Algorithm::MlDsa65 => Ok(&signature::ML_DSA_65_SIGNING),
        Algorithm::MlDsa87 => Ok(&signature::ML_DSA_87_SIGNING),
        _ => Err(KeyError::Rejected {
            algorithm,
            reason: "it is not an ML-DSA algorithm",
        }),
    }
}

impl Pair {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::from_seed(algorithm, random(32)?)
    }

    pub(super) fn from_seed(algorithm: Algorithm, seed: Zeroizing<Vec<u8>>) -> Result<Self, KeyError> {
        let reason = "the private key is not a seed of 32 bytes";
        let pair = PqdsaKeyPair::from_seed(signing(algorithm)?, &seed)
            .map_err(|_| KeyError::Rejected { algorithm, reason })?;
        Ok(Self { pair, seed })
    }

    pub(super) fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let rejected = |reason| KeyError::Rejected { algorithm, reason };
        let pair = PqdsaKeyPair::from_pkcs8(signing(algorithm)?, der)
            .map_err(|_| rejected("the DER holds no sound private key of this parameter set"))?;
        // Written out again it is the seed alone, whatever form it came in.
        let document = pair
            .to_pkcs8v1()
            .map_err(|_| rejected("the key has lost its seed: only seeds are kept"))?;
        let seed = seed_in(document.as_ref()).ok_or(KeyError::Crypto)?;
        Ok(Self {
            pair,
            seed: Zeroizing::new(seed.to_vec()),
        })
    }

    pub(super) fn parameters(&self) -> Parameters {
        Parameters::Akp {
            public: encode(self.pair.public_key().as_ref()),
        }
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let document = self.pair.to_pkcs8v1().map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    pub(super) fn seed(&self) -> &[u8] {
        &self.seed
    }

    /// Signs, hedged with fresh randomness, so no two signatures are alike.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BadSignature> {
        let mut signature = vec![0; self.pair.algorithm().signature_len()];
        self.pair
            .sign(message, &mut signature)
            .map_err(|_| BadSignature)?;
        Ok(signature)
    }
}

fn seed_in(pkcs8: &[u8]) -> Option<&[u8]> {
    let mut info = Elements::of_sequence(pkcs8)?;
    info.take(INTEGER)?;
    info.take(SEQUENCE)?;
    Elements::new(info.take(OCTET_STRING)?).take(SEED)
}
