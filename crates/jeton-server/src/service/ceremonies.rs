//! Ceremonies: begun, gone on with by whoever has the secret, and finished once. What each is for is the business of the
//! use-case that begins it.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{Failure, Service};
use crate::model::{
    ceremony::{Ceremony, CeremonySecret, Kind, Standing},
    id::{CeremonyId, UserId},
    time::Timestamp,
};

/// The state of one kind of ceremony between its stations.
pub trait State: Serialize + DeserializeOwned + Send + Sync {
    const KIND: Kind;
    /// How long it may take; none where it is good until it is used.
    const LIFETIME: Option<Duration>;
}

/// A ceremony that has begun.
#[derive(Debug)]
pub struct Begun {
    pub id: CeremonyId,
    /// Shown this once.
    pub secret: CeremonySecret,
    pub expires_at: Option<Timestamp>,
}

/// A ceremony that can go on, with what is known so far.
#[derive(Debug)]
pub struct Open<S> {
    pub id: CeremonyId,
    pub user: Option<UserId>,
    pub expires_at: Option<Timestamp>,
    pub state: S,
}

/// Why a ceremony cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CeremonyError {
    #[error("it was finished before")]
    Used,
    #[error("its time is over")]
    Expired,
    /// There is none with this secret, or its time was over long ago.
    #[error("there is no such thing under way")]
    Unknown,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Begins a ceremony, for a user if one is known already.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn begin_ceremony<S: State>(&self, user: Option<UserId>, state: &S) -> Result<Begun, Failure> {
        let time = self.clock.now();
        let now = Timestamp::from(time);
        let id = CeremonyId::new(time, self.random.bytes()?);
        let secret = CeremonySecret::new(S::KIND, self.random.bytes()?);
        // A state is a plain struct, which is always written.
        let text = Zeroizing::new(serde_json::to_vec(state).unwrap_or_default());
        let ceremony = Ceremony {
            id,
            kind: S::KIND,
            user,
            secret: secret.digest(),
            state: self.states.seal(id, S::KIND, &text, &*self.random)?,
            created_at: now,
            expires_at: S::LIFETIME.map(|lifetime| now.plus(lifetime)),
            used_at: None,
        };
        match S::KIND {
            Kind::Setup => self.store.begin_setup(&ceremony).await?,
            _ => self.store.begin_ceremony(&ceremony).await?,
        }
        tracing::info!(ceremony = %id, kind = S::KIND.as_str(), "ceremony begun");
        Ok(Begun {
            id,
            secret,
            expires_at: ceremony.expires_at,
        })
    }

    /// Reads a ceremony that somebody goes on with. Nothing changes.
    ///
    /// # Errors
    ///
    /// [`CeremonyError`] says why it cannot go on.
    pub async fn open_ceremony<S: State>(&self, secret: &CeremonySecret) -> Result<Open<S>, CeremonyError> {
        let (open, standing) = self.found_ceremony(secret).await?;
        match standing {
            Standing::Open => Ok(open),
            Standing::Used => Err(CeremonyError::Used),
            Standing::Expired => Err(CeremonyError::Expired),
        }
    }

    /// Reads a ceremony whether or not it can go on: whoever finishes it is told then.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Unknown`] when there is none.
    pub(in crate::service) async fn any_ceremony<S: State>(
        &self,
        secret: &CeremonySecret,
    ) -> Result<Open<S>, CeremonyError> {
        Ok(self.found_ceremony(secret).await?.0)
    }

    async fn found_ceremony<S: State>(
        &self,
        secret: &CeremonySecret,
    ) -> Result<(Open<S>, Standing), CeremonyError> {
        let found = self
            .store
            .ceremony(&secret.digest())
            .await
            .map_err(Failure::from)?;
        let Some(ceremony) = found.filter(|found| found.kind == S::KIND) else {
            return Err(CeremonyError::Unknown);
        };
        let standing = ceremony.standing(self.now());
        let text = self.states.open(ceremony.id, ceremony.kind, &ceremony.state);
        let text = text.map_err(Failure::from)?;
        // Of another version's form: nobody can go on with it here.
        let state = jeton::json::from_slice(&text).map_err(|_| CeremonyError::Unknown)?;
        let open = Open {
            id: ceremony.id,
            user: ceremony.user,
            expires_at: ceremony.expires_at,
            state,
        };
        Ok((open, standing))
    }

    /// Uses a ceremony up that changes nothing else.
    ///
    /// # Errors
    ///
    /// [`CeremonyError`] when it is not open: of many who finish it at once, one does.
    pub async fn finish_ceremony<S>(&self, open: &Open<S>) -> Result<(), CeremonyError> {
        let now = self.now();
        if self
            .store
            .finish_ceremony(open.id, now)
            .await
            .map_err(Failure::from)?
        {
            Ok(())
        } else if open.expires_at.is_some_and(|end| now >= end) {
            Err(CeremonyError::Expired)
        } else {
            Err(CeremonyError::Used)
        }
    }
}
