//! Refusals of those who lack a role or a scope, written down.

use crate::{
    model::{
        audit::{Action, Event},
        id::ClientId,
        user_agent::UserAgent,
    },
    service::{Failure, Service, caller::Caller, machinery::refusals::Refused},
};

/// The bearer of a good token who asks for more than they may do.
#[derive(Clone, Copy, Debug)]
pub enum Bearer<'a> {
    User(&'a Caller),
    Client(ClientId),
}

impl Service {
    /// Records that a bearer was refused for the role or scope they lack, as far as the database allows: they are
    /// refused all the same.
    pub async fn note_refusal(&self, bearer: Bearer<'_>, lacks: &'static str, agent: &UserAgent) {
        let (action, now) = (Action::AccessRefused, self.now());
        let (user, event) = match bearer {
            Bearer::User(caller) => (caller.user(), caller.event(action, now)),
            Bearer::Client(id) => (id.subject(), Event::new(action, now).user(id.subject())),
        };
        let event = event.detail("lacks", lacks);
        self.note(Refused::Bearer(user, lacks), event, agent).await;
    }

    pub(in crate::service) async fn note(&self, who: Refused, event: Event, agent: &UserAgent) {
        let Some(event) = self.refusals.count(who, event) else {
            return;
        };
        let noted = match self.personal(agent) {
            Ok(personal) => self
                .store
                .record(&event.personal(personal))
                .await
                .map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "a refusal could not be written to the audit trail");
        }
    }

    /// Records how many more refusals there were than stand in the trail: once a minute, and at the end with nothing
    /// left out.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database fails: what was counted is lost then.
    pub async fn tell_refusals(&self, at_the_end: bool) -> Result<(), Failure> {
        let now = self.now();
        for event in self.refusals.take((!at_the_end).then_some(now)) {
            self.store.record(&event).await?;
        }
        Ok(())
    }
}
