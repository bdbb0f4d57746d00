//! Events on their way: gathered while a group of writes runs, signed and written at its end.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Committed;
use crate::model::{
    audit::{Entry, Event, TrailKey, Writer},
    id::UserId,
};

/// The signer of the events that a process writes.
#[derive(Clone)]
pub struct Signer {
    key: TrailKey,
    random: [u8; 16],
    writers: Arc<AtomicU64>,
    committed: Arc<Mutex<Committed>>,
}

impl Signer {
    /// Makes a process's signer. The random bytes name the process: no two may have the same.
    #[must_use]
    pub fn new(key: TrailKey, random: [u8; 16]) -> Self {
        Self {
            key,
            random,
            writers: Arc::default(),
            committed: Arc::default(),
        }
    }

    /// Makes a connection's own writer.
    fn writer(&self) -> Writer {
        let count = self.writers.fetch_add(1, Ordering::Relaxed);
        Writer::new(&self.key, &self.random, count)
    }

    /// Notes the number of the last event before the first that is signed.
    pub(super) fn begin_after(&self, number: i64) {
        self.lock().after = number;
    }

    fn note_commit(&self, (writer, place): (i64, i64)) {
        self.lock().places.insert(writer, place);
    }

    pub(super) fn committed(&self) -> Committed {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Committed> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(..)")
    }
}

/// The place where connections find the signer: it is known only after the database was opened, since the way to the
/// chain's key leads through the database's rows.
pub(super) type SignerSlot = Arc<OnceLock<Signer>>;

/// The events of the group that a connection is writing.
#[derive(Debug)]
pub(super) struct Trail {
    signer: SignerSlot,
    /// None before the first event, and after a COMMIT whose outcome is unknown: then nobody knows which places are
    /// taken, so another writer begins.
    writer: Option<Writer>,
    events: Vec<Event>,
    /// Users whose personal fields may not be written any more.
    erased: Vec<UserId>,
    /// How many events and erased users there were at the savepoint.
    saved: [usize; 2],
    /// How many events were written since the transaction began.
    written: usize,
}

impl Trail {
    pub(super) const fn new(signer: SignerSlot) -> Self {
        Self {
            signer,
            writer: None,
            events: Vec::new(),
            erased: Vec::new(),
            saved: [0; 2],
            written: 0,
        }
    }

    pub(super) fn record(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    pub(super) fn record_all(&mut self, events: Vec<Event>) {
        self.events.extend(events);
    }

    /// Keeps personal fields of a user out of this group's events.
    pub(super) fn erase(&mut self, user: UserId) {
        self.erased.push(user);
    }

    pub(super) fn begin(&mut self) {
        self.events.clear();
        self.erased.clear();
        self.written = 0;
    }

    pub(super) fn savepoint(&mut self) {
        self.saved = [self.events.len(), self.erased.len()];
    }

    pub(super) fn roll_back_to_savepoint(&mut self) {
        let [events, erased] = self.saved;
        self.events.truncate(events);
        self.erased.truncate(erased);
    }

    /// Signs the gathered events, to be written in this order.
    pub(super) fn entries(&mut self) -> Result<Vec<Entry>, sqlx::Error> {
        if self.events.is_empty() {
            return Ok(Vec::new());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let signer = self.signer.get().ok_or_else(no_signer)?;
                none.insert(signer.writer())
            }
        };
        let entries = writer.entries(&self.events, &self.erased);
        self.written = entries.len();
        Ok(entries)
    }

    /// Takes note of the outcome of COMMIT.
    pub(super) fn committed<E>(&mut self, outcome: &Result<(), E>) {
        match (outcome, &mut self.writer) {
            (Ok(()), Some(writer)) => {
                writer.advance(self.written);
                if let Some(signer) = self.signer.get() {
                    signer.note_commit(writer.last_place());
                }
            }
            (Err(_), writer) => *writer = None,
            (Ok(()), None) => {}
        }
        self.written = 0;
    }
}

fn no_signer() -> sqlx::Error {
    sqlx::Error::Configuration("events cannot be written without the key of the audit trail".into())
}
