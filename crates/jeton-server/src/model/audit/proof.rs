//! Proofs: evidence that an event was written by a process that has the chain's key, and of its place among the events
//! of that writer.
//!
//! The number of an event is drawn when its transaction commits, so a proof cannot cover it. It covers the event's
//! place among those of its writer instead, and a writer's events are numbered in the order of their places: an event
//! that is removed, copied or moved leaves a place empty or taken twice. Once sealed, the seal covers the number.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};

use super::{Event, Recorded, bytes, commitment};
use crate::model::{
    id::{SessionId, UserId},
    time::Timestamp,
};

/// Prefix of an event's MAC, so that no other message under the chain's key is a proof.
const EVENT: &[u8] = b"jeton audit event\0";
/// Prefix of a writer's MAC, so that no other message under the chain's key names a writer.
const WRITER: &[u8] = b"jeton audit writer\0";

/// The key of the audit trail's chain, which the database does not hold.
#[derive(Clone)]
pub struct TrailKey(hmac::Key);

impl TrailKey {
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// HMAC-SHA-256 over the parts, one behind the other.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        bytes(context.sign().as_ref())
    }

    /// Whether an event is as a holder of this key wrote it; `None` where it carries no proof.
    #[must_use]
    pub fn proves(&self, event: &Recorded) -> Option<bool> {
        let proof = event.proof?;
        let mac = self.prove(&event.facts(), proof.writer, proof.place);
        Some(verify_slices_are_equal(&mac, &proof.mac).is_ok())
    }

    fn prove(&self, facts: &Facts<'_>, writer: i64, place: i64) -> [u8; 16] {
        let mut text = Vec::with_capacity(192);
        facts.write(&mut text);
        let mac = self.sign(&[EVENT, &writer.to_be_bytes(), &place.to_be_bytes(), &text]);
        let mut half = [0; 16];
        half.copy_from_slice(&mac[..16]);
        half
    }
}

impl std::fmt::Debug for TrailKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrailKey(..)")
    }
}

/// An event's writer, its place among that writer's events, and the MAC over both and the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Names one connection of one process.
    pub writer: i64,
    /// The event's place among those of its writer, from 1.
    pub place: i64,
    /// The first half of an HMAC-SHA-256 over both and everything else the event says.
    pub mac: [u8; 16],
}

/// The fields of an event that a proof and a seal cover, as they are stored.
pub(super) struct Facts<'e> {
    pub(super) at: Timestamp,
    pub(super) action: &'e str,
    pub(super) user: Option<&'e UserId>,
    pub(super) session: Option<&'e SessionId>,
    pub(super) actor: Option<&'e str>,
    pub(super) detail: &'e str,
    pub(super) commitment: Option<&'e [u8; 32]>,
}

impl Facts<'_> {
    /// Writes each part behind its length, so that no two events give the same bytes.
    pub(super) fn write(&self, text: &mut Vec<u8>) {
        let parts: [Option<&[u8]>; 7] = [
            Some(&self.at.seconds().to_be_bytes()),
            Some(self.action.as_bytes()),
            self.user.map(|id| &id.as_bytes()[..]),
            self.session.map(|id| &id.as_bytes()[..]),
            self.actor.map(str::as_bytes),
            Some(self.detail.as_bytes()),
            self.commitment.map(|hash| &hash[..]),
        ];
        for part in parts {
            write_part(text, part);
        }
    }
}

/// Writes a part behind its length. An absent part is a length that no part can have.
pub(super) fn write_part(text: &mut Vec<u8>, part: Option<&[u8]>) {
    match part {
        Some(part) => {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX - 1);
            text.extend_from_slice(&length.to_be_bytes());
            text.extend_from_slice(part);
        }
        None => text.extend_from_slice(&u32::MAX.to_be_bytes()),
    }
}

/// A writer of events, whose places follow each other: one connection of one process.
#[derive(Clone, Debug)]
pub struct Writer {
    key: TrailKey,
    name: i64,
    last: i64,
}

impl Writer {
    /// Names a writer by the process's random bytes and a count. No two writers may be given the same.
    #[must_use]
    pub fn new(key: &TrailKey, random: &[u8; 16], count: u64) -> Self {
        let name = key.sign(&[WRITER, random, &count.to_be_bytes()]);
        let mut half = [0; 8];
        half.copy_from_slice(&name[..8]);
        Self {
            key: key.clone(),
            name: i64::from_be_bytes(half),
            last: 0,
        }
    }

    /// Makes events ready to be stored, at the places behind those written before. The personal fields of `erased`
    /// users are dropped.
    #[must_use]
    pub fn entries(&self, events: &[Event], erased: &[UserId]) -> Vec<Entry> {
        let places = self.last + 1..;
        let entries = places.zip(events);
        entries
            .map(|(place, event)| self.entry(event, place, erased))
            .collect()
    }

    /// The writer's name, and the last place it has written to.
    #[must_use]
    pub const fn last_place(&self) -> (i64, i64) {
        (self.name, self.last)
    }

    /// Moves on by as many places as were committed.
    pub fn advance(&mut self, entries: usize) {
        self.last += i64::try_from(entries).unwrap_or(i64::MAX);
    }

    fn entry(&self, event: &Event, place: i64, erased: &[UserId]) -> Entry {
        let personal = event
            .personal
            .as_ref()
            .map(|personal| (*personal.salt(), personal.fields()));
        let mut entry = Entry {
            at: event.at,
            action: event.action.as_str(),
            user: event.user,
            session: event.session,
            actor: event.by.map(|actor| actor.to_string()),
            detail: serde_json::Value::Object(event.detail.clone()).to_string(),
            commitment: personal.as_ref().map(|(salt, fields)| commitment(salt, fields)),
            personal: personal.filter(|_| !event.people().any(|person| erased.contains(&person))),
            proof: Proof {
                writer: self.name,
                place,
                mac: [0; 16],
            },
        };
        entry.proof.mac = self.key.prove(&entry.facts(), self.name, place);
        entry
    }
}

/// An event ready to be stored, with its proof. Its number is drawn by the statement that writes it.
#[derive(Clone)]
pub struct Entry {
    pub at: Timestamp,
    pub action: &'static str,
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub actor: Option<String>,
    /// Further facts, as the text of one JSON object.
    pub detail: String,
    pub commitment: Option<[u8; 32]>,
    /// The salt and the fields.
    pub personal: Option<([u8; 16], String)>,
    pub proof: Proof,
}

impl Entry {
    fn facts(&self) -> Facts<'_> {
        Facts {
            at: self.at,
            action: self.action,
            user: self.user.as_ref(),
            session: self.session.as_ref(),
            actor: self.actor.as_deref(),
            detail: &self.detail,
            commitment: self.commitment.as_ref(),
        }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("action", &self.action)
            .field("proof", &self.proof)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audit::{Action, Actor, Personal};

    fn recorded(entry: &Entry) -> Recorded {
        Recorded {
            number: 7,
            at: entry.at,
            action: entry.action.to_owned(),
            user: entry.user,
            session: entry.session,
            actor: entry.actor.clone(),
            detail: entry.detail.clone(),
            commitment: entry.commitment,
            personal: entry.personal.clone(),
            proof: Some(entry.proof),
        }
    }

    fn event() -> Event {
        Event::new(Action::SignedIn, Timestamp::from_seconds(2))
            .user(UserId::from_bytes([3; 16]))
            .by(Some(Actor::User(UserId::from_bytes([4; 16]))))
            .personal(Personal::new([5; 16]).field("username", "Romel"))
    }

    #[test]
    fn a_proof_covers_everything_but_the_number_and_what_can_be_erased() {
        let key = TrailKey::new(&[1; 32]);
        let entries = Writer::new(&key, &[2; 16], 0).entries(&[event()], &[]);
        let event = recorded(&entries[0]);
        assert_eq!(key.proves(&event), Some(true));
        assert_eq!(TrailKey::new(&[2; 32]).proves(&event), Some(false));
        let changed: [fn(&mut Recorded); 9] = [
            |event| event.at = Timestamp::from_seconds(3),
            |event| event.action = "b".into(),
            |event| event.user = None,
            |event| event.session = Some(SessionId::from_bytes([3; 16])),
            |event| event.actor = None,
            |event| event.detail = "[]".into(),
            |event| event.commitment = None,
            |event| event.proof.as_mut().unwrap().writer += 1,
            |event| event.proof.as_mut().unwrap().place += 1,
        ];
        for change in changed {
            let mut other = event.clone();
            change(&mut other);
            assert_eq!(key.proves(&other), Some(false), "{other:?}");
        }
        let elsewhere = Recorded {
            number: 8,
            personal: None,
            ..event.clone()
        };
        assert_eq!(key.proves(&elsewhere), Some(true));
        let bare = Recorded { proof: None, ..event };
        assert_eq!(key.proves(&bare), None);
    }

    #[test]
    fn a_writers_events_have_consecutive_places_and_writers_differ() {
        let key = TrailKey::new(&[1; 32]);
        let mut writer = Writer::new(&key, &[2; 16], 0);
        let places = |writer: &Writer| -> Vec<i64> {
            let entries = writer.entries(&[event(), event()], &[]);
            entries.iter().map(|entry| entry.proof.place).collect()
        };
        assert_eq!(places(&writer), [1, 2]);
        assert_eq!(places(&writer), [1, 2], "what was not written is written again");
        writer.advance(2);
        assert_eq!(places(&writer), [3, 4]);
        for other in [Writer::new(&key, &[2; 16], 1), Writer::new(&key, &[3; 16], 0)] {
            assert_ne!(other.name, writer.name);
        }
    }

    #[test]
    fn nothing_personal_is_stored_of_whoever_is_erased_by_the_same_write() {
        let key = TrailKey::new(&[1; 32]);
        let writer = Writer::new(&key, &[2; 16], 0);
        for (erased, kept) in [(3, false), (4, false), (5, true)] {
            let entry = writer
                .entries(&[event()], &[UserId::from_bytes([erased; 16])])
                .remove(0);
            assert_eq!(entry.personal.is_some(), kept, "{erased}");
            assert!(entry.commitment.is_some());
        }
    }
}
