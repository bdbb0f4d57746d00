use std::{fmt, time::Duration};

use jeton::{Algorithm, SigningKey};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{KeyManagerError, short_name};
use crate::{
    model::{
        key::{AT_ONCE, Purpose, Resealed, SealedKey},
        time::Timestamp,
    },
    service::machinery::{
        random::Random,
        seal::{MasterKey, MasterKeys, SealError, Sealer},
    },
};

/// Opens and seals keys. With two master keys, it opens what either has sealed.
pub struct KeySealer {
    masters: MasterKeys,
    current: Sealer,
    previous: Option<Sealer>,
}

/// The master key that something is sealed under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    Current,
    Previous,
}

/// Purpose, lifetime and time of a key about to be sealed.
pub(in crate::service) struct Label {
    pub(in crate::service) purpose: Purpose,
    pub(in crate::service) lifetime: Duration,
    pub(in crate::service) now: Timestamp,
}

impl KeySealer {
    /// # Errors
    ///
    /// [`SealError`] when a primitive fails.
    pub fn new(masters: MasterKeys) -> Result<Self, SealError> {
        Ok(Self {
            current: Sealer::new(&masters.current)?,
            previous: masters.previous.as_ref().map(Sealer::new).transpose()?,
            masters,
        })
    }

    /// The root that every secret but the seal's derives from: the master key itself, as long as it was never changed.
    ///
    /// # Errors
    ///
    /// [`KeyManagerError::Sealed`] when `keys`, which are all in the database, were sealed under another master key.
    pub fn root(&self, keys: &[SealedKey]) -> Result<MasterKey, KeyManagerError> {
        let Some(row) = keys.iter().find(|key| key.purpose == Purpose::Root) else {
            return Ok(match self.in_use(keys)? {
                Under::Current => self.masters.current.clone(),
                Under::Previous => self
                    .masters
                    .previous
                    .clone()
                    .unwrap_or_else(|| self.masters.current.clone()),
            });
        };
        let (bytes, _) = self.material(row)?;
        let bytes = bytes[..].try_into().map_err(|_| refused(row, SealError::Open))?;
        Ok(MasterKey::new(bytes))
    }

    /// # Errors
    ///
    /// [`KeyManagerError`] when the key was sealed under another master key, or is of no algorithm this version knows.
    pub(super) fn open(&self, key: &SealedKey) -> Result<SigningKey, KeyManagerError> {
        let (material, _) = self.material(key)?;
        let algorithm: Algorithm = key.algorithm.parse().map_err(|_| KeyManagerError::Algorithm {
            kid: key.kid.clone(),
            algorithm: key.algorithm.clone(),
        })?;
        let opened = if algorithm.is_symmetric() {
            SigningKey::hmac(algorithm, &material[..])?
        } else {
            SigningKey::from_pkcs8_der(algorithm, &material)?
        };
        Ok(opened.with_kid(key.kid.clone()))
    }

    /// Seals a key under the master key in use, and names it: by its own name, its thumbprint (RFC 7638), or at random.
    pub(in crate::service) fn seal(
        &self,
        keys: &[SealedKey],
        key: &SigningKey,
        label: &Label,
        random: &dyn Random,
    ) -> Result<SealedKey, KeyManagerError> {
        let kid = match key.kid() {
            Some(kid) => kid.to_owned(),
            None if key.algorithm().is_symmetric() => {
                short_name(label.purpose.as_str(), &random.bytes::<8>()?)
            }
            None => key.verifying_key().thumbprint()?,
        };
        let sealer = match (self.in_use(keys)?, &self.previous) {
            (Under::Previous, Some(previous)) => previous,
            _ => &self.current,
        };
        Ok(SealedKey {
            sealed: sealer.seal(&kid, label.purpose, &material_of(key)?, random)?,
            kid,
            purpose: label.purpose,
            algorithm: key.algorithm().name().to_owned(),
            created_at: label.now,
            signs_from: AT_ONCE,
            accepted_until: None,
            lifetime: label.lifetime,
        })
    }

    /// Seals every key under the current master key.
    pub(in crate::service) fn reseal(
        &self,
        keys: &[SealedKey],
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Resealed, KeyManagerError> {
        let mut pairs = Vec::with_capacity(keys.len());
        for key in keys.iter().filter(|key| !key.sealed.is_empty()) {
            let (material, under) = self.material(key)?;
            let mut becomes = key.clone();
            if under == Under::Previous {
                becomes.sealed = self.current.seal(&key.kid, key.purpose, &material, random)?;
            }
            pairs.push((key.clone(), becomes));
        }
        let has_root = keys.iter().any(|key| key.purpose == Purpose::Root);
        if has_root || self.in_use(keys)? == Under::Current {
            return Ok(Resealed {
                keys: pairs,
                root: None,
            });
        }
        // The first change of the master key makes the old one the root: other secrets go on deriving from it.
        let kid = short_name(Purpose::Root.as_str(), &random.bytes::<8>()?);
        let root = SealedKey {
            sealed: self
                .current
                .seal(&kid, Purpose::Root, self.root(keys)?.expose(), random)?,
            kid,
            purpose: Purpose::Root,
            algorithm: String::new(),
            created_at: now,
            signs_from: AT_ONCE,
            accepted_until: None,
            lifetime: Duration::ZERO,
        };
        Ok(Resealed {
            keys: pairs,
            root: Some(root),
        })
    }

    /// The master key that all nodes work with: a node that lacks the new one must open what the others seal. It is the
    /// one that sealed the root, or, before there is a root, every key.
    fn in_use(&self, keys: &[SealedKey]) -> Result<Under, KeyManagerError> {
        let root = keys.iter().find(|key| key.purpose == Purpose::Root);
        match root.or_else(|| keys.iter().find(|key| !key.sealed.is_empty())) {
            Some(key) => Ok(self.material(key)?.1),
            None => Ok(Under::Current),
        }
    }

    fn material(&self, key: &SealedKey) -> Result<(Zeroizing<Vec<u8>>, Under), KeyManagerError> {
        let opened = self.current.open(&key.kid, key.purpose, &key.sealed);
        match (opened, &self.previous) {
            (Ok(material), _) => Ok((material, Under::Current)),
            (Err(_), Some(previous)) => previous
                .open(&key.kid, key.purpose, &key.sealed)
                .map(|material| (material, Under::Previous))
                .map_err(|source| refused(key, source)),
            (Err(source), None) => Err(refused(key, source)),
        }
    }
}

impl fmt::Debug for KeySealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySealer(..)")
    }
}

fn refused(key: &SealedKey, source: SealError) -> KeyManagerError {
    KeyManagerError::Sealed {
        kid: key.kid.clone(),
        source,
    }
}

/// The bytes of a key that are sealed: the secret itself, or PKCS#8.
fn material_of(key: &SigningKey) -> Result<Zeroizing<Vec<u8>>, KeyManagerError> {
    #[derive(Deserialize)]
    struct Secret<'j> {
        k: &'j str,
    }
    if !key.algorithm().is_symmetric() {
        return Ok(key.to_pkcs8_der()?);
    }
    let jwk = key.to_private_jwk()?;
    let secret: Option<Secret<'_>> = jeton::json::from_str(&jwk).ok();
    let bytes = secret.and_then(|secret| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(secret.k).ok());
    Ok(Zeroizing::new(bytes.ok_or(jeton::KeyError::Crypto)?))
}
