use std::sync::Arc;

use super::{
    Failure, Service,
    machinery::{clock::Clock, random::Random, revoked::RevocationFollower},
};
use crate::{
    model::{revocation::Revocation, time::Timestamp},
    store::Store,
};

/// The parts of a service that a use-case needs: fewer than all, so that the command line can run one too.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub store: &'a Arc<dyn Store>,
    pub clock: &'a dyn Clock,
    pub random: &'a dyn Random,
    /// The follower that takes in revocations at once. None in a process that serves nobody: servers read them.
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

    /// Takes in revocations on this node, also those that others had made before.
    pub(super) async fn heed(&self, revocations: &[Revocation]) -> Result<(), Failure> {
        if let Some(follower) = self.revocations {
            follower.heed(revocations, &**self.store).await?;
        }
        Ok(())
    }
}
