use serde::Deserialize;

use super::refresh::RefreshError;
use crate::{
    model::{
        id::SessionId,
        session::{EndReason, Presented, Verdict},
    },
    service::{Failure, Service, caller::Caller},
    store::{Rotation, Which},
};

/// The sessions of a user that a logout ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogoutScope {
    /// The session that the logout is asked from.
    #[default]
    Session,
    /// Every other session.
    Others,
    /// Every session, and every access token of the user, whatever issued it.
    All,
}

impl LogoutScope {
    /// The scopes by their names in requests.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("session", Self::Session),
        ("others", Self::Others),
        ("all", Self::All),
    ];

    const fn from(self, session: SessionId) -> Which {
        match self {
            Self::Session => Which::One(session),
            Self::Others => Which::AllBut(session),
            Self::All => Which::All,
        }
    }
}

/// Through a text: for an enum the parser calls any other type a mistake of syntax, and it is none.
impl TryFrom<String> for LogoutScope {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let mut named = Self::NAMES.into_iter();
        named
            .find_map(|(of_scope, scope)| (of_scope == name).then_some(scope))
            .ok_or("not one of session, others, all")
    }
}

impl Service {
    /// Ends sessions for the bearer of a verified access token.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does; nothing has ended then.
    pub async fn logout(&self, caller: &Caller, scope: LogoutScope) -> Result<(), Failure> {
        let which = scope.from(caller.session());
        self.end(caller.user(), caller.actor(), which, EndReason::Logout)
            .await?;
        Ok(())
    }

    /// Ends the session a browser had until it signed in anew, whoever's it was: its cookies are gone, so that nobody
    /// could sign out of it there.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does. A token of no session is no error.
    pub async fn end_replaced(&self, refresh_token: &str) -> Result<(), Failure> {
        let presented = match self.read_refresh(refresh_token).await {
            Ok(presented) => presented,
            Err(RefreshError::Failed(failure)) => return Err(failure),
            Err(_) => return Ok(()),
        };
        let Some(session) = self.store.session(presented.session()).await? else {
            return Ok(());
        };
        match session.verdict(&presented, self.now(), self.rules.refresh_grace) {
            Verdict::Forged | Verdict::Ended => Ok(()),
            _ => {
                let which = Which::One(session.id);
                self.end(session.user_id, None, which, EndReason::Replaced)
                    .await?;
                Ok(())
            }
        }
    }

    /// Ends sessions for the bearer of a refresh token, whose access token may have expired.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], as when the token is exchanged; a token that was superseded for good ends its session
    /// and no other.
    pub async fn logout_with_refresh(
        &self,
        presented: &Presented,
        scope: LogoutScope,
    ) -> Result<(), RefreshError> {
        let now = self.now();
        let session = self
            .store
            .session(presented.session())
            .await
            .map_err(Failure::from)?;
        let Some(session) = session else {
            return Err(self.gone(presented, RefreshError::Unknown).await);
        };
        match session.verdict(presented, now, self.rules.refresh_grace) {
            Verdict::Current | Verdict::Replay => {
                // No actor: nobody who acts for others has a refresh token.
                let which = scope.from(session.id);
                self.end(session.user_id, None, which, EndReason::Logout).await?;
                Ok(())
            }
            Verdict::Ended => Err(self.gone(presented, RefreshError::Ended).await),
            Verdict::Expired => Err(RefreshError::Expired),
            Verdict::Forged => Err(RefreshError::Unknown),
            // Presenting the token ends its session: the store does that and records it in one transaction.
            Verdict::Reuse | Verdict::AheadOfRow => {
                let rules = self.rotation_rules(now);
                match self
                    .store
                    .rotate_session(presented, &rules)
                    .await
                    .map_err(Failure::from)?
                {
                    Rotation::Refused(refusal) => Err(self.refused(presented, &rules, refusal).await),
                    Rotation::Rotated(_) | Rotation::Replayed(_) => Err(RefreshError::Ended),
                }
            }
        }
    }
}
