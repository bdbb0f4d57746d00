//! Whose a request is: noted where a token is found good, or its session over, and read when the request has been
//! answered.

use std::cell::Cell;

use tokio::task_local;

use crate::model::id::{ClientId, SessionId, UserId};

task_local! {
    static NOTED: Noted;
}

#[derive(Default)]
struct Noted {
    requester: Cell<Requester>,
    revoked: Cell<Option<SessionId>>,
}

/// The user or client who made a request, as far as a token proved it. Ids alone: no name is ever logged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requester {
    pub(crate) user: Option<UserId>,
    pub(crate) session: Option<SessionId>,
    pub(crate) client: Option<ClientId>,
}

impl Requester {
    pub(crate) const fn user(user: UserId, session: Option<SessionId>) -> Self {
        Self {
            user: Some(user),
            session,
            client: None,
        }
    }

    pub(crate) const fn client(client: ClientId) -> Self {
        Self {
            user: None,
            session: None,
            client: Some(client),
        }
    }

    /// The bearer of a refresh token: the session is known before its user.
    pub(crate) const fn session(session: SessionId) -> Self {
        Self {
            user: None,
            session: Some(session),
            client: None,
        }
    }

    const fn is_known(&self) -> bool {
        self.user.is_some() || self.client.is_some()
    }
}

/// Notes whose request is being answered, unless it is known already: tokens that are made for others in an answer say
/// nothing of who asked for them. Outside of a request there is nobody to note it for.
pub(crate) fn note(requester: Requester) {
    let _ = NOTED.try_with(|noted| {
        if !noted.requester.get().is_known() {
            noted.requester.set(requester);
        }
    });
}

/// Notes the session of a token that is genuine and was revoked, for the refusal to say why.
pub(crate) fn note_revoked(session: SessionId) {
    let _ = NOTED.try_with(|noted| noted.revoked.set(Some(session)));
}

/// The session of the request's token, if that is genuine and was revoked.
pub(crate) fn revoked() -> Option<SessionId> {
    NOTED.try_with(|noted| noted.revoked.get()).ok().flatten()
}

/// Answers a request, and tells whose it was.
pub(crate) async fn watch<T>(answer: impl Future<Output = T>) -> (T, Requester) {
    let answer = async {
        let answer = answer.await;
        (answer, NOTED.with(|noted| noted.requester.get()))
    };
    NOTED.scope(Noted::default(), answer).await
}
