use std::fmt;

use jeton::Verified;

use crate::{
    model::{
        acceptance::{all_refused_after, refused_after},
        audit::{Action, Actor, Event},
        id::TokenId,
        revocation::{Revocation, Target},
        time::Timestamp,
    },
    service::{
        Failure, Service,
        machinery::claims::{Access, ServiceAccess},
    },
};

/// An access token to be revoked, as it is named.
#[derive(Clone, Copy)]
pub enum Named<'a> {
    Whole(&'a str),
    /// A `jti`. The token's lifetime is unknown, so it is refused for as long as any may be accepted.
    ById(TokenId),
}

impl fmt::Debug for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(_) => f.write_str("Whole(..)"),
            Self::ById(id) => f.debug_tuple("ById").field(id).finish(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    #[error("it is not an access token of this service")]
    NotOurs,
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// Revokes one access token: it is refused here when this returns, and on other nodes within their bound. Where its
    /// time is known to be over, there is nothing to do.
    ///
    /// # Errors
    ///
    /// [`RevokeError`] when there is no such token.
    pub async fn revoke_token(&self, named: Named<'_>, by: Actor) -> Result<(), RevokeError> {
        let now = self.now();
        let (id, until, event) = match named {
            Named::Whole(token) => self.whole(token)?,
            Named::ById(id) => (id, all_refused_after(now), Event::new(Action::TokenRevoked, now)),
        };
        if until <= now {
            return Ok(());
        }
        let revocation = Revocation {
            target: Target::Token(id),
            until,
        };
        let event = event.by(Some(by)).detail("jti", id.to_string());
        self.store
            .revoke(&revocation, &event)
            .await
            .map_err(Failure::from)?;
        self.revocations.apply(&[revocation]);
        tracing::info!(token = %id, "token revoked");
        Ok(())
    }

    fn whole(&self, token: &str) -> Result<(TokenId, Timestamp, Event), RevokeError> {
        let now = self.clock.now();
        let event = Event::new(Action::TokenRevoked, now.into());
        if let Some(verified) = self.tokens().signed_access::<Access>(token, now) {
            let event = event.session(verified.claims().sid);
            return facts(&verified, event).ok_or(RevokeError::NotOurs);
        }
        let verified = self.tokens().signed_access::<ServiceAccess>(token, now);
        let facts = verified.and_then(|verified| facts(&verified, event));
        facts.ok_or(RevokeError::NotOurs)
    }
}

fn facts<C>(verified: &Verified<C>, event: Event) -> Option<(TokenId, Timestamp, Event)> {
    let id = verified.id()?.parse().ok()?;
    let subject = verified.subject()?.parse().ok()?;
    let until = refused_after(verified.expires_at().into());
    Some((id, until, event.user(subject)))
}
