use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{Context, SHA256},
    hmac::{self, HMAC_SHA256, Key},
};

use crate::{
    model::{
        audit::{Recorded, Seal},
        time::Timestamp,
    },
    service::seal::{MasterKey, SealError},
};

/// What stands before the fields of a seal, so that no other message under this key is one.
const SEAL: &[u8] = b"jeton audit seal\0";
/// The same for the word that a seal's events were given up.
const FORGOTTEN: &[u8] = b"jeton audit forgotten\0";

/// The key of the chain, which the database does not hold: who holds the database alone can neither change an event
/// nor the order of events unseen.
pub struct Chain(Key);

impl Chain {
    /// # Errors
    ///
    /// [`SealError::Derive`] when the primitive fails.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        let key = master.subkey("audit chain")?;
        Ok(Self(Key::new(HMAC_SHA256, &key[..])))
    }

    /// The seal over these events, to follow `last`; none where there is nothing to seal.
    pub(super) fn link(&self, last: Option<&Seal>, events: &[Recorded], now: Timestamp) -> Option<Seal> {
        let through = events.last()?.number;
        let mut digest = EventsDigest::default();
        for event in events {
            digest.add(event);
        }
        let (events, digest) = digest.finish();
        let mut seal = Seal {
            position: last.map_or(0, |seal| seal.position) + 1,
            through,
            events,
            digest,
            mac: [0; 32],
            sealed_at: now,
            forgotten: None,
        };
        let mac = self.mac(last, &seal);
        seal.mac.copy_from_slice(mac.as_ref());
        Some(seal)
    }

    /// Whether this seal was made here, to follow `last`.
    pub(super) fn made(&self, last: Option<&Seal>, seal: &Seal) -> bool {
        verify_slices_are_equal(self.mac(last, seal).as_ref(), &seal.mac).is_ok()
    }

    /// The mark of a seal whose events were given up.
    pub(super) fn forgotten(&self, seal: &Seal) -> [u8; 32] {
        let mut mark = [0; 32];
        mark.copy_from_slice(self.sign(&[FORGOTTEN, &seal.mac]).as_ref());
        mark
    }

    /// Whether that mark, if there is one, was made here.
    pub(super) fn marked(&self, seal: &Seal) -> Option<bool> {
        let mark = seal.forgotten?;
        Some(verify_slices_are_equal(&self.forgotten(seal), &mark).is_ok())
    }

    /// Every field has a fixed length, so no two seals are written the same.
    fn mac(&self, last: Option<&Seal>, seal: &Seal) -> hmac::Tag {
        self.sign(&[
            SEAL,
            &last.map_or([0; 32], |seal| seal.mac),
            &seal.position.to_be_bytes(),
            &seal.through.to_be_bytes(),
            &seal.events.to_be_bytes(),
            &seal.digest,
            &seal.sealed_at.seconds().to_be_bytes(),
        ])
    }

    fn sign(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        context.sign()
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain(..)")
    }
}

/// SHA-256 over the digests of events, in order.
pub(super) struct EventsDigest {
    context: Context,
    events: i64,
}

impl Default for EventsDigest {
    fn default() -> Self {
        Self {
            context: Context::new(&SHA256),
            events: 0,
        }
    }
}

impl EventsDigest {
    pub(super) fn add(&mut self, event: &Recorded) {
        self.context.update(&event.digest());
        self.events += 1;
    }

    /// How many they were, and the hash.
    pub(super) fn finish(self) -> (i64, [u8; 32]) {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.context.finish().as_ref());
        (self.events, digest)
    }
}
