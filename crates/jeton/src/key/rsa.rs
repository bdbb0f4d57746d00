//! RSA for RS256 to PS512 (RFC 7518 §3.3, §3.5).

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{self, KeyPair, RsaEncoding, RsaKeyPair, RsaParameters};
use zeroize::Zeroizing;

use super::BadSignature;
use super::der::{Elements, INTEGER, OCTET_STRING, SEQUENCE};
use crate::encoding::encode;
use crate::jwk::Parameters;
use crate::{Algorithm, KeyError};

pub(super) struct Pair {
    pair: RsaKeyPair,
    encoding: &'static dyn RsaEncoding,
}

/// The numbers of a private key, RFC 7518 §6.3.2.
pub(super) struct Numbers<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    pub(super) dp: &'a [u8],
    pub(super) dq: &'a [u8],
    pub(super) qi: &'a [u8],
}

pub(super) fn verifying(algorithm: Algorithm) -> Result<&'static RsaParameters, KeyError> {
    Ok(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return Err(not_rsa(algorithm)),
    })
}

fn signing(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding, KeyError> {
    Ok(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => return Err(not_rsa(algorithm)),
    })
}

fn not_rsa(algorithm: Algorithm) -> KeyError {
    KeyError::Rejected {
        algorithm,
        reason: "it is not an RSA algorithm",
    }
}

/// Checks the size, the exponent and the origin of a key, which the cryptographic library leaves to the first signature
/// or to nobody.
pub(super) fn check_public(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    let rejected = |reason| Err(KeyError::Rejected { algorithm, reason });
    let bits = bit_length(n);
    if bits < 2048 {
        return Err(KeyError::RsaTooSmall { bits });
    }
    if bits > 8192 {
        return rejected("RSA keys of more than 8192 bits are not taken");
    }
    if n.first() == Some(&0) || e.first() == Some(&0) {
        return rejected("`n` or `e` begins with a zero byte (RFC 7518 section 6.3.1)");
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return rejected("the modulus is even");
    }
    // 3 up to 33 bits, as the library verifies; an e of 1 makes every message its own signature.
    if bit_length(e) < 2 || bit_length(e) > 33 || e.last().is_none_or(|last| last % 2 == 0) {
        return rejected("the public exponent is not an odd number from 3 up to 33 bits");
    }
    if has_roca_fingerprint(n) {
        return rejected("the modulus comes from a generator known to be broken (ROCA, CVE-2017-15361)");
    }
    Ok(())
}

fn bit_length(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let first = digits.first().map_or(0, |first| first.leading_zeros() as usize);
    digits.len() * 8 - first
}

/// Whether a modulus comes from the ROCA generator: such are powers of 65537 modulo every small prime. Of other moduli
/// one in 2^27 passes for one.
fn has_roca_fingerprint(n: &[u8]) -> bool {
    const PRIMES: [u32; 17] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ];
    PRIMES.iter().all(|prime| {
        let residue = n
            .iter()
            .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * (65537 % prime) % prime;
            power == residue
        })
    })
}

impl Pair {
    /// Makes a key of 3072 bits: 128-bit security, NIST SP 800-57.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let encoding = signing(algorithm)?;
        let pair = RsaKeyPair::generate(KeySize::Rsa3072).map_err(|_| KeyError::Crypto)?;
        Ok(Self { pair, encoding })
    }

    /// Reads a private key from PKCS#8 or PKCS#1.
    pub(super) fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        let reason = "the DER holds no sound RSA private key";
        let encoding = signing(algorithm)?;
        RsaKeyPair::from_pkcs8(der)
            .or_else(|_| RsaKeyPair::from_der(der))
            .map(|pair| Self { pair, encoding })
            .map_err(|_| KeyError::Rejected { algorithm, reason })
    }

    pub(super) fn from_numbers(algorithm: Algorithm, numbers: &Numbers<'_>) -> Result<Self, KeyError> {
        let encoding = signing(algorithm)?;
        let components = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: numbers.n,
                e: numbers.e,
            },
            d: numbers.d,
            p: numbers.p,
            q: numbers.q,
            dP: numbers.dp,
            dQ: numbers.dq,
            qInv: numbers.qi,
        };
        let reason = "the numbers of the private key do not fit together";
        RsaKeyPair::from_components(&components)
            .map(|pair| Self { pair, encoding })
            .map_err(|_| KeyError::Rejected { algorithm, reason })
    }

    pub(super) fn parameters(&self) -> Result<Parameters, KeyError> {
        parameters(self.pair.public_key().as_ref()).ok_or(KeyError::Crypto)
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| KeyError::Crypto)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    /// Signs. PS signatures are salted; RS signatures of the same message are alike.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BadSignature> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(self.encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| BadSignature)?;
        Ok(signature)
    }
}

/// The members of a JWK for an `RSAPublicKey` (RFC 8017 A.1.1).
pub(super) fn parameters(der: &[u8]) -> Option<Parameters> {
    let mut numbers = Elements::of_sequence(der)?;
    let (n, e) = (numbers.take_unsigned()?, numbers.take_unsigned()?);
    numbers.is_done().then(|| parameters_of(n, e))
}

/// The members of a JWK for the two numbers of a public key.
pub(super) fn parameters_of(n: &[u8], e: &[u8]) -> Parameters {
    Parameters::Rsa {
        n: encode(n),
        e: encode(e),
    }
}

/// The numbers in a PKCS#8 document of an RSA key.
pub(super) fn numbers(pkcs8: &[u8]) -> Option<Numbers<'_>> {
    let mut info = Elements::of_sequence(pkcs8)?;
    info.take(INTEGER)?;
    info.take(SEQUENCE)?;
    let mut key = Elements::of_sequence(info.take(OCTET_STRING)?)?;
    key.take(INTEGER)?;
    let mut next = || key.take_unsigned();
    Some(Numbers {
        n: next()?,
        e: next()?,
        d: next()?,
        p: next()?,
        q: next()?,
        dp: next()?,
        dq: next()?,
        qi: next()?,
    })
}
