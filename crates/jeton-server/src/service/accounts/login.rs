use std::time::SystemTime;

use super::throttle::{Attempt, Place, Throttled};
use crate::{
    model::{
        audit::{Action, Event},
        device::Device,
        id::{SessionId, TokenId, UserId},
        known_device::DeviceToken,
        password::Password,
        session::{Generation, Session, SessionSecret},
        time::Timestamp,
        user::{Account, PasswordHash},
        user_agent::UserAgent,
        username::PresentedName,
    },
    service::{
        Failure, Service, TRIES,
        machinery::{hasher::Checked, tokens::Pair},
    },
    store::{OpenSession, Opened, Opening, Proof},
};

/// A name and a password, and the client that presents them.
#[derive(Debug)]
pub struct Credentials {
    pub username: PresentedName,
    pub password: Password,
    pub agent: UserAgent,
}

/// A session that has just been opened or exchanged, and its tokens.
#[derive(Debug)]
pub struct SignedIn {
    pub user: UserId,
    pub pair: Pair,
    /// The token by which the device is known at its next sign-in.
    pub device: Option<DeviceToken>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The name or the password is wrong; which, nobody is told.
    #[error("the name or the password is wrong")]
    InvalidCredentials,
    #[error(transparent)]
    Throttled(#[from] Throttled),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// An account whose right password was given.
#[derive(Debug)]
pub(in crate::service) struct Proven {
    pub(in crate::service) account: Account,
    /// The hash that the password was checked against.
    pub(in crate::service) hash: PasswordHash,
    /// Whether a hash made today would be of another scheme or cost.
    outdated: bool,
    pub(in crate::service) claim: Claim,
}

/// A name and a password, admitted to be checked.
#[derive(Debug)]
pub(in crate::service) struct Claim {
    username: PresentedName,
    password: Password,
    pub(in crate::service) agent: UserAgent,
    pub(in crate::service) attempt: Attempt,
}

impl Service {
    /// Checks a name and a password, and opens a session.
    ///
    /// A name nobody has takes the same steps and one hash of the same cost.
    ///
    /// # Errors
    ///
    /// [`LoginError`], the same for an unknown name, a wrong password and a disabled account.
    pub async fn login(&self, credentials: Credentials) -> Result<SignedIn, LoginError> {
        let mut proven = self.prove(credentials, Place::Device).await?;
        for _ in 0..TRIES {
            if let Some(signed_in) = self.open_session(&proven).await? {
                if proven.outdated {
                    self.rehash_later(&proven.account, proven.claim.password);
                }
                return Ok(signed_in);
            }
            proven = self.prove_again(proven.claim).await?;
        }
        Err(self.gives_up(&proven).await?.into())
    }

    /// Checks a name and a password, slowed down by the failures before. A failure is counted and recorded; a success
    /// is neither until it is used.
    ///
    /// # Errors
    ///
    /// [`LoginError`], as [`Service::login`].
    pub(in crate::service) async fn prove(
        &self,
        credentials: Credentials,
        place: Place,
    ) -> Result<Proven, LoginError> {
        let Credentials {
            username,
            password,
            agent,
        } = credentials;
        let account = self.account_named(&username).await?;
        let user = account.as_ref().map(|account| &account.user);
        let attempt = self.admit(&username, user, &agent, place).await??;
        let claim = Claim {
            username,
            password,
            agent,
            attempt,
        };
        self.check(claim, account).await
    }

    /// Checks a right password once more, since the hash that it was checked against is there no longer: another
    /// password was set meanwhile, or the same one rehashed. It counts as the same attempt.
    ///
    /// # Errors
    ///
    /// [`LoginError`], as [`Service::login`].
    pub(in crate::service) async fn prove_again(&self, claim: Claim) -> Result<Proven, LoginError> {
        let account = self.account_named(&claim.username).await?;
        self.check(claim, account).await
    }

    /// Gives up an attempt whose account changes faster than it can be checked. It does not count, since nobody has
    /// learnt anything from it.
    pub(in crate::service) async fn gives_up(&self, proven: &Proven) -> Result<Failure, Failure> {
        self.withdraw(&proven.claim.attempt).await?;
        Ok(Failure::Changing)
    }

    async fn account_named(&self, name: &PresentedName) -> Result<Option<Account>, Failure> {
        match name.key() {
            Some(name) => Ok(self.store.account_by_name(name).await?),
            None => Ok(None),
        }
    }

    async fn check(&self, claim: Claim, account: Option<Account>) -> Result<Proven, LoginError> {
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let (password, name) = (claim.password.clone(), claim.username.as_str());
        let from = claim.agent.address;
        let checked = match self.hasher.check(password, name, hash.as_ref(), from).await {
            Ok(checked) => checked,
            Err(busy) => {
                self.withdraw(&claim.attempt).await?;
                return Err(Failure::from(busy).into());
            }
        };
        let owner = account.as_ref().map(|account| account.user.id);
        let account = account.filter(|account| checked.is_right() && !account.user.disabled);
        let Some((account, hash)) = account.zip(hash) else {
            self.refuse(&claim.attempt, owner, &claim.agent).await?;
            return Err(LoginError::InvalidCredentials);
        };
        Ok(Proven {
            account,
            hash,
            outdated: checked == Checked::RightButOutdated,
            claim,
        })
    }

    /// Opens a session; none when the hash that was checked is there no longer.
    async fn open_session(&self, proven: &Proven) -> Result<Option<SignedIn>, LoginError> {
        let time = self.clock.now();
        let Claim { agent, attempt, .. } = &proven.claim;
        let user = proven.account.user.id;
        let opening = self.opening(user, proven.hash.clone(), agent, attempt, time)?;
        let session = opening.session.clone();
        match self.store.open_session(opening).await.map_err(Failure::from)? {
            OpenSession::Opened(opened) => {
                let signed_in = self.opened(&session, &opened, attempt, time)?;
                Ok(Some(signed_in))
            }
            OpenSession::AccountChanged => Ok(None),
        }
    }

    /// A session about to open for a user whose password was given, on the proof of `hash`.
    pub(in crate::service) fn opening(
        &self,
        user: UserId,
        hash: PasswordHash,
        agent: &UserAgent,
        attempt: &Attempt,
        time: SystemTime,
    ) -> Result<Opening, Failure> {
        let now = Timestamp::from(time);
        let ends_at = now.plus(self.rules.session_lifetime);
        let session = Session {
            expires_at: now.plus(self.rules.refresh_lifetime).min(ends_at),
            ends_at,
            ..self.new_session(user, agent.device.clone(), time)?
        };
        let event = Event::new(Action::SignedIn, now)
            .user(session.user_id)
            .session(session.id)
            .personal(self.personal(agent)?);
        Ok(Opening {
            session,
            proof: Proof::Password(hash),
            event: attempt.told(event),
            forgives: attempt.counted(),
        })
    }

    /// The tokens of a session that has just opened, with its user as they were at that moment.
    pub(in crate::service) fn opened(
        &self,
        session: &Session,
        opened: &Opened,
        attempt: &Attempt,
        time: SystemTime,
    ) -> Result<SignedIn, Failure> {
        let Opened { user, made_room } = opened;
        self.revocations.apply(made_room);
        let id = TokenId::new(time, self.random.bytes()?);
        let pair = self.tokens().pair(session, user, id, time)?;
        let device = self.device_token(user, attempt)?;
        tracing::info!(user = %user.id, session = %session.id, "session opened");
        Ok(SignedIn {
            user: user.id,
            pair,
            device: Some(device),
        })
    }

    /// A session of the first generation that expires as it begins: the caller sets how long it lives.
    pub(in crate::service) fn new_session(
        &self,
        user_id: UserId,
        device: Device,
        time: SystemTime,
    ) -> Result<Session, Failure> {
        let now = Timestamp::from(time);
        Ok(Session {
            id: SessionId::new(time, self.random.bytes()?),
            user_id,
            generation: Generation::default(),
            secret: SessionSecret::new(self.random.bytes()?),
            refresh_key: self.tokens().refresh_key().to_string(),
            created_at: now,
            authenticated_at: now,
            rotated_at: now,
            last_seen_at: now,
            expires_at: now,
            ends_at: now,
            accepted_until: now.plus(self.accepted_for()),
            replays: 0,
            rested_at: now,
            device,
            actor: None,
            grant: None,
            ended_at: None,
            ended: None,
        })
    }
}
