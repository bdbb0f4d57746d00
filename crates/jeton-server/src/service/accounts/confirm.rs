//! A password given again in a session, where something asks for a recent sign-in.

use super::{
    login::{Claim, Credentials, LoginError, Proven},
    throttle::Place,
};
use crate::{
    model::{
        audit::Action, password::Password, session::Session, user_agent::UserAgent, username::PresentedName,
    },
    service::{Failure, Service, TRIES, caller::Caller},
    store::{Reauthenticated, Reauthentication},
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmError {
    /// Somebody acts on the user's behalf, and could guess at their password.
    #[error("a sign-in is confirmed by the user")]
    OnBehalf,
    /// The session has ended, or its user has been deleted.
    #[error("the session is over")]
    SessionOver,
    /// The password is wrong, or too many were.
    #[error(transparent)]
    Refused(#[from] LoginError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Has the user of a session prove once more who they are. The session's access tokens name this time from now on.
    ///
    /// The password is checked as at a sign-in: a wrong one counts against the session.
    ///
    /// # Errors
    ///
    /// [`ConfirmError`] when the password is wrong or the session is over.
    pub async fn confirm(
        &self,
        caller: &Caller,
        password: Password,
        agent: UserAgent,
    ) -> Result<Session, ConfirmError> {
        if caller.actor().is_some() {
            return Err(ConfirmError::OnBehalf);
        }
        let Some(owner) = self.store.user(caller.user()).await.map_err(Failure::from)? else {
            return Err(ConfirmError::SessionOver);
        };
        let credentials = Credentials {
            username: PresentedName::new(owner.username.as_str().to_owned()),
            password,
            agent,
        };
        let mut proven = self.prove(credentials, Place::Session(*caller)).await?;
        for _ in 0..TRIES {
            match self.reauthenticate(&proven, caller).await? {
                Reauthenticated::Done(session) => {
                    tracing::info!(user = %session.user_id, session = %session.id, "sign-in confirmed");
                    return Ok(*session);
                }
                Reauthenticated::SessionOver => {
                    // Nobody has guessed anything: the password was right.
                    self.withdraw(&proven.claim.attempt).await?;
                    return Err(ConfirmError::SessionOver);
                }
                Reauthenticated::AccountChanged => proven = self.prove_again(proven.claim).await?,
            }
        }
        Err(self.gives_up(&proven).await?.into())
    }

    async fn reauthenticate(&self, proven: &Proven, caller: &Caller) -> Result<Reauthenticated, Failure> {
        let Claim { agent, attempt, .. } = &proven.claim;
        let event = caller
            .event(Action::SignedInAgain, self.now())
            .personal(self.personal(agent)?);
        let proof = Reauthentication {
            user: caller.user(),
            session: caller.session(),
            checked: proven.hash.clone(),
            forgives: attempt.counted(),
            event: attempt.told(event),
        };
        Ok(self.store.reauthenticate(&proof).await?)
    }
}
