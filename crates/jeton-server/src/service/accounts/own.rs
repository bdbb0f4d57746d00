//! Users' acts on their own accounts, and the views they have of them. Nobody acts so on their behalf.

use crate::{
    model::{
        audit::Event,
        email::EmailAddress,
        id::UserId,
        locale::Locale,
        user::{User, own::OwnChange},
        user_agent::UserAgent,
        username::Username,
    },
    service::{
        Failure, Service,
        caller::{Caller, RecentCaller},
    },
    store::{Acted, OwnAct, OwnChanged, OwnDeletion},
};

mod data;
mod seen;

pub use data::{ApplicationData, EventData, OwnData, SessionData};
pub use seen::{OwnSession, Reach};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OwnError {
    /// Somebody acts on the user's behalf.
    #[error("an account is changed by its owner")]
    OnBehalf,
    /// The user has been deleted or disabled.
    #[error("there is no such user any more")]
    UserGone,
    #[error("the name, or one that looks like it, belongs to somebody")]
    UsernameTaken,
    #[error("this is the last enabled administrator: afterwards nobody could administrate")]
    LastAdmin,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Sets the user's e-mail address, or removes it. Returns the user as they are now.
    ///
    /// # Errors
    ///
    /// [`OwnError::UserGone`].
    pub async fn change_email(
        &self,
        caller: &RecentCaller,
        email: Option<EmailAddress>,
        agent: &UserAgent,
    ) -> Result<User, OwnError> {
        self.change_own(caller, OwnChange::Email(email), agent).await
    }

    /// Gives the user another name, by the rules of registration. Access tokens that have the old one are revoked: it
    /// may be somebody else's from now on. Sessions stay.
    ///
    /// # Errors
    ///
    /// [`OwnError::UsernameTaken`], [`OwnError::UserGone`].
    pub async fn change_username(
        &self,
        caller: &RecentCaller,
        username: Username,
        agent: &UserAgent,
    ) -> Result<User, OwnError> {
        let user = self
            .change_own(caller, OwnChange::Username(username), agent)
            .await?;
        // What others failed under the name before it was theirs keeps nobody out.
        if let Err(error) = self.forgive(&user, self.now()).await {
            tracing::warn!(user = %user.id, %error, "failed attempts were not forgiven");
        }
        Ok(user)
    }

    /// Sets the language of the user's pages and mail, or leaves it to their browser.
    ///
    /// # Errors
    ///
    /// [`OwnError::OnBehalf`], [`OwnError::UserGone`].
    pub async fn set_locale(
        &self,
        caller: &Caller,
        locale: Option<Locale>,
        agent: &UserAgent,
    ) -> Result<User, OwnError> {
        if caller.actor().is_some() {
            return Err(OwnError::OnBehalf);
        }
        self.change_own(caller, OwnChange::Locale(locale), agent).await
    }

    /// Deletes the user's own account: ends their sessions, and erases them and their personal fields in the audit
    /// trail. The last enabled administrator stays.
    ///
    /// # Errors
    ///
    /// [`OwnError::LastAdmin`], [`OwnError::UserGone`].
    pub async fn delete_own_account(&self, caller: &RecentCaller) -> Result<(), OwnError> {
        let deletion = OwnDeletion {
            user: caller.user(),
            now: self.now(),
        };
        let deleted = self.store.delete_own(&deletion).await.map_err(Failure::from)?;
        match deleted {
            Acted::Done((), revocations) => {
                self.heed(&revocations).await?;
                tracing::warn!(user = %deletion.user, "user deleted by themselves");
                Ok(())
            }
            Acted::LastAdmin => Err(OwnError::LastAdmin),
            Acted::NotFound | Acted::TargetIsAdmin => Err(OwnError::UserGone),
        }
    }

    async fn change_own(
        &self,
        caller: &Caller,
        change: OwnChange,
        agent: &UserAgent,
    ) -> Result<User, OwnError> {
        let act = OwnAct {
            user: caller.user(),
            event: self.event_of(caller, &change, agent)?,
            change,
        };
        match self.store.change_own(&act).await.map_err(Failure::from)? {
            OwnChanged::Done(user, revocations) => {
                self.heed(&revocations).await?;
                tracing::info!(user = %user.id, change = act.change.action().as_str(), "account changed");
                Ok(*user)
            }
            OwnChanged::Gone => Err(OwnError::UserGone),
            OwnChanged::UsernameTaken => Err(OwnError::UsernameTaken),
        }
    }

    fn event_of(&self, caller: &Caller, change: &OwnChange, agent: &UserAgent) -> Result<Event, Failure> {
        let event = caller.event(change.action(), self.now());
        let personal = self.personal(agent)?;
        Ok(match change {
            OwnChange::Username(name) => event.personal(personal.field("username", name.as_str())),
            OwnChange::Email(email) => event
                .detail("email", if email.is_some() { "set" } else { "removed" })
                .personal(personal),
            OwnChange::Locale(locale) => event.detail("locale", locale.map(Locale::tag)).personal(personal),
        })
    }
}

/// The user whose own account it is.
fn owner(caller: &Caller) -> Result<UserId, OwnError> {
    match caller.actor() {
        None => Ok(caller.user()),
        Some(_) => Err(OwnError::OnBehalf),
    }
}
