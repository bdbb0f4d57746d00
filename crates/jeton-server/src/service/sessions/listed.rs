use crate::{
    model::{
        audit::Actor,
        id::{SessionId, UserId},
        session::{EndReason, Session},
        user::User,
    },
    service::{Failure, Service, caller::Caller},
    store::{Ended, Ending, Which},
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndSessionError {
    /// The user has no such live session.
    #[error("there is no such session")]
    NotFound,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// A user as the database has them now.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Failure> {
        Ok(self.store.user(id).await?)
    }

    /// A user's live sessions, the newest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn live_sessions(&self, user: UserId) -> Result<Vec<Session>, Failure> {
        Ok(self.store.live_sessions(user, self.now()).await?)
    }

    /// Ends one of a user's own sessions, from any of them.
    ///
    /// # Errors
    ///
    /// [`EndSessionError::NotFound`] when it is not theirs or not live.
    pub async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<(), EndSessionError> {
        let (user, by) = (caller.user(), caller.actor());
        let ended = self
            .end(user, by, Which::One(session), EndReason::EndedByOwner)
            .await?;
        if ended.sessions == 0 {
            Err(EndSessionError::NotFound)
        } else {
            Ok(())
        }
    }

    /// Ends sessions, and takes in their revocations before anybody is answered.
    pub(in crate::service) async fn end(
        &self,
        user: UserId,
        by: Option<Actor>,
        which: Which,
        reason: EndReason,
    ) -> Result<Ended, Failure> {
        let now = self.now();
        let ending = Ending {
            user,
            which,
            reason,
            by,
            now,
        };
        let ended = self.store.end_sessions(&ending).await?;
        self.heed(&ended.revocations).await?;
        tracing::info!(%user, sessions = ended.sessions, reason = reason.as_str(), "sessions ended");
        Ok(ended)
    }
}
