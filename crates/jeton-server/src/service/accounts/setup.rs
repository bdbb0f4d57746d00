//! The first administrator, made in the browser with a link that whoever starts the service is shown.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    login::SignedIn,
    register::{CreateError, Maker, Prepared, Registration},
};
use crate::{
    model::{
        ceremony::{CeremonySecret, Kind},
        id::CeremonyId,
        password::PasswordError,
        role::Role,
        user_agent::UserAgent,
        username::PresentedName,
    },
    service::{
        Failure, Service,
        ceremonies::{CeremonyError, State},
    },
    store::{SetUp, SetUpOutcome},
};

/// A set-up knows nothing beforehand.
#[derive(Debug, Serialize, Deserialize)]
struct FirstStart {}

impl State for FirstStart {
    const KIND: Kind = Kind::Setup;
    /// Good until there is an administrator.
    const LIFETIME: Option<Duration> = None;
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetUpError {
    /// Every link is worthless from then on.
    #[error("there is an administrator already")]
    AdministratorExists,
    /// The secret is no link's, or its link was used.
    #[error("the link is not good")]
    InvalidLink,
    #[error("the name belongs to somebody")]
    UsernameTaken,
    #[error(transparent)]
    WeakPassword(PasswordError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<CreateError> for SetUpError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::UsernameTaken => Self::UsernameTaken,
            CreateError::WeakPassword(error) => Self::WeakPassword(error),
            CreateError::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl Service {
    /// Whether there is an administrator, enabled or disabled.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn has_administrator(&self) -> Result<bool, Failure> {
        Ok(self.store.has_administrator().await?)
    }

    /// Makes the secret of a link that makes the first administrator; none when there is one, enabled or disabled. The
    /// links before are good for nothing from then on.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn setup_link(&self) -> Result<Option<CeremonySecret>, Failure> {
        if self.has_administrator().await? {
            return Ok(None);
        }
        let begun = self.begin_ceremony(None, &FirstStart {}).await?;
        Ok(Some(begun.secret))
    }

    /// Says whether a link would make the first administrator now. Nothing changes.
    ///
    /// # Errors
    ///
    /// [`SetUpError`] says why not.
    pub async fn check_setup_link(&self, secret: &CeremonySecret) -> Result<(), SetUpError> {
        self.opened_setup(secret).await.map(drop)
    }

    /// Makes the first administrator and signs them in, in one transaction that needs an unused link and that there is
    /// no administrator. Whether others may register makes no difference.
    ///
    /// # Errors
    ///
    /// [`SetUpError`]. After [`SetUpError::UsernameTaken`] and [`SetUpError::WeakPassword`] the link stays good.
    pub async fn set_up(
        &self,
        secret: &CeremonySecret,
        registration: Registration,
        agent: &UserAgent,
    ) -> Result<SignedIn, SetUpError> {
        let ceremony = self.opened_setup(secret).await?;
        let admin = Role::admin();
        let prepared = self
            .accounts()
            .prepare(registration.account(vec![admin]), Maker::Installer(agent))
            .await?;
        let Prepared { account, event, .. } = prepared;
        let user = account.user.clone();
        let attempt = self.uncounted(&PresentedName::new(user.username.as_str().to_owned()));
        let time = self.clock.now();
        let hash = account.password_hash.clone().ok_or(Failure::Changing)?;
        let opens = self.opening(user.id, hash, agent, &attempt, time)?;
        let session = opens.session.clone();
        let setup = SetUp {
            ceremony,
            account,
            event,
            opens,
        };
        let opened = match self.store.set_up(&setup).await.map_err(Failure::from)? {
            SetUpOutcome::Done(opened) => opened,
            SetUpOutcome::AdministratorExists => return Err(SetUpError::AdministratorExists),
            SetUpOutcome::CeremonyOver => return Err(SetUpError::InvalidLink),
            SetUpOutcome::UsernameTaken => return Err(SetUpError::UsernameTaken),
        };
        tracing::warn!(user = %user.id, "the first administrator was made");
        self.forgive_predecessors(&user).await;
        Ok(self.opened(&session, &opened, &attempt, time)?)
    }

    /// The ceremony of a link. That there is an administrator is said first: it is what became of most links.
    async fn opened_setup(&self, secret: &CeremonySecret) -> Result<CeremonyId, SetUpError> {
        if self.has_administrator().await? {
            return Err(SetUpError::AdministratorExists);
        }
        match self.open_ceremony::<FirstStart>(secret).await {
            Ok(open) => Ok(open.id),
            Err(CeremonyError::Failed(failure)) => Err(failure.into()),
            Err(CeremonyError::Used | CeremonyError::Expired | CeremonyError::Unknown) => {
                Err(SetUpError::InvalidLink)
            }
        }
    }
}
