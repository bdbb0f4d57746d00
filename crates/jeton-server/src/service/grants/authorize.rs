//! The answer to an authorization request: what its user has to do first, or what the client gets.

use std::time::Duration;

use crate::{
    model::{
        authorization::{AuthorizationError, AuthorizationRequest, Certain, Doubt, Parameters, Refusal},
        client::Client,
        scope::OPENID,
        session::Session,
        time::Timestamp,
        user::User,
    },
    service::{Failure, Service, ceremonies::CeremonyError},
};

/// A request read, or what is wrong with it.
#[derive(Debug)]
pub enum Asked {
    Request(Box<(Client, AuthorizationRequest)>),
    /// For the person alone.
    Doubtful(Doubt),
    /// For the client.
    Refused(Box<Refusal>),
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// Somebody has to sign in.
    SignIn,
    /// Whoever is signed in has to prove it once more, after this time.
    ProveAgain(Timestamp),
    /// They have to be asked whether they allow it, or which account they mean.
    Ask,
    /// The client may have its code.
    Allowed,
    Refuse(Box<Refusal>),
}

/// How long a password that was asked for counts, however fresh the client wants it: its user has a page to read.
const FRESH: Duration = Duration::from_mins(5);

impl Service {
    /// Reads an authorization request: its parameters, or what its client pushed beforehand.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn read_request(&self, parameters: &Parameters) -> Result<Asked, Failure> {
        let id = match parameters.one("client_id") {
            Ok(Some(id)) => id,
            Ok(None) => return Ok(Asked::Doubtful(Doubt::NoClient)),
            Err(_) => return Ok(Asked::Doubtful(Doubt::Twice("client_id"))),
        };
        let client = match id.parse() {
            Ok(id) => self.store.client(id).await?,
            Err(_) => None,
        };
        let Some(client) = client else {
            return Ok(Asked::Doubtful(Doubt::UnknownClient));
        };
        if let Ok(Some(reference)) = parameters.one("request_uri")
            && reference.starts_with("urn:")
        {
            return Ok(match self.take_pushed(client.id, reference).await {
                Ok(request) => match request.still_fits(&client) {
                    Ok(()) => Asked::Request(Box::new((client, request))),
                    Err(doubt) => Asked::Doubtful(doubt),
                },
                Err(CeremonyError::Failed(failure)) => return Err(failure),
                Err(_) => Asked::Doubtful(Doubt::NothingPushed),
            });
        }
        let read = Certain::of(parameters, &client).map(|certain| certain.read(parameters));
        Ok(match read {
            Err(doubt) => Asked::Doubtful(doubt),
            Ok(Err(refusal)) => Asked::Refused(refusal),
            Ok(Ok(request)) => Asked::Request(Box::new((client, request))),
        })
    }

    /// Decides what comes next for a request, with whoever is signed in. `proven_after` and `allowed` are what its user
    /// was asked for before.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn next_step(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        signed_in: Option<(&Session, &User)>,
        waiting: &Asking,
    ) -> Result<Next, Failure> {
        let refuse = |error, why| Ok(Next::Refuse(Box::new(request.refuse(error, why))));
        if request.asks_for(OPENID) && self.may_sign_for(client, &request.scopes).await.is_err() {
            let why = "the key for this client's ID tokens was made lately, and signs in a few minutes";
            return refuse(AuthorizationError::TemporarilyUnavailable, why);
        }
        let silent = request.prompt.none;
        let Some((session, user)) = signed_in else {
            return if silent {
                refuse(AuthorizationError::LoginRequired, "nobody is signed in")
            } else {
                Ok(Next::SignIn)
            };
        };
        // Nobody lets a client act for somebody in whose place they act themselves.
        if session.actor.is_some() {
            return refuse(
                AuthorizationError::AccessDenied,
                "only the account's owner allows this",
            );
        }
        if self.hinted_at_another(request, user) || request.wants_another_than(user.id) {
            return if silent {
                refuse(AuthorizationError::LoginRequired, "another account is signed in")
            } else {
                Ok(Next::SignIn)
            };
        }
        if let Some(after) = self.must_prove(request, session, waiting) {
            return if silent {
                refuse(AuthorizationError::LoginRequired, "the sign-in is too long ago")
            } else {
                Ok(Next::ProveAgain(after))
            };
        }
        let wants_to_ask = request.prompt.consent || request.prompt.select_account;
        let must_ask = wants_to_ask || !self.is_consented(client, request, user.id).await?;
        if !waiting.allowed && must_ask {
            return if silent {
                refuse(
                    AuthorizationError::ConsentRequired,
                    "the user has to allow this first",
                )
            } else {
                Ok(Next::Ask)
            };
        }
        Ok(Next::Allowed)
    }

    /// The time after which the user has to have proven who they are; none where they have.
    fn must_prove(
        &self,
        request: &AuthorizationRequest,
        session: &Session,
        waiting: &Asking,
    ) -> Option<Timestamp> {
        let now = self.now();
        let after = match (waiting.proven_after, request.max_age) {
            // Once more, for a client that wants it fresh, where whoever was asked took their time.
            (Some(after), Some(max_age)) => Some(after.max(now.minus(max_age.max(FRESH)))),
            (Some(after), None) => Some(after),
            (None, _) if request.prompt.login => return Some(now),
            (None, Some(max_age)) => Some(now.minus(max_age)),
            (None, None) => None,
        };
        let after = after.filter(|after| session.authenticated_at < *after)?;
        Some(if waiting.proven_after.is_some() {
            after
        } else {
            now
        })
    }

    /// Whether the ID token that the client hints with is about another user.
    fn hinted_at_another(&self, request: &AuthorizationRequest, user: &User) -> bool {
        let Some(hint) = &request.id_token_hint else {
            return false;
        };
        // A hint that says nothing is none.
        let hint = self.read_id_token_hint(hint).ok();
        hint.is_some_and(|hint| hint.subject() != Some(&user.id.to_string()))
    }
}

/// What the user of a request was asked for already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asking {
    /// They had to prove who they are after this time.
    pub proven_after: Option<Timestamp>,
    /// They have just allowed it.
    pub allowed: bool,
}
