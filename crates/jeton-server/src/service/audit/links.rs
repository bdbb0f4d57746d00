//! The chain from its beginning, link by link: no row is taken at its word.

use std::collections::VecDeque;

use super::{
    chain::Chain,
    verify::{Flaw, VerifyError},
};
use crate::{
    model::audit::{Base, Seal},
    store::{Store, StoreError},
};

/// How many seals are read at once. In a minute a process makes 120.
pub(super) const PAGE: u32 = 100;

/// Seals in order, each checked: it follows the one before, and bears no mark but one made under the chain's key.
pub(super) struct Links<'a> {
    store: &'a dyn Store,
    chain: &'a Chain,
    base: Option<Base>,
    page: VecDeque<Seal>,
    last: Option<Seal>,
}

pub(super) struct Link {
    pub(super) seal: Seal,
    /// The number above which the seal's events begin.
    pub(super) after: i64,
}

/// The next step along the chain.
pub(super) enum Next {
    Link(Link),
    End,
    /// The chain was made to begin elsewhere meanwhile.
    Moved,
}

impl<'a> Links<'a> {
    pub(super) async fn of(store: &'a dyn Store, chain: &'a Chain) -> Result<Self, StoreError> {
        Ok(Self {
            store,
            chain,
            // Read before any seal: if it is still the same later, no other beginning was seen.
            base: store.base().await?,
            page: VecDeque::new(),
            last: None,
        })
    }

    /// # Errors
    ///
    /// [`VerifyError::Flaw`] when the next seal is not as it was made.
    pub(super) async fn next(&mut self) -> Result<Next, VerifyError> {
        if self.page.is_empty() {
            let last = self.last.as_ref().map_or(i64::MIN, |seal| seal.position);
            self.page = self.store.seals_after(last, PAGE).await?.into();
        }
        let Some(seal) = self.page.pop_front() else {
            return Ok(Next::End);
        };
        if let Some(flaw) = self.flaw(&seal) {
            let moved = self.store.base().await? != self.base;
            return if moved { Ok(Next::Moved) } else { Err(flaw.into()) };
        }
        let after = self.last.as_ref().map_or(i64::MIN, |seal| seal.through);
        self.last = Some(seal.clone());
        Ok(Next::Link(Link { seal, after }))
    }

    fn flaw(&self, seal: &Seal) -> Option<Flaw> {
        let expected = self
            .last
            .as_ref()
            .map_or(0, |seal| seal.position)
            .saturating_add(1);
        let begins = || self.last.is_none() && self.base.is_some_and(|base| self.chain.begins(&base, seal));
        if seal.position != expected && !begins() {
            return Some(Flaw::SealMissing(expected));
        }
        if !self.chain.made(self.last.as_ref(), seal) && !begins() {
            return Some(Flaw::SealChanged(seal.position));
        }
        (self.chain.marked(seal) == Some(false)).then_some(Flaw::MarkForged(seal.position))
    }
}
