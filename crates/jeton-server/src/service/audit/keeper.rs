//! The keeper, which seals the trail while a service runs and notices what is done to it behind the service's back.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use tokio::sync::Mutex;

use super::{BATCH, Chain, flaw::Flaw, places::Places};
use crate::{
    model::{
        audit::{Action, Event, Head, Recorded, Seal},
        time::Timestamp,
    },
    store::{Store, StoreError},
};

mod giving_up;

/// Seals events, and remembers the last seal: a database that has lost it was tampered with.
#[derive(Debug)]
pub struct Keeper {
    chain: Chain,
    last: Mutex<Option<Seal>>,
    /// The flaw for which old events were kept last time.
    flaw: Mutex<Option<Flaw>>,
    /// How far this process's own events were found in the trail.
    found: Mutex<Found>,
    /// Whether a seal was not taken though it follows the last one.
    refused: AtomicBool,
    alarms: AtomicU64,
    unproven: AtomicU64,
}

/// The last place found of each writer, among the events up to a number.
#[derive(Debug)]
struct Found {
    places: BTreeMap<i64, i64>,
    through: i64,
}

/// Signs of tampering: nobody who has the chain's key does this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alarm {
    /// Seals that were there are gone.
    WentBack(Head),
    /// The chain does not go on from this seal.
    Replaced(Head),
    Forged(i64),
    OutOfPlace(i64),
    Gap(i64),
    /// So many events that were committed are not there.
    Missing(i64),
    /// The seal behind this one was not taken.
    NotTaken(Head),
    /// The beginning of the chain is not as it was made.
    Unsound(Flaw),
}

impl Keeper {
    #[must_use]
    pub const fn new(chain: Chain) -> Self {
        Self {
            chain,
            last: Mutex::const_new(None),
            flaw: Mutex::const_new(None),
            found: Mutex::const_new(Found {
                places: BTreeMap::new(),
                through: 0,
            }),
            refused: AtomicBool::new(false),
            alarms: AtomicU64::new(0),
            unproven: AtomicU64::new(0),
        }
    }

    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How many alarms were raised.
    #[must_use]
    pub fn alarms(&self) -> u64 {
        self.alarms.load(Ordering::Relaxed)
    }

    /// How many events without a proof were sealed: from an earlier version, or from somebody without the key.
    #[must_use]
    pub fn unproven(&self) -> u64 {
        self.unproven.load(Ordering::Relaxed)
    }

    /// Seals every event that no seal covers yet; returns how many there were.
    ///
    /// Another process may do the same at the same time: one of them wins each place in the chain, and the other's
    /// work is thrown away.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails; what was sealed before stays sealed.
    pub async fn seal(&self, store: &dyn Store, now: Timestamp) -> Result<usize, StoreError> {
        let mut known = self.last.lock().await;
        let missing = self.look_for_own(store).await?;
        self.tell(store, missing, now).await?;
        let mut sealed = 0;
        loop {
            let last = store.last_seal().await?;
            let alarm = self.compare(store, known.as_ref(), last.as_ref()).await?;
            known.clone_from(&last);
            if alarm.is_some() {
                // Numbers may be drawn anew from here on.
                self.found.lock().await.through = last.as_ref().map_or(0, |seal| seal.through);
            }
            self.tell(store, alarm, now).await?;
            let after = last.as_ref().map_or(i64::MIN, |seal| seal.through);
            let events = store.events_after(after, BATCH).await?;
            let Some(seal) = self.chain.link(last.as_ref(), &events, now) else {
                return Ok(sealed);
            };
            if store.add_seal(&seal).await? {
                sealed += events.len();
                *known = Some(seal);
                let alarm = self.look_at(last.map_or(0, |seal| seal.through), &events);
                self.tell(store, alarm, now).await?;
                self.refused.store(false, Ordering::Relaxed);
            } else if let Some(last) = last
                && store.last_seal().await? == Some(last.clone())
            {
                // Nobody else has sealed: something in the database keeps the seal out.
                let first = !self.refused.swap(true, Ordering::Relaxed);
                self.tell(store, first.then(|| Alarm::NotTaken(last.head())), now)
                    .await?;
                return Ok(sealed);
            }
            if events.len() < BATCH as usize {
                return Ok(sealed);
            }
        }
    }

    /// Looks for the events that this process has committed: whoever may write the database could take them out, or
    /// keep them out, before a seal covers them.
    async fn look_for_own(&self, store: &dyn Store) -> Result<Option<Alarm>, StoreError> {
        let committed = store.committed();
        let mut found = self.found.lock().await;
        let mut new = committed.places;
        new.retain(|writer, place| found.places.get(writer) < Some(place));
        if new.is_empty() {
            return Ok(None);
        }
        // Read before the events are looked for: up to there all of them can be seen.
        let through = store.last_seal().await?.map_or(0, |seal| seal.through);
        let (after, mut missing) = (found.through.max(committed.after), 0);
        for (writer, place) in new {
            let before = found.places.get(&writer).copied().unwrap_or(0);
            let last = store.last_place(writer, after).await?.unwrap_or(0).max(before);
            missing += (place - last).max(0);
            found.places.insert(writer, place.max(last));
        }
        found.through = through;
        Ok((missing > 0).then_some(Alarm::Missing(missing)))
    }

    /// Whether the chain has only grown since this process saw it last.
    async fn compare(
        &self,
        store: &dyn Store,
        known: Option<&Seal>,
        last: Option<&Seal>,
    ) -> Result<Option<Alarm>, StoreError> {
        Ok(match (known, last) {
            (None, None) => None,
            (Some(known), last) if last.is_none_or(|last| last.position < known.position) => {
                Some(Alarm::WentBack(known.head()))
            }
            (Some(known), Some(last)) if last.position == known.position => {
                (last.mac != known.mac).then(|| Alarm::Replaced(known.head()))
            }
            (Some(known), _) => self.follow(store, known).await?,
            // The first look of this process: only the last link is checked.
            (None, Some(last)) => {
                let before = store.seal(last.position - 1).await?;
                let follows = self.follows(store, before.as_ref(), last).await?;
                (!follows).then(|| Alarm::Replaced(last.head()))
            }
        })
    }

    /// Follows the seals that others have made since.
    async fn follow(&self, store: &dyn Store, known: &Seal) -> Result<Option<Alarm>, StoreError> {
        let mut before = known.clone();
        loop {
            let seals = store.seals_after(before.position, BATCH).await?;
            if seals.is_empty() {
                return Ok(None);
            }
            for seal in seals {
                if !self.follows(store, Some(&before), &seal).await? {
                    return Ok(Some(Alarm::Replaced(before.head())));
                }
                before = seal;
            }
        }
    }

    async fn follows(
        &self,
        store: &dyn Store,
        before: Option<&Seal>,
        seal: &Seal,
    ) -> Result<bool, StoreError> {
        if self.chain.made(before, seal) {
            return Ok(true);
        }
        let base = store.base().await?;
        Ok(base.is_some_and(|base| self.chain.begins(&base, seal)))
    }

    /// The first flaw in events that follow the one numbered `after`.
    fn look_at(&self, after: i64, events: &[Recorded]) -> Option<Alarm> {
        let (mut places, mut unproven) = (Places::from_the_middle(), 0);
        let mut alarm = None;
        for (expected, event) in (after.saturating_add(1)..).zip(events) {
            let number = event.number;
            let in_place = event.proof.is_none_or(|proof| places.take(&proof));
            let found = match self.chain.key().proves(event) {
                Some(false) => Some(Alarm::Forged(number)),
                _ if number != expected => Some(Alarm::Gap(number)),
                _ if !in_place => Some(Alarm::OutOfPlace(number)),
                Some(true) => None,
                None => {
                    unproven += 1;
                    None
                }
            };
            alarm = alarm.or(found);
        }
        if unproven > 0 {
            self.unproven.fetch_add(unproven, Ordering::Relaxed);
            tracing::warn!(
                events = unproven,
                "events without a proof were sealed: a node of the version before wrote them, or somebody else"
            );
        }
        alarm
    }

    /// Reports an alarm in the log and in the trail itself.
    async fn tell(&self, store: &dyn Store, alarm: Option<Alarm>, now: Timestamp) -> Result<(), StoreError> {
        let Some(alarm) = alarm else { return Ok(()) };
        let event = Event::new(Action::TrailAlarm, now);
        let event = match alarm {
            Alarm::WentBack(head) => {
                tracing::error!(%head, "the audit trail has gone back: seals that were there are gone");
                event
                    .detail("problem", "went_back")
                    .detail("head", head.to_string())
            }
            Alarm::Replaced(head) => {
                tracing::error!(%head, "the audit trail does not go on from a seal that was there");
                event
                    .detail("problem", "replaced")
                    .detail("head", head.to_string())
            }
            Alarm::Forged(number) => {
                tracing::error!(number, "an event of the audit trail was changed or forged");
                event.detail("problem", "forged").detail("number", number)
            }
            Alarm::OutOfPlace(number) => {
                tracing::error!(
                    number,
                    "an event of the audit trail does not follow the last of its writer"
                );
                event.detail("problem", "out_of_place").detail("number", number)
            }
            Alarm::Gap(number) => {
                tracing::error!(number, "there is a gap before an event of the audit trail");
                event.detail("problem", "gap").detail("number", number)
            }
            Alarm::Missing(events) => {
                tracing::error!(
                    events,
                    "events of this process are not in the audit trail: somebody took them out"
                );
                event.detail("problem", "missing").detail("events", events)
            }
            Alarm::NotTaken(head) => {
                tracing::error!(%head, "the audit trail's next seal is not taken: something in the database keeps it out");
                event
                    .detail("problem", "not_taken")
                    .detail("head", head.to_string())
            }
            Alarm::Unsound(flaw) => {
                tracing::error!(%flaw, "old events of the audit trail are kept: the chain over them was changed");
                event
                    .detail("problem", "unsound")
                    .detail("flaw", flaw.to_string())
            }
        };
        let recorded = store.record(&event).await;
        // Also where it could not be recorded; and not before, so that who sees the count finds the event.
        self.alarms.fetch_add(1, Ordering::Relaxed);
        recorded
    }
}
