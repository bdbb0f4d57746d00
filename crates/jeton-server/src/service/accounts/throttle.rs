//! Attempts to sign in: whose failures they count among, and how failures are recorded.

use std::{fmt, time::Duration};

use aws_lc_rs::hmac;

use super::login::LoginError;
use crate::{
    model::{
        audit::{Action, Actor, Event},
        client::Client,
        hex,
        id::UserId,
        known_device::{DeviceNonce, DeviceToken},
        throttle::{AccountKey, Admission, Claimant, Counted, LONGEST_WAIT},
        time::Timestamp,
        user::{DeviceEpoch, User},
        username::{PresentedName, UsernameKey},
    },
    service::{
        Failure, Service,
        caller::Caller,
        machinery::seal::{MasterKey, SealError},
    },
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

    fn account_of(&self, name: &str) -> AccountKey {
        AccountKey::from_bytes(mac(&self.accounts, name.as_bytes()))
    }

    /// The form in which the audit trail shows a name nobody has: people type passwords there.
    fn shown_name(&self, name: &PresentedName) -> String {
        hex::encode(&mac(&self.names, name.as_str().as_bytes()))
    }

    fn device(&self, user: UserId, epoch: DeviceEpoch, nonce: DeviceNonce) -> DeviceToken {
        let mac = mac(&self.devices, &device_claim(user, epoch, nonce));
        DeviceToken { nonce, mac }
    }

    /// Whether a device has signed in as this user since their devices were last forgotten. Constant time.
    fn knows(&self, user: UserId, epoch: DeviceEpoch, token: &DeviceToken) -> bool {
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

/// Why an attempt may not be made now, whatever the password.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Throttled {
    #[error("too many failures: the next attempt has to wait")]
    Wait { left: Duration },
    /// Locked until an administrator unlocks the account; a known device signs in all the same.
    #[error("too many failures: devices that have not signed in before are locked out")]
    Locked,
}

impl Throttled {
    /// When it makes sense to try again.
    #[must_use]
    pub const fn retry_after(&self) -> Duration {
        match self {
            Self::Wait { left } => *left,
            Self::Locked => LONGEST_WAIT,
        }
    }
}

/// An admitted attempt. It counts as a failure until a success forgives it.
#[derive(Clone, Debug)]
pub(in crate::service) struct Attempt {
    /// None where nothing is counted.
    counted: Option<Counted>,
    /// The device's nonce, if it is a known one.
    device: Option<DeviceNonce>,
    /// The form in which the audit trail shows the name if nobody has it.
    name: String,
    /// The actor who makes the attempt on the user's behalf.
    by: Option<Actor>,
}

/// The failures that an attempt counts among.
#[derive(Clone, Copy, Debug)]
pub(in crate::service) enum Place {
    /// The device's own where it is known, else those of all unknown devices.
    Device,
    /// The failures of a session that is signed in. Nobody outside can add to them, so guessing at the name does not
    /// keep its owner from changing the password.
    Session(Caller),
}

impl Attempt {
    /// The count that a success takes back.
    pub(in crate::service) const fn counted(&self) -> Option<Counted> {
        self.counted
    }

    /// Completes the event of the outcome with the number of attempts turned away before: those have no event of their
    /// own.
    pub(in crate::service) fn told(&self, event: Event) -> Event {
        let event = event.by(self.by);
        match self.counted.map_or(0, |counted| counted.refused()) {
            0 => event,
            refused => event.detail("refused", refused),
        }
    }
}

impl Service {
    /// The key by which failures to sign in under a name are counted.
    #[must_use]
    pub fn throttle_key(&self, name: &UsernameKey) -> AccountKey {
        self.fingerprints.account(name)
    }

    /// Counts an attempt as a failure before it is made, or turns it away. Names nobody has are counted alike.
    pub(in crate::service) async fn admit(
        &self,
        name: &PresentedName,
        user: Option<&User>,
        client: &Client,
        place: Place,
    ) -> Result<Attempt, LoginError> {
        let attempt = self.uncounted(name);
        let (attempt, counted_with) = match place {
            Place::Device => {
                let device = self.known_device(user, client);
                (Attempt { device, ..attempt }, device)
            }
            // The session counts as the device here, so the device itself gets a new token.
            Place::Session(caller) => {
                let by = caller.actor();
                let session = DeviceNonce::from_bytes(*caller.session().as_bytes());
                (Attempt { by, ..attempt }, Some(session))
            }
        };
        let Some(limits) = &self.rules.throttle else {
            return Ok(attempt);
        };
        let who = Claimant {
            account: self.fingerprints.account_of(name.as_str()),
            device: counted_with,
        };
        let admission = self.store.admit(&who, limits, self.now()).await;
        match admission.map_err(Failure::from)? {
            Admission::Admitted(counted) => Ok(Attempt {
                counted: Some(counted),
                ..attempt
            }),
            Admission::Wait(left) => Err(throttled(Throttled::Wait { left })),
            Admission::Locked => Err(throttled(Throttled::Locked)),
        }
    }

    /// An attempt with a secret that cannot be guessed: nothing is counted.
    pub(in crate::service) fn uncounted(&self, name: &PresentedName) -> Attempt {
        Attempt {
            counted: None,
            device: None,
            name: self.fingerprints.shown_name(name),
            by: None,
        }
    }

    /// Takes back the count of an attempt whose password was never checked.
    pub(in crate::service) async fn withdraw(&self, attempt: &Attempt) -> Result<(), Failure> {
        if let Some(counted) = &attempt.counted {
            self.store.withdraw(counted).await?;
        }
        Ok(())
    }

    /// Records a failed attempt: one event, whether or not the name is anybody's.
    pub(in crate::service) async fn refuse(
        &self,
        attempt: &Attempt,
        user: Option<UserId>,
        client: &Client,
    ) -> Result<LoginError, Failure> {
        let event = Event::new(Action::SignInFailed, self.now()).personal(self.personal(client)?);
        let event = match user {
            Some(user) => event.user(user),
            None => event.detail("name", attempt.name.as_str()),
        };
        self.store.record(&attempt.told(event)).await?;
        tracing::info!("login refused");
        Ok(LoginError::InvalidCredentials)
    }

    /// The token by which a device is known at its next sign-in. A known device keeps its nonce.
    pub(in crate::service) fn device_token(
        &self,
        user: &User,
        attempt: &Attempt,
    ) -> Result<DeviceToken, Failure> {
        let nonce = match attempt.device {
            Some(nonce) => nonce,
            None => DeviceNonce::from_bytes(self.random.bytes()?),
        };
        Ok(self.fingerprints.device(user.id, user.device_epoch, nonce))
    }

    /// Forgets the failures under a name from before its account, so that nobody can lock an account before it is made.
    /// The account stays, whether or not this succeeds.
    pub(in crate::service) async fn forgive_predecessors(&self, user: &User) {
        if let Err(error) = self.forgive(user, user.created_at).await {
            tracing::warn!(user = %user.id, %error, "failed attempts were not forgiven");
        }
    }

    /// Forgets the failures under a user's name, from every device.
    pub(in crate::service) async fn forgive(&self, user: &User, now: Timestamp) -> Result<(), Failure> {
        let account = self.throttle_key(user.username.key());
        let event = Event::new(Action::UserUnlocked, now).user(user.id);
        self.store.unlock(&account, &event).await?;
        Ok(())
    }

    /// The nonce of a device that signed in to this account since its devices were last forgotten. A stolen token buys
    /// guesses at the pace of one device and opens nothing.
    fn known_device(&self, user: Option<&User>, client: &Client) -> Option<DeviceNonce> {
        const NOBODY: UserId = UserId::from_bytes([0; 16]);
        let token = client.token.as_ref()?;
        // A name nobody has takes the same steps.
        let (id, epoch) = user.map_or((NOBODY, DeviceEpoch::default()), |user| {
            (user.id, user.device_epoch)
        });
        let known = self.fingerprints.knows(id, epoch, token);
        (known && user.is_some()).then_some(token.nonce)
    }
}

fn throttled(why: Throttled) -> LoginError {
    tracing::info!("login throttled");
    why.into()
}
