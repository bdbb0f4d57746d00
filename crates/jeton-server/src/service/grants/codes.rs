//! Authorization codes: given to a client through its user's browser, and redeemed once within a minute.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::tokens::GrantTokens;
use crate::{
    model::{
        audit::{Action, Event},
        authorization::{AuthorizationRequest, Challenge, Verifier},
        ceremony::{CeremonySecret, Kind},
        grant::{Grant, Terms},
        id::{ClientId, SessionId},
        scope::{Scope, joined},
        session::{EndReason, Session},
        time::Timestamp,
        user_agent::UserAgent,
    },
    service::{
        Failure, Service,
        ceremonies::{CeremonyError, State},
        clients::proof::AuthenticatedClient,
    },
    store::{GrantEnding, Redeemed, Redemption, WhichGrants},
};

/// How long a code is good (RFC 6749 §4.1.2 has ten minutes at most).
const LIFETIME: Duration = Duration::from_mins(1);

/// What a code stands for.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::service) struct Code {
    client: ClientId,
    /// The id that its grant will have.
    grant: SessionId,
    /// The session in which it is given.
    session: SessionId,
    authenticated_at: i64,
    /// As the request named it; none where it did not.
    redirect_uri: Option<String>,
    challenge: Option<Challenge>,
    scopes: Vec<Scope>,
    resources: Vec<String>,
    nonce: Option<String>,
}

impl State for Code {
    const KIND: Kind = Kind::Code;
    const LIFETIME: Option<Duration> = Some(LIFETIME);
}

/// What a client sends to redeem a code.
#[derive(Debug)]
pub struct Redeeming<'a> {
    pub code: CeremonySecret,
    pub redirect_uri: Option<&'a str>,
    pub verifier: Option<&'a str>,
    /// Resources that the access token is narrowed to (RFC 8707 §2.2).
    pub resources: Vec<String>,
}

/// Why tokens are not given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The code or refresh token is good for nothing; why, is for the client's author.
    #[error("{0}")]
    Invalid(&'static str),
    #[error("the client may not have these scopes")]
    InvalidScope,
    #[error("the grant is not for these resources")]
    InvalidTarget,
    /// The key that signs this client's ID tokens is published and does not sign yet.
    #[error("the key for this client's ID tokens signs from {0} on")]
    NotYet(Timestamp),
    /// The grant was refreshed so often that the next time has to wait.
    #[error("the grant was refreshed too often")]
    TooOften { left: Duration },
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Makes the code that lets a client do what a user allowed it, in the user's session.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database fails.
    pub async fn give_code(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
    ) -> Result<CeremonySecret, Failure> {
        let code = Code {
            client: request.client,
            grant: SessionId::new(self.clock.now(), self.random.bytes()?),
            session: session.id,
            authenticated_at: session.authenticated_at.seconds(),
            redirect_uri: request.redirect_named.then(|| request.redirect_uri.clone()),
            challenge: request.challenge.clone(),
            scopes: request.scopes.clone(),
            resources: request.resources.clone(),
            nonce: request.nonce.clone(),
        };
        let begun = self.begin_ceremony(Some(session.user_id), &code).await?;
        Ok(begun.secret)
    }

    /// Exchanges a code for tokens. Of many who do so at once one succeeds; whoever comes after that ends the grant.
    ///
    /// # Errors
    ///
    /// [`GrantError`] says why nothing is given.
    pub async fn redeem_code(
        &self,
        client: &AuthenticatedClient,
        redeeming: &Redeeming<'_>,
        agent: &UserAgent,
    ) -> Result<GrantTokens, GrantError> {
        const UNKNOWN: GrantError = GrantError::Invalid("The code is unknown, or belongs to another client");
        let found = self.any_ceremony::<Code>(&redeeming.code).await;
        let found = match found {
            Ok(found) => found,
            Err(CeremonyError::Failed(failure)) => return Err(failure.into()),
            Err(_) => return Err(UNKNOWN),
        };
        let code = &found.state;
        let Some(user) = found.user.filter(|_| code.client == client.id) else {
            return Err(UNKNOWN);
        };
        code.fits(redeeming)?;
        if code.challenge.is_none() && !client.registration.may_omit_pkce() {
            return Err(GrantError::Invalid(
                "The client has to use PKCE by now: begin anew",
            ));
        }
        let resources = narrowed(&code.resources, &redeeming.resources)?;
        self.may_sign_for(client, &code.scopes).await?;
        let time = self.clock.now();
        let now = Timestamp::from(time);
        let (offline, ends_at) = self.grants_end(code, now).await?;
        let grant = Session {
            id: code.grant,
            authenticated_at: Timestamp::from_seconds(code.authenticated_at),
            expires_at: now.plus(self.rules.refresh_lifetime).min(ends_at),
            ends_at,
            grant: Some(Box::new(Grant {
                client: client.id,
                given_in: code.session,
                offline,
                terms: Terms {
                    scopes: code.scopes.clone(),
                    resources: code.resources.clone(),
                },
            })),
            ..self.new_session(user, agent.device.clone(), time)?
        };
        let event = Event::new(Action::Granted, now)
            .user(user)
            .session(grant.id)
            .detail("client", client.id.to_string())
            .detail("scope", joined(&code.scopes))
            .personal(self.personal(agent)?);
        let redemption = Redemption {
            code: found.id,
            grant: grant.clone(),
            event,
        };
        match self.store.redeem(redemption).await.map_err(Failure::from)? {
            Redeemed::Opened(opened) => {
                let (user, made_room) = *opened;
                self.revocations.apply(&made_room);
                let wanted = super::tokens::Wanted {
                    scopes: &code.scopes,
                    resources: &resources,
                    nonce: code.nonce.as_deref(),
                };
                self.grant_tokens(client, &grant, &user, &wanted, time).await
            }
            Redeemed::UsedBefore(revocations) => {
                self.heed(&revocations).await?;
                tracing::warn!(client = %client.id, grant = %code.grant, "authorization code used again: its grant ended");
                Err(GrantError::Invalid(
                    "The code was used before, so somebody may hold a copy: what it gave is revoked",
                ))
            }
            Redeemed::Expired => Err(GrantError::Invalid(
                "The code has expired: it is good for a minute",
            )),
            Redeemed::Over => Err(GrantError::Invalid(
                "The user's session is over, or the client may no longer",
            )),
        }
    }

    /// Whether a grant outlives its session, and when it ends at the latest.
    async fn grants_end(&self, code: &Code, now: Timestamp) -> Result<(bool, Timestamp), Failure> {
        let offline = code
            .scopes
            .iter()
            .any(|scope| scope.as_str() == crate::model::scope::OFFLINE_ACCESS);
        let latest = now.plus(self.rules.session_lifetime);
        if offline {
            return Ok((true, latest));
        }
        let session = self.store.session(code.session).await?;
        Ok((false, session.map_or(now, |session| session.ends_at.min(latest))))
    }

    /// Ends one grant of a user, by its id.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub(in crate::service) async fn end_grant(
        &self,
        grant: &Session,
        reason: EndReason,
    ) -> Result<(), Failure> {
        let ending = GrantEnding {
            which: WhichGrants::One {
                user: grant.user_id,
                grant: grant.id,
            },
            reason,
            by: None,
            now: self.now(),
        };
        let ended = self.store.end_grants(&ending).await?;
        self.heed(&ended.revocations).await
    }
}

impl Code {
    /// Whether whoever redeems the code is who asked for it.
    fn fits(&self, redeeming: &Redeeming<'_>) -> Result<(), GrantError> {
        if self
            .redirect_uri
            .as_deref()
            .is_some_and(|uri| redeeming.redirect_uri != Some(uri))
        {
            return Err(GrantError::Invalid(
                "`redirect_uri` is not the one of the authorization request",
            ));
        }
        match (&self.challenge, redeeming.verifier) {
            (Some(challenge), Some(verifier)) => match Verifier::read(verifier) {
                Some(verifier) if challenge.fits(&verifier) => Ok(()),
                _ => Err(GrantError::Invalid("`code_verifier` does not fit the challenge")),
            },
            (Some(_), None) => Err(GrantError::Invalid("`code_verifier` is missing")),
            // Somebody took the challenge out of the request (RFC 9700 §2.1.1).
            (None, Some(_)) => Err(GrantError::Invalid(
                "`code_verifier` is there, and the request had no challenge",
            )),
            (None, None) => Ok(()),
        }
    }
}

/// The resources of a token: those asked for, if the grant has them all.
pub(super) fn narrowed(granted: &[String], asked: &[String]) -> Result<Vec<String>, GrantError> {
    if asked.is_empty() {
        return Ok(granted.to_vec());
    }
    if asked.iter().all(|resource| granted.contains(resource)) {
        // In the order of the grant, and each once.
        let narrowed = granted.iter().filter(|resource| asked.contains(resource));
        Ok(narrowed.cloned().collect())
    } else {
        Err(GrantError::InvalidTarget)
    }
}
