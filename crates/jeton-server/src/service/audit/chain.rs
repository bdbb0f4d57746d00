use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{Context, SHA256},
};

use crate::{
    model::{
        audit::{Base, Recorded, Seal, TrailKey},
        time::Timestamp,
    },
    service::machinery::seal::{MasterKey, SealError},
};

/// Prefix of a seal's MAC, so that no other message under this key is a seal.
const SEAL: &[u8] = b"jeton audit seal\0";
/// Prefix of the MAC that marks a seal whose events were given up.
const GIVEN_UP: &[u8] = b"jeton audit given up\0";
/// Prefix of that mark in earlier versions, which covered neither the time of the events nor the time before which
/// they had to go.
const FORGOTTEN: &[u8] = b"jeton audit forgotten\0";
/// Prefix of the MAC that says the chain begins with a seal.
const BASE: &[u8] = b"jeton audit base\0";

/// The key of the chain, which the database does not hold: nobody with the database alone can change an event or the
/// order of events unseen.
#[derive(Clone)]
pub struct Chain(TrailKey);

impl Chain {
    /// # Errors
    ///
    /// [`SealError::Derive`] when the primitive fails.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        Ok(Self(TrailKey::new(&*master.subkey("audit chain")?)))
    }

    /// The key, for writers of events.
    #[must_use]
    pub const fn key(&self) -> &TrailKey {
        &self.0
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
            position: last.map_or(0, |seal| seal.position).checked_add(1)?,
            through,
            events,
            digest,
            mac: [0; 32],
            sealed_at: now,
            forgotten: None,
        };
        seal.mac = self.mac(last, &seal);
        Some(seal)
    }

    /// Whether this seal was made under this key, to follow `last`.
    pub(super) fn made(&self, last: Option<&Seal>, seal: &Seal) -> bool {
        verify_slices_are_equal(&self.mac(last, seal), &seal.mac).is_ok()
    }

    /// The mark of a seal whose events were given up, as those of every seal made before `before`: that time, and 24
    /// bytes of a MAC.
    pub(super) fn given_up(&self, seal: &Seal, before: Timestamp) -> [u8; 32] {
        let before = before.seconds().to_be_bytes();
        let mac = self.0.sign(&[
            GIVEN_UP,
            &before,
            &seal.mac,
            &seal.position.to_be_bytes(),
            &seal.through.to_be_bytes(),
            &seal.events.to_be_bytes(),
            &seal.digest,
            &seal.sealed_at.seconds().to_be_bytes(),
        ]);
        let mut mark = [0; 32];
        for (to, from) in mark.iter_mut().zip(before.iter().chain(&mac)) {
            *to = *from;
        }
        mark
    }

    /// Whether a seal's mark, if it has one, was made under this key, and the seal was old enough.
    pub(super) fn marked(&self, seal: &Seal) -> Option<bool> {
        let mark = seal.forgotten?;
        let before = mark.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
        let before = Timestamp::from_seconds(before);
        let in_time = seal.sealed_at < before;
        let is_ours = verify_slices_are_equal(&self.given_up(seal, before), &mark).is_ok();
        Some(in_time && is_ours || self.marked_before(seal, &mark))
    }

    /// Whether an earlier version made the mark.
    fn marked_before(&self, seal: &Seal, mark: &[u8; 32]) -> bool {
        verify_slices_are_equal(&self.0.sign(&[FORGOTTEN, &seal.mac]), mark).is_ok()
    }

    /// The statement that the chain begins with this seal.
    pub(super) fn base(&self, seal: &Seal) -> Base {
        Base {
            position: seal.position,
            mac: self.0.sign(&[
                BASE,
                &seal.position.to_be_bytes(),
                &seal.through.to_be_bytes(),
                &seal.mac,
            ]),
        }
    }

    /// Whether this statement was made under this key, about this seal.
    pub(super) fn begins(&self, base: &Base, seal: &Seal) -> bool {
        let given = self.base(seal);
        given.position == base.position && verify_slices_are_equal(&given.mac, &base.mac).is_ok()
    }

    /// The MAC of a seal. Every field has a fixed length, so that no two seals give the same message.
    fn mac(&self, last: Option<&Seal>, seal: &Seal) -> [u8; 32] {
        self.0.sign(&[
            SEAL,
            &last.map_or([0; 32], |seal| seal.mac),
            &seal.position.to_be_bytes(),
            &seal.through.to_be_bytes(),
            &seal.events.to_be_bytes(),
            &seal.digest,
            &seal.sealed_at.seconds().to_be_bytes(),
        ])
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

    /// The number of events, and their hash.
    pub(super) fn finish(self) -> (i64, [u8; 32]) {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.context.finish().as_ref());
        (self.events, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_mark_is_of_one_seal_as_it_was_made_and_of_one_that_was_old_enough() {
        let chain = Chain::new(&MasterKey::new([5; 32])).unwrap();
        let mut seal = Seal {
            position: 1,
            through: 1,
            events: 1,
            digest: [1; 32],
            mac: [2; 32],
            sealed_at: at(10),
            forgotten: None,
        };
        assert_eq!(chain.marked(&seal), None);
        let mut marked = |before| {
            seal.forgotten = Some(chain.given_up(&seal, at(before)));
            chain.marked(&seal)
        };
        assert_eq!(marked(10), Some(false), "it was not old enough");
        assert_eq!(marked(11), Some(true));
        let changes: [fn(&mut Seal); 7] = [
            |seal| seal.position = 2,
            |seal| seal.through = 2,
            |seal| seal.events = 2,
            |seal| seal.digest = [3; 32],
            |seal| seal.mac = [3; 32],
            |seal| seal.sealed_at = at(9),
            |seal| {
                for byte in seal.forgotten.iter_mut().flatten().take(1) {
                    *byte += 1;
                }
            },
        ];
        for change in changes {
            let mut other = seal.clone();
            change(&mut other);
            assert_eq!(chain.marked(&other), Some(false), "{other:?}");
        }
    }
}
