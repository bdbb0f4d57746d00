use crate::model::{
    audit::{Action, Actor, Event},
    id::{SessionId, UserId},
    session::EndReason,
    time::Timestamp,
};

/// The moment at which a user ceases to act for others, and others for them: their role was taken away or given, their
/// sessions all end, or they are gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lapse {
    pub(super) user: UserId,
    /// The actor who caused it, when it was not the user.
    pub(super) by: Option<Actor>,
    pub(super) now: Timestamp,
}

impl Lapse {
    /// The event of a session that ends with it.
    pub(super) fn event(&self, owner: UserId, session: SessionId) -> Event {
        Event::new(Action::SessionsEnded, self.now)
            .user(owner)
            .session(session)
            .by(self.by.or(Some(Actor::User(self.user))))
            .detail("reason", EndReason::OnBehalfOver.as_str())
    }
}
