//! Who is signed in, for a page: read from the session's row, by its refresh token, and nothing changes.

use jeton::VerifyError;

use super::refresh::RefreshError;
use crate::{
    model::{
        session::{Presented, Session, Verdict},
        user::User,
    },
    service::{Failure, Service, tokens::explain::SessionFacts},
};

/// The session behind a refresh token, as a page needs it.
#[derive(Debug)]
pub enum SignedInSession {
    Live {
        session: Box<Session>,
        user: Box<User>,
    },
    /// The session is over, or over for this token.
    Over(Box<SessionFacts>),
    /// The token is none of this service's.
    Unknown,
}

impl Service {
    /// Reads who is signed in by a refresh token. The token is not exchanged, and one that was superseded ends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn signed_in_session(&self, token: &str) -> Result<SignedInSession, Failure> {
        let (presented, in_time) = match self.read_refresh(token).await {
            Ok(presented) => (presented, true),
            Err(RefreshError::Failed(failure)) => return Err(failure),
            Err(RefreshError::Invalid(VerifyError::Expired { .. })) => {
                match self.tokens().signed_refresh(token, self.clock.now()) {
                    Some((_, presented)) => (presented, false),
                    None => return Ok(SignedInSession::Unknown),
                }
            }
            Err(_) => return Ok(SignedInSession::Unknown),
        };
        let Some(session) = self.store.session(presented.session()).await? else {
            return self.over(&presented, None).await;
        };
        match session.verdict(&presented, self.now(), self.rules.refresh_grace) {
            Verdict::Forged => Ok(SignedInSession::Unknown),
            Verdict::Current | Verdict::Replay if in_time => {
                let user = self.store.user(session.user_id).await?;
                match user.filter(|user| !user.disabled) {
                    Some(user) => Ok(SignedInSession::Live {
                        session: Box::new(session),
                        user: Box::new(user),
                    }),
                    None => self.over(&presented, Some(session)).await,
                }
            }
            _ => self.over(&presented, Some(session)).await,
        }
    }

    async fn over(&self, presented: &Presented, row: Option<Session>) -> Result<SignedInSession, Failure> {
        let generation = Some(presented.generation().0);
        let facts = self
            .facts_of_session(presented.session(), row, generation)
            .await?;
        Ok(SignedInSession::Over(Box::new(facts)))
    }
}
