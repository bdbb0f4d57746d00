use std::fmt;

use aws_lc_rs::aead::LessSafeKey;
use zeroize::Zeroizing;

use super::{MasterKey, SealError, cipher, open, seal};
use crate::{
    model::{ceremony::Kind, id::CeremonyId},
    service::machinery::random::Random,
};

/// Seals the states of ceremonies with AES-256-GCM; the id and kind of a ceremony are bound to its ciphertext.
pub struct StateSealer(LessSafeKey);

impl StateSealer {
    /// # Errors
    ///
    /// [`SealError::Derive`] when the primitive fails.
    pub fn new(root: &MasterKey) -> Result<Self, SealError> {
        Ok(Self(cipher(root, "ceremonies")?))
    }

    pub(in crate::service) fn seal(
        &self,
        id: CeremonyId,
        kind: Kind,
        state: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        seal(&self.0, &context(id, kind), state, random)
    }

    pub(in crate::service) fn open(
        &self,
        id: CeremonyId,
        kind: Kind,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        open(&self.0, &context(id, kind), sealed)
    }
}

impl fmt::Debug for StateSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StateSealer(..)")
    }
}

fn context(id: CeremonyId, kind: Kind) -> Vec<u8> {
    [kind.as_str().as_bytes(), b"\0", id.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::machinery::random::SystemRandom;

    #[test]
    fn a_state_opens_for_its_own_ceremony_alone() {
        let under = |byte| StateSealer::new(&MasterKey::new([byte; 32])).unwrap();
        let id = CeremonyId::from_bytes;
        let sealed = under(1)
            .seal(id([1; 16]), Kind::Reset, b"state", &SystemRandom)
            .unwrap();
        let opened = under(1).open(id([1; 16]), Kind::Reset, &sealed).unwrap();
        assert_eq!(&opened[..], b"state");
        assert!(under(1).open(id([2; 16]), Kind::Reset, &sealed).is_err());
        assert!(under(1).open(id([1; 16]), Kind::Setup, &sealed).is_err());
        assert!(under(2).open(id([1; 16]), Kind::Reset, &sealed).is_err());
    }
}
