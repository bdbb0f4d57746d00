//! Revocation by a client of what it has (RFC 7009).

use crate::{
    model::{
        acceptance::refused_after,
        audit::{Action, Actor, Event},
        revocation::{Revocation, Target},
        session::{EndReason, Verdict},
        time::Timestamp,
    },
    service::{
        Failure, Service,
        clients::proof::AuthenticatedClient,
        machinery::claims::{GrantAccess, ServiceAccess},
        sessions::refresh::RefreshError,
    },
};

impl Service {
    /// Revokes a token of a client's own. A refresh token ends its grant, and with it every access token; an access token
    /// is revoked alone. A token that is nobody's, or another's, changes nothing, and the client is not told.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn revoke_own(&self, client: &AuthenticatedClient, token: &str) -> Result<(), Failure> {
        match self.read_refresh(token).await {
            Ok(presented) => {
                let presented = presented.by(client.id);
                let Some(grant) = self.store.session(presented.session()).await? else {
                    return Ok(());
                };
                let verdict = grant.verdict(&presented, self.now(), self.rules.refresh_grace);
                // Also by one that was superseded: whoever has it wants the grant gone, or has stolen it.
                if matches!(verdict, Verdict::Current | Verdict::Replay | Verdict::Reuse) {
                    self.end_grant(&grant, EndReason::Revoked).await?;
                }
                return Ok(());
            }
            Err(RefreshError::Failed(failure)) => return Err(failure),
            Err(_) => {}
        }
        let now = self.clock.now();
        let tokens = self.tokens();
        if let Ok(verified) = tokens.read_issued::<GrantAccess>(token, now)
            && verified.claims().client_id == client.id
        {
            return self
                .revoke_token_of(client, verified.id(), verified.expires_at())
                .await;
        }
        if let Ok(verified) = tokens.read_issued::<ServiceAccess>(token, now)
            && verified.claims().client_id == client.id.to_string()
        {
            return self
                .revoke_token_of(client, verified.id(), verified.expires_at())
                .await;
        }
        Ok(())
    }

    async fn revoke_token_of(
        &self,
        client: &AuthenticatedClient,
        id: Option<&str>,
        expires_at: std::time::SystemTime,
    ) -> Result<(), Failure> {
        let Some(id) = id.and_then(|id| id.parse().ok()) else {
            return Ok(());
        };
        let revocation = Revocation {
            target: Target::Token(id),
            until: refused_after(Timestamp::from(expires_at)),
        };
        let event = Event::new(Action::TokenRevoked, self.now())
            .user(client.id.subject())
            .by(Some(Actor::Client(client.id)))
            .detail("jti", id.to_string());
        self.store.revoke(&revocation, &event).await?;
        self.heed(&[revocation]).await
    }
}
