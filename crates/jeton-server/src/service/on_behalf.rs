//! Tokens an administrator makes on somebody's behalf.

use std::time::Duration;

use super::{Failure, Service, admin::NotAllowed, claims::Access, login::SignedIn};
use crate::{
    model::{
        audit::{Action, Actor, Event},
        claims::CustomClaims,
        client::Client,
        id::{TokenId, UserId},
        session::Session,
        user::User,
        username::UsernameKey,
    },
    store::{OpenSession, Opening},
};

/// What an administrator asks for.
#[derive(Debug)]
pub struct OnBehalf {
    /// Nothing when what was typed cannot be anybody's name.
    pub username: Option<UsernameKey>,
    pub custom_claims: CustomClaims,
    /// How long the token lives; only ever shorter than any other.
    pub expires_in: Option<Duration>,
    pub client: Client,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnBehalfError {
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error("there is no such user")]
    UserNotFound,
    /// An administrator's token comes from an administrator's own login alone.
    #[error("the user is an administrator")]
    TargetIsAdmin,
    #[error("the lifetime is zero or longer than an access token's")]
    Lifetime { longest: Duration },
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Makes an access token for a user, without a refresh token, that names the administrator as its actor.
    ///
    /// # Errors
    ///
    /// [`OnBehalfError`] says which condition does not hold.
    pub async fn sign_in_on_behalf(
        &self,
        admin: UserId,
        proof: &Access,
        request: OnBehalf,
    ) -> Result<SignedIn, OnBehalfError> {
        self.require_recent_admin(admin, proof).await?;
        let lifetime = self.shortened(request.expires_in)?;
        let user = self.find(request.username).await?;
        if user.is_admin() {
            return Err(OnBehalfError::TargetIsAdmin);
        }
        let session = self
            .open_on_behalf(&user, admin, lifetime, &request.client)
            .await?;
        let time = session.created_at.into();
        let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
        let pair = self
            .tokens()
            .access_alone(&session, &user, &request.custom_claims, id, time)
            .map_err(Failure::from)?;
        tracing::warn!(%admin, user = %user.id, session = %session.id, "token made on a user's behalf");
        Ok(SignedIn {
            user: user.id,
            pair,
            device: None,
        })
    }

    fn shortened(&self, asked: Option<Duration>) -> Result<Duration, OnBehalfError> {
        let longest = self.rules.access_lifetime;
        match asked {
            None => Ok(longest),
            Some(span) if !span.is_zero() && span <= longest => Ok(span),
            Some(_) => Err(OnBehalfError::Lifetime { longest }),
        }
    }

    async fn find(&self, username: Option<UsernameKey>) -> Result<User, OnBehalfError> {
        let Some(name) = username else {
            return Err(OnBehalfError::UserNotFound);
        };
        let account = self.store.account_by_name(&name).await.map_err(Failure::from)?;
        account
            .map(|account| account.user)
            .filter(|user| !user.disabled)
            .ok_or(OnBehalfError::UserNotFound)
    }

    async fn open_on_behalf(
        &self,
        user: &User,
        admin: UserId,
        lifetime: Duration,
        client: &Client,
    ) -> Result<Session, OnBehalfError> {
        let session = self.new_session(user.id, client.device.clone(), self.clock.now())?;
        let end = session.created_at.plus(lifetime);
        let session = Session {
            actor: Some(admin),
            expires_at: end,
            ends_at: end,
            ..session
        };
        let event = Event::new(Action::ActedFor, session.created_at)
            .user(user.id)
            .session(session.id)
            .by(Some(Actor::User(admin)))
            .personal(self.personal(client)?);
        let opening = Opening {
            session: session.clone(),
            version: user.version,
            password_hash: None,
            forgives: None,
            event,
        };
        match self.store.open_session(opening).await.map_err(Failure::from)? {
            OpenSession::Opened(made_room) => self.revoked.apply(&made_room),
            OpenSession::AccountChanged => return Err(OnBehalfError::UserNotFound),
        }
        Ok(session)
    }
}
