//! Attempts to sign in: whose failures they count among, and how failures are recorded.

use std::time::Duration;

use crate::{
    model::{
        audit::{Action, Actor, Event},
        id::UserId,
        known_device::{DeviceNonce, DeviceToken},
        throttle::{AccountKey, Admission, Claimant, Counted, LONGEST_WAIT},
        time::Timestamp,
        user::{DeviceEpoch, User},
        user_agent::UserAgent,
        username::{PresentedName, UsernameKey},
    },
    service::{Failure, Service, caller::Caller},
};

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
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub(in crate::service) async fn admit(
        &self,
        name: &PresentedName,
        user: Option<&User>,
        agent: &UserAgent,
        place: Place,
    ) -> Result<Result<Attempt, Throttled>, Failure> {
        let attempt = self.uncounted(name);
        let (attempt, counted_with) = match place {
            Place::Device => {
                let device = self.known_device(user, agent);
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
            return Ok(Ok(attempt));
        };
        let who = Claimant {
            account: self.fingerprints.account_of(name.as_str()),
            device: counted_with,
        };
        let throttled = match self.store.admit(&who, limits, self.now()).await? {
            Admission::Admitted(counted) => {
                return Ok(Ok(Attempt {
                    counted: Some(counted),
                    ..attempt
                }));
            }
            Admission::Wait(left) => Throttled::Wait { left },
            Admission::Locked => Throttled::Locked,
        };
        tracing::info!("login throttled");
        Ok(Err(throttled))
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
        agent: &UserAgent,
    ) -> Result<(), Failure> {
        let event = Event::new(Action::SignInFailed, self.now()).personal(self.personal(agent)?);
        let event = match user {
            Some(user) => event.user(user),
            None => event.detail("name", attempt.name.as_str()),
        };
        self.store.record(&attempt.told(event)).await?;
        tracing::info!("login refused");
        Ok(())
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
    fn known_device(&self, user: Option<&User>, agent: &UserAgent) -> Option<DeviceNonce> {
        const NOBODY: UserId = UserId::from_bytes([0; 16]);
        let token = agent.token.as_ref()?;
        // A name nobody has takes the same steps.
        let (id, epoch) = user.map_or((NOBODY, DeviceEpoch::default()), |user| {
            (user.id, user.device_epoch)
        });
        let known = self.fingerprints.knows(id, epoch, token);
        (known && user.is_some()).then_some(token.nonce)
    }
}
