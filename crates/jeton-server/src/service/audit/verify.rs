//! The whole trail, checked against its chain.

use std::collections::VecDeque;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jeton::json::{self, Object};

use super::{
    BATCH,
    chain::{Chain, EventsDigest},
    erasures::Erasures,
    links::{Links, Next},
    places::Places,
};
use crate::{
    model::audit::{Action, Head, Recorded, Seal, commitment},
    store::{Store, StoreError, Wanted},
};

pub use super::flaw::Flaw;

/// How many beginnings of proofs are looked at: one for each upgrade that was recorded.
const BEGINNINGS: u32 = 1000;

/// The report on a trail that is as it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub seals: u64,
    /// Events that are there and covered by a seal.
    pub events: u64,
    /// Events given up when their time was over.
    pub forgotten: u64,
    /// Events whose personal fields were erased with a user they are about or by.
    pub erased: u64,
    /// Events without a proof of their own, from before proofs began.
    pub unproven: u64,
    /// Events no seal covers yet: they are proven, but the last of them may have been removed.
    pub unsealed: u64,
    /// The last seal: kept elsewhere, it shows when the end of the chain is cut off.
    pub head: Option<Head>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    #[error(transparent)]
    Flaw(#[from] Flaw),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks the chain from its first seal to its last, every event and every personal field against it, and that the
/// seals `expected` are in it. `progress` hears how many of how many seals are done.
///
/// # Errors
///
/// [`VerifyError::Flaw`] names the first thing that is not as it was written.
pub async fn verify(
    store: &dyn Store,
    chain: &Chain,
    expected: &[Head],
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Report, VerifyError> {
    let total = store.last_seal().await?.map_or(0, |seal| seal.position);
    let total = u64::try_from(total).unwrap_or_default();
    let mut walk = Walk {
        store,
        chain,
        expected,
        trail: Trail::new(store),
        last: None,
        next: 1,
        kept: false,
        unproven_through: unproven_through(store, chain).await?,
        places: Places::default(),
        erasures: Erasures::default(),
        alarm: None,
        report: Report::default(),
    };
    loop {
        let seals = store.seals_after(walk.position(), BATCH).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            walk.step(seal).await?;
            progress(walk.report.seals, total.max(walk.report.seals));
        }
    }
    walk.end().await
}

/// The last event that may be without a proof, by the trail's own word.
async fn unproven_through(store: &dyn Store, chain: &Chain) -> Result<i64, StoreError> {
    let wanted = Wanted {
        action: Some(Action::ProofsBegan),
        limit: BEGINNINGS,
        ..Wanted::default()
    };
    let beginnings = store.events(&wanted).await?;
    let proven = beginnings
        .iter()
        .filter(|event| chain.key().proves(event) == Some(true));
    Ok(proven.filter_map(through).max().unwrap_or(i64::MIN))
}

fn through(event: &Recorded) -> Option<i64> {
    let Object(detail) = json::from_str(&event.detail).ok()?;
    let through = detail.get("through")?.as_i64()?;
    (through < event.number).then_some(through)
}

struct Walk<'a> {
    store: &'a dyn Store,
    chain: &'a Chain,
    expected: &'a [Head],
    trail: Trail<'a>,
    last: Option<Seal>,
    /// The number of the next event.
    next: i64,
    /// Whether any seal so far had its events.
    kept: bool,
    unproven_through: i64,
    places: Places,
    erasures: Erasures,
    /// The first event that records an alarm.
    alarm: Option<i64>,
    report: Report,
}

impl Walk<'_> {
    fn position(&self) -> i64 {
        self.last.as_ref().map_or(0, |seal| seal.position)
    }

    async fn step(&mut self, seal: Seal) -> Result<(), VerifyError> {
        self.link(&seal).await?;
        for head in self.expected {
            if head.position == seal.position && !same(&head.mac, &seal.mac) {
                return Err(Flaw::OtherChain(seal.position).into());
            }
        }
        self.events(&seal).await?;
        self.report.seals += 1;
        self.last = Some(seal);
        Ok(())
    }

    /// Whether a seal follows the last one, or is the one that the chain begins with.
    async fn link(&mut self, seal: &Seal) -> Result<(), VerifyError> {
        let position = self.position() + 1;
        if seal.position == position && self.chain.made(self.last.as_ref(), seal) {
            return Ok(());
        }
        // Seals before it may have been given up, at the latest while they were read.
        let base = self.store.base().await?;
        let begins = base.is_some_and(|base| self.chain.begins(&base, seal));
        if !begins && !self.began(seal).await? {
            return Err(if seal.position == position {
                Flaw::SealChanged(position)
            } else {
                Flaw::SealMissing(position)
            }
            .into());
        }
        let given_up = position..seal.position;
        match self
            .expected
            .iter()
            .find(|head| given_up.contains(&head.position))
        {
            Some(head) => Err(Flaw::HeadGivenUp(head.position).into()),
            None => Ok(()),
        }
    }

    /// Whether the chain began with a seal when it was read, which has been given up since.
    async fn began(&self, seal: &Seal) -> Result<bool, StoreError> {
        let is_gone = self.last.is_none() && self.store.seal(seal.position).await?.is_none();
        Ok(is_gone && self.is_folded(seal).await?)
    }

    async fn events(&mut self, seal: &Seal) -> Result<(), VerifyError> {
        if self.chain.marked(seal) == Some(false) {
            return Err(Flaw::MarkForged(seal.position).into());
        }
        let first = self.next;
        let (mut digest, mut flaw) = (EventsDigest::default(), None);
        let before = self.report;
        while let Some(event) = self.trail.next_through(seal.through).await? {
            digest.add(&event);
            flaw = flaw.or(self.event(&event)?);
        }
        let (found, digest) = digest.finish();
        if found == seal.events && same(&digest, &seal.digest) {
            self.report.events += u64::try_from(found).unwrap_or_default();
            self.kept = true;
            return flaw.map_or(Ok(()), |flaw| Err(flaw.into()));
        }
        self.report = before;
        self.given_up(seal, first, found).await
    }

    /// Whether the events of a seal were given up when their time was over.
    async fn given_up(&mut self, seal: &Seal, first: i64, found: i64) -> Result<(), VerifyError> {
        let flaw = Flaw::Events {
            position: seal.position,
            first,
            last: seal.through,
            sealed: seal.events,
            found,
        };
        // Their time may have come only now, while they were read.
        let again = self.store.seal(seal.position).await?;
        let given_up = match &again {
            Some(again) => self.chain.marked(again),
            None => Some(self.is_folded(seal).await?),
        };
        match given_up {
            None => Err(flaw.into()),
            Some(false) => Err(Flaw::MarkForged(seal.position).into()),
            Some(true) if found > 0 && seal.forgotten.is_some() => Err(flaw.into()),
            Some(true) if !self.gone_through(seal.position).await? => {
                Err(Flaw::GivenUpAlone(seal.position).into())
            }
            Some(true) => {
                self.report.forgotten += u64::try_from(seal.through + 1 - first).unwrap_or_default();
                self.next = seal.through + 1;
                self.places.lose();
                Ok(())
            }
        }
    }

    /// Whether nothing is kept from before the events of a seal that were given up.
    async fn gone_through(&mut self, position: i64) -> Result<bool, VerifyError> {
        if !self.kept {
            return Ok(true);
        }
        // Events that were there when they were read may be gone by now.
        let mut links = Links::of(self.store, self.chain).await?;
        loop {
            match links.next().await? {
                Next::Link(link) if link.seal.forgotten.is_none() => return Ok(false),
                Next::Link(link) if link.seal.position < position => {}
                Next::Link(_) => break,
                Next::Moved => links = Links::of(self.store, self.chain).await?,
                Next::End => return Ok(false),
            }
        }
        self.kept = false;
        Ok(true)
    }

    /// Whether a seal that is gone was given up together with its events.
    async fn is_folded(&self, seal: &Seal) -> Result<bool, StoreError> {
        let Some(base) = self.store.base().await? else {
            return Ok(false);
        };
        let first = self.store.seal(base.position).await?;
        Ok(base.position > seal.position && first.is_some_and(|first| self.chain.begins(&base, &first)))
    }

    /// Checks an event by itself. A flaw of its place alone may have another cause, and is returned to be weighed.
    fn event(&mut self, event: &Recorded) -> Result<Option<Flaw>, Flaw> {
        let number = event.number;
        match self.chain.key().proves(event) {
            Some(true) => self.note(event),
            None if number <= self.unproven_through => {
                self.report.unproven += 1;
                self.note(event);
            }
            Some(false) => return Err(Flaw::Forged(number)),
            None => return Err(Flaw::Unproven(number)),
        }
        if is_erased(event)? {
            self.report.erased += 1;
            self.erasures.note_erased(event);
        }
        let in_place = event.proof.is_none_or(|proof| self.places.take(&proof));
        let follows = number == self.next;
        self.next = number.saturating_add(1);
        Ok(match (follows, in_place) {
            (false, _) => Some(Flaw::Gap(number)),
            (true, false) => Some(Flaw::OutOfPlace(number)),
            (true, true) => None,
        })
    }

    fn note(&mut self, event: &Recorded) {
        self.erasures.note_deletion(event);
        if event.action == Action::TrailAlarm.as_str() {
            self.alarm.get_or_insert(event.number);
        }
    }

    async fn end(mut self) -> Result<Report, VerifyError> {
        let position = self.position();
        if let Some(head) = self.expected.iter().find(|head| head.position > position) {
            return Err(Flaw::CutOff(head.position).into());
        }
        while let Some(event) = self.trail.next_through(i64::MAX).await? {
            if let Some(flaw) = self.event(&event)? {
                return Err(flaw.into());
            }
            self.report.unsealed += 1;
        }
        self.report.head = self.last.as_ref().map(Seal::head);
        let flaw = self.erasures.flaw().or(self.alarm.map(Flaw::Alarm));
        flaw.map_or(Ok(self.report), |flaw| Err(flaw.into()))
    }
}

/// Whether an event had personal fields that are gone; those that are there must be the ones it was written with.
fn is_erased(event: &Recorded) -> Result<bool, Flaw> {
    match (&event.commitment, &event.personal) {
        (None, None) => Ok(false),
        (Some(_), None) => Ok(true),
        (Some(kept), Some((salt, fields))) if same(&commitment(salt, fields), kept) => Ok(false),
        (_, Some(_)) => Err(Flaw::Personal(event.number)),
    }
}

fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    verify_slices_are_equal(one, other).is_ok()
}

/// The events in order, read a page at a time.
pub(super) struct Trail<'a> {
    store: &'a dyn Store,
    page: VecDeque<Recorded>,
    after: i64,
}

impl<'a> Trail<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self {
            store,
            page: VecDeque::new(),
            after: i64::MIN,
        }
    }

    /// The next event, if its number is `through` at most.
    pub(super) async fn next_through(&mut self, through: i64) -> Result<Option<Recorded>, StoreError> {
        if self.page.is_empty() {
            self.page = self.store.events_after(self.after, BATCH).await?.into();
        }
        let next = self.page.pop_front_if(|event| event.number <= through);
        if let Some(event) = &next {
            self.after = event.number;
        }
        Ok(next)
    }
}
