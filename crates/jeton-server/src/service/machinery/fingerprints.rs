use std::fmt;

use aws_lc_rs::hmac;

use super::seal::{MasterKey, SealError};
use crate::model::{
    hex,
    id::UserId,
    known_device::{DeviceNonce, DeviceToken},
    throttle::AccountKey,
    user::DeviceEpoch,
    username::{PresentedName, UsernameKey},
};

/// Keyed hashes by which names and devices are recognised and not kept; the keys derive from the master key.
pub struct Fingerprints {
    accounts: hmac::Key,
    names: hmac::Key,
    devices: hmac::Key,
}

impl Fingerprints {
    /// # Errors
    ///
    /// [`SealError::Derive`] when the primitive fails.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        let key = |label| -> Result<_, SealError> {
            let key = master.subkey(label)?;
            Ok(hmac::Key::new(hmac::HMAC_SHA256, &key[..]))
        };
        Ok(Self {
            accounts: key("throttle")?,
            names: key("audit names")?,
            devices: key("known devices")?,
        })
    }

    /// The key by which failures to sign in under a name are counted.
    #[must_use]
    pub fn account(&self, name: &UsernameKey) -> AccountKey {
        self.account_of(name.as_str())
    }

    pub(in crate::service) fn account_of(&self, name: &str) -> AccountKey {
        AccountKey::from_bytes(mac(&self.accounts, name.as_bytes()))
    }

    /// The form in which the audit trail shows a name nobody has: people type passwords there.
    pub(in crate::service) fn shown_name(&self, name: &PresentedName) -> String {
        hex::encode(&mac(&self.names, name.as_str().as_bytes()))
    }

    pub(in crate::service) fn device(
        &self,
        user: UserId,
        epoch: DeviceEpoch,
        nonce: DeviceNonce,
    ) -> DeviceToken {
        let mac = mac(&self.devices, &device_claim(user, epoch, nonce));
        DeviceToken { nonce, mac }
    }

    /// Whether a device has signed in as this user since their devices were last forgotten. Constant time.
    pub(in crate::service) fn knows(&self, user: UserId, epoch: DeviceEpoch, token: &DeviceToken) -> bool {
        let claim = device_claim(user, epoch, token.nonce);
        hmac::verify(&self.devices, &claim, &token.mac).is_ok()
    }
}

impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprints(..)")
    }
}

fn mac(key: &hmac::Key, text: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hmac::sign(key, text).as_ref());
    bytes
}

fn device_claim(user: UserId, epoch: DeviceEpoch, nonce: DeviceNonce) -> Vec<u8> {
    [
        &user.as_bytes()[..],
        &epoch.0.to_be_bytes(),
        &nonce.as_bytes()[..],
    ]
    .concat()
}
