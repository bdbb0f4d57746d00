//! The whole trail, checked against its chain.

use std::collections::VecDeque;

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::{
    BATCH,
    chain::{Chain, EventsDigest},
};
use crate::{
    model::audit::{Head, Recorded, Seal, commitment},
    store::{Store, StoreError},
};

/// A trail that is as it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub seals: u64,
    /// Events that are there and covered by a seal.
    pub events: u64,
    /// Events given up when their time was over.
    pub forgotten: u64,
    /// Events whose personal fields were erased.
    pub erased: u64,
    /// Events no seal covers yet: nothing is known of them but their personal fields.
    pub unsealed: u64,
    /// The last seal: kept elsewhere, it shows when the end of the chain is cut off.
    pub head: Option<Head>,
}

/// The first thing that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    #[error("seal {0} is missing")]
    SealMissing(i64),
    #[error("seal {0} was changed, made under another master key, or does not follow the one before it")]
    SealChanged(i64),
    #[error(
        "the events numbered {first} to {last} are not those of seal {position}: it covers {sealed}, and {found} are there. \
         One of them was changed, removed, added or moved"
    )]
    Events {
        position: i64,
        first: i64,
        last: i64,
        sealed: i64,
        found: i64,
    },
    #[error("the mark that the events of seal {0} were given up was not made under this master key")]
    MarkForged(i64),
    #[error("the personal fields of event {0} are not those it was written with")]
    Personal(i64),
    #[error("seal {0}, which was expected, is not there: the end of the chain was cut off")]
    CutOff(i64),
    #[error("seal {0} is not the one that was expected: the chain was made anew")]
    OtherChain(i64),
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
/// seal `expected` is in it. `progress` is told how many of how many seals are done.
///
/// # Errors
///
/// [`VerifyError::Flaw`] names the first thing that is not as it was written.
pub async fn verify(
    store: &dyn Store,
    chain: &Chain,
    expected: Option<Head>,
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

struct Walk<'a> {
    store: &'a dyn Store,
    chain: &'a Chain,
    expected: Option<Head>,
    trail: Trail<'a>,
    last: Option<Seal>,
    report: Report,
}

impl Walk<'_> {
    fn position(&self) -> i64 {
        self.last.as_ref().map_or(0, |seal| seal.position)
    }

    async fn step(&mut self, seal: Seal) -> Result<(), VerifyError> {
        let position = self.position() + 1;
        if seal.position != position {
            return Err(Flaw::SealMissing(position).into());
        }
        if !self.chain.made(self.last.as_ref(), &seal) {
            return Err(Flaw::SealChanged(position).into());
        }
        if self
            .expected
            .is_some_and(|head| head.position == position && !same(&head.mac, &seal.mac))
        {
            return Err(Flaw::OtherChain(position).into());
        }
        self.events(&seal).await?;
        self.report.seals += 1;
        self.last = Some(seal);
        Ok(())
    }

    async fn events(&mut self, seal: &Seal) -> Result<(), VerifyError> {
        let first = self.last.as_ref().map_or(1, |seal| seal.through + 1);
        let (mut digest, mut erased) = (EventsDigest::default(), 0);
        while let Some(event) = self.trail.next_through(seal.through).await? {
            digest.add(&event);
            erased += u64::from(is_erased(&event)?);
        }
        let (found, digest) = digest.finish();
        if found == seal.events && same(&digest, &seal.digest) {
            self.report.events += u64::try_from(found).unwrap_or_default();
            self.report.erased += erased;
            return Ok(());
        }
        let flaw = Flaw::Events {
            position: seal.position,
            first,
            last: seal.through,
            sealed: seal.events,
            found,
        };
        // Their time may have been over only now, while they were read.
        let again = self
            .store
            .seal(seal.position)
            .await?
            .unwrap_or_else(|| seal.clone());
        match self.chain.marked(&again) {
            None => Err(flaw.into()),
            Some(false) => Err(Flaw::MarkForged(seal.position).into()),
            Some(true) if found > 0 && seal.forgotten.is_some() => Err(flaw.into()),
            Some(true) => {
                self.report.forgotten += u64::try_from(seal.events).unwrap_or_default();
                Ok(())
            }
        }
    }

    async fn end(mut self) -> Result<Report, VerifyError> {
        if let Some(head) = self.expected.filter(|head| head.position > self.position()) {
            return Err(Flaw::CutOff(head.position).into());
        }
        while let Some(event) = self.trail.next_through(i64::MAX).await? {
            is_erased(&event)?;
            self.report.unsealed += 1;
        }
        self.report.head = self.last.as_ref().map(Seal::head);
        Ok(self.report)
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

    /// The next event, if it is numbered at most so.
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
