//! Tokens that an administrator makes on a user's behalf.

use std::time::Duration;

use crate::{
    model::{
        audit::{Action, Actor, Event},
        claims::CustomClaims,
        id::{TokenId, UserId},
        session::Session,
        user::User,
        user_agent::UserAgent,
        username::UsernameKey,
    },
    service::{
        Failure, Service, TRIES,
        accounts::{admin::RecentAdministrator, login::SignedIn},
    },
    store::{OpenSession, Opening, Proof},
};

/// An administrator's request for a user's token.
#[derive(Debug)]
pub struct OnBehalf {
    /// None when the text presented can be nobody's name.
    pub username: Option<UsernameKey>,
    pub custom_claims: CustomClaims,
    /// How long the token lives; never longer than others.
    pub expires_in: Option<Duration>,
    pub agent: UserAgent,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnBehalfError {
    #[error("there is no such user")]
    UserNotFound,
    /// An administrator's token comes from an administrator's own sign-in only.
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
        admin: &RecentAdministrator,
        request: OnBehalf,
    ) -> Result<SignedIn, OnBehalfError> {
        let admin = admin.id();
        let lifetime = self.shortened(request.expires_in)?;
        for _ in 0..TRIES {
            let user = self.find(request.username.as_ref()).await?;
            if user.is_admin() {
                return Err(OnBehalfError::TargetIsAdmin);
            }
            let opened = self.open_on_behalf(&user, admin, lifetime, &request.agent);
            let Some((session, user)) = opened.await? else {
                continue;
            };
            let time = session.created_at.into();
            let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
            let pair = self
                .tokens()
                .access_alone(&session, &user, &request.custom_claims, id, time)
                .map_err(Failure::from)?;
            tracing::warn!(%admin, user = %user.id, session = %session.id, "token made on a user's behalf");
            return Ok(SignedIn {
                user: user.id,
                pair,
                device: None,
            });
        }
        Err(Failure::Changing.into())
    }

    fn shortened(&self, asked: Option<Duration>) -> Result<Duration, OnBehalfError> {
        let longest = self.rules.access_lifetime;
        match asked {
            None => Ok(longest),
            Some(span) if !span.is_zero() && span <= longest => Ok(span),
            Some(_) => Err(OnBehalfError::Lifetime { longest }),
        }
    }

    async fn find(&self, username: Option<&UsernameKey>) -> Result<User, OnBehalfError> {
        let Some(name) = username else {
            return Err(OnBehalfError::UserNotFound);
        };
        let account = self.store.account_by_name(name).await.map_err(Failure::from)?;
        account
            .map(|account| account.user)
            .filter(|user| !user.disabled)
            .ok_or(OnBehalfError::UserNotFound)
    }

    /// Opens the session, and returns it with its user; none when the user has changed since.
    async fn open_on_behalf(
        &self,
        user: &User,
        admin: UserId,
        lifetime: Duration,
        agent: &UserAgent,
    ) -> Result<Option<(Session, User)>, Failure> {
        let session = self.new_session(user.id, agent.device.clone(), self.clock.now())?;
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
            .personal(self.personal(agent)?);
        let opening = Opening {
            session: session.clone(),
            proof: Proof::Vouched(user.version),
            forgives: None,
            event,
        };
        match self.store.open_session(opening).await? {
            OpenSession::Opened(opened) => {
                self.revocations.apply(&opened.made_room);
                Ok(Some((session, opened.user)))
            }
            OpenSession::AccountChanged => Ok(None),
        }
    }
}
