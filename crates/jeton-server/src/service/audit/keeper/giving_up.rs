//! Giving up events whose time is over: they are deleted, and their seal is marked under the chain's key. No row's word
//! alone decides that: anybody who can write rows could have any event given up.

use super::{Alarm, Keeper};
use crate::{
    model::{audit::Seal, time::Timestamp},
    service::audit::{
        links::{Link, Links, Next, PAGE},
        verify::VerifyError,
    },
    store::{Store, StoreError},
};

impl Keeper {
    /// Gives up the events of every seal made before `before`, and makes the last of those seals the beginning of the
    /// chain: earlier ones say nothing more. Returns how many events went.
    ///
    /// The chain is checked from its beginning. A seal that is not as it was made raises an alarm, and everything from
    /// there on is kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails; what went before stays gone.
    pub async fn give_up(
        &self,
        store: &dyn Store,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut known = self.flaw.lock().await;
        let mut giving_up = GivingUp {
            keeper: self,
            store,
            before,
            first: None,
            last: None,
            events: 0,
        };
        let outcome = giving_up.go().await;
        // Also before a flaw: however long it stays, the way to it is short.
        giving_up.fold().await?;
        let flaw = match outcome {
            Ok(()) => None,
            Err(VerifyError::Flaw(flaw)) => Some(flaw),
            Err(VerifyError::Store(error)) => return Err(error),
        };
        // Each flaw is reported once, not every minute.
        let news = flaw.filter(|flaw| *known != Some(*flaw));
        self.tell(store, news.map(Alarm::Unsound), now).await?;
        *known = flaw;
        Ok(giving_up.events)
    }
}

struct GivingUp<'a> {
    keeper: &'a Keeper,
    store: &'a dyn Store,
    before: Timestamp,
    /// The seal with which the chain begins.
    first: Option<i64>,
    /// The last seal whose events are gone.
    last: Option<Seal>,
    events: u64,
}

impl GivingUp<'_> {
    async fn go(&mut self) -> Result<(), VerifyError> {
        let mut links = Links::of(self.store, &self.keeper.chain).await?;
        while let Next::Link(link) = links.next().await? {
            let first = *self.first.get_or_insert(link.seal.position);
            if link.seal.forgotten.is_none() && !self.give_up(&link).await? {
                break;
            }
            let passed = link.seal.position.saturating_sub(first);
            self.last = Some(link.seal);
            // In batches, so that requests come in between.
            if passed >= i64::from(PAGE) {
                self.fold().await?;
            }
        }
        Ok(())
    }

    /// Gives up a seal's events if their time is over; returns whether it is.
    async fn give_up(&mut self, link: &Link) -> Result<bool, StoreError> {
        if link.seal.sealed_at >= self.before {
            return Ok(false);
        }
        let mark = self.keeper.chain.given_up(&link.seal, self.before);
        self.events += self.store.forget_events(link.after, &link.seal, &mark).await?;
        Ok(true)
    }

    async fn fold(&mut self) -> Result<(), StoreError> {
        if let Some(last) = self.last.as_ref().filter(|last| Some(last.position) > self.first) {
            self.store.fold_seals(&self.keeper.chain.base(last)).await?;
            self.first = Some(last.position);
        }
        Ok(())
    }
}
