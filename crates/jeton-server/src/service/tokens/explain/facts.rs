//! The facts in the database about a token, its user and its session.

use jeton::Verified;

use crate::{
    model::{
        audit::{Action, Recorded},
        id::{ClientId, SessionId, UserId},
        session::{EndReason, Session},
        time::Timestamp,
        user::UserVersion,
    },
    service::{Failure, Service},
    store::Wanted,
};

#[derive(Clone, Debug)]
pub struct TokenFacts {
    /// The `jti` of an access token; that of a refresh token proves it and is not shown.
    pub id: Option<String>,
    pub issued_at: Option<Timestamp>,
    pub expires_at: Timestamp,
    /// Revoked by itself, whatever happened to its session and user.
    pub revoked: bool,
    /// Whether it was issued before the database was restored from a back-up.
    pub from_before: bool,
}

#[derive(Clone, Debug)]
pub struct UserFacts {
    pub id: UserId,
    /// Whether the subject is a client.
    pub is_client: bool,
    pub exists: bool,
    pub disabled: bool,
    /// The subject's version now; `token_version` is that in the token.
    pub version: Option<UserVersion>,
    pub token_version: Option<UserVersion>,
    /// The event that raised the version above the token's, or deleted the user.
    pub cause: Option<Recorded>,
}

#[derive(Clone, Debug)]
pub struct SessionFacts {
    pub id: SessionId,
    /// None when the row is gone: its time was over, or its user was deleted.
    pub row: Option<Session>,
    /// The generation of a refresh token.
    pub token_generation: Option<i64>,
    /// The event that ended the session.
    pub cause: Option<Recorded>,
}

impl SessionFacts {
    #[must_use]
    pub fn ended(&self) -> Option<EndReason> {
        self.row.as_ref()?.ended
    }

    /// Why a refresh token that was signed here opens the session no more.
    #[must_use]
    pub fn why_over(&self, now: Timestamp) -> WhyOver {
        let Some(row) = &self.row else {
            return WhyOver::Gone;
        };
        if let Some(over) = WhyOver::of(row, now) {
            return over;
        }
        match self.token_generation {
            Some(generation) if generation < row.generation.0 => WhyOver::Superseded,
            Some(generation) if generation > row.generation.0 => WhyOver::AheadOfRow,
            _ => WhyOver::Gone,
        }
    }
}

/// Why a session is over, or over for the token presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyOver {
    Ended(EndReason),
    Expired,
    /// The token was exchanged before and its time of grace is over: whoever presents it ends the session.
    Superseded,
    /// The token is newer than the row, as after a restored back-up.
    AheadOfRow,
    /// Its row or its user is gone.
    Gone,
}

impl WhyOver {
    /// Why a session is over by its row; none while it lives.
    #[must_use]
    pub fn of(row: &Session, now: Timestamp) -> Option<Self> {
        match row.ended {
            Some(reason) => Some(Self::Ended(reason)),
            None => (now >= row.expires_at).then_some(Self::Expired),
        }
    }

    /// The reason by the event that ended the session: a sign-out about more than one was made from another of them.
    #[must_use]
    pub fn by(self, cause: Option<&Recorded>) -> Self {
        match self {
            Self::Ended(EndReason::Logout) if cause.is_some_and(|event| event.session.is_none()) => {
                Self::Ended(EndReason::EndedByOwner)
            }
            why => why,
        }
    }
}

impl Service {
    /// Why a session is over; none while it lives.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn why_over(&self, id: SessionId) -> Result<Option<WhyOver>, Failure> {
        let SessionFacts { row, cause, .. } = self.session_facts(id, None).await?;
        Ok(match row {
            Some(row) => WhyOver::of(&row, self.clock.now().into()).map(|why| why.by(cause.as_ref())),
            None => Some(WhyOver::Gone),
        })
    }

    pub(super) async fn user_facts(
        &self,
        id: UserId,
        token_version: Option<UserVersion>,
    ) -> Result<UserFacts, Failure> {
        let user = self.store.user(id).await?;
        let version = user.as_ref().map(|user| user.version);
        let cause = match (&user, token_version) {
            (None, _) => self.last(id, Action::UserDeleted).await?,
            (Some(user), Some(token)) if token < user.version => self.store.raising_event(id, token).await?,
            _ => None,
        };
        Ok(UserFacts {
            id,
            is_client: false,
            exists: user.is_some(),
            disabled: user.is_some_and(|user| user.disabled),
            version,
            token_version,
            cause,
        })
    }

    pub(super) async fn client_facts(
        &self,
        id: UserId,
        token_version: UserVersion,
    ) -> Result<UserFacts, Failure> {
        let client = self.store.client(ClientId::of_subject(id)).await?;
        let version = client.as_ref().map(|client| client.version);
        let cause = match version {
            Some(version) if token_version < version => self.store.raising_event(id, token_version).await?,
            Some(_) => None,
            None => self.last(id, Action::ClientDeleted).await?,
        };
        Ok(UserFacts {
            id,
            is_client: true,
            exists: client.is_some(),
            disabled: client.is_some_and(|client| client.disabled),
            version,
            token_version: Some(token_version),
            cause,
        })
    }

    async fn last(&self, id: UserId, action: Action) -> Result<Option<Recorded>, Failure> {
        let wanted = Wanted {
            user: Some(id),
            action: Some(action),
            limit: 1,
            ..Wanted::default()
        };
        Ok(self.store.events(&wanted).await?.pop())
    }

    pub(super) async fn session_facts(
        &self,
        id: SessionId,
        token_generation: Option<i64>,
    ) -> Result<SessionFacts, Failure> {
        let row = self.store.session(id).await?;
        self.facts_of_session(id, row, token_generation).await
    }

    /// The facts of a session whose row has been read.
    pub(in crate::service) async fn facts_of_session(
        &self,
        id: SessionId,
        row: Option<Session>,
        token_generation: Option<i64>,
    ) -> Result<SessionFacts, Failure> {
        let cause = match row.as_ref().and_then(|row| row.ended) {
            Some(_) => self.store.ending_event(id).await?,
            None => None,
        };
        Ok(SessionFacts {
            id,
            row,
            token_generation,
            cause,
        })
    }
}

impl TokenFacts {
    pub(super) fn of<C>(verified: &Verified<C>) -> Self {
        Self {
            id: None,
            issued_at: verified.issued_at().map(Timestamp::from),
            expires_at: verified.expires_at().into(),
            revoked: false,
            from_before: false,
        }
    }
}
