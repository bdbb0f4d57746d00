use std::sync::Arc;

use super::{
    Failure, Service,
    machinery::{clock::Clock, random::Random, revoked::RevocationFollower},
};
use crate::{
    model::{revocation::Revocation, time::Timestamp},
    store::Store,
};

/// What a use-case takes of who runs it: less than a whole service, so that the command line can run one too.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub store: &'a Arc<dyn Store>,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
    /// What is told of revocations at once. A process that serves nobody has none: servers read of them.
    pub revocations: Option<&'a RevocationFollower>,
}

impl Service {
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context {
            store: &self.store,
            clock: &*self.clock,
            random: &*self.random,
            revocations: Some(&self.revocations),
        }
    }
}

impl Context<'_> {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Heeds what was revoked, also where somebody else had done it before.
    pub(super) async fn heed(&self, revocations: &[Revocation]) -> Result<(), Failure> {
        if let Some(follower) = self.revocations {
            follower.heed(revocations, &**self.store).await?;
        }
        Ok(())
    }
}
