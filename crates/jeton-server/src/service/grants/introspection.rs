//! Introspection: what a token is good for, told to a client that asks (RFC 7662).

use serde_json::{Map, Value, json};

use crate::{
    model::{
        session::{Session, Verdict},
        time::Timestamp,
    },
    service::{
        Failure, Service,
        clients::proof::AuthenticatedClient,
        keys::IdTokenError,
        machinery::{
            claims::{Access, AccessClaims, GrantAccess, ServiceAccess},
            id_tokens::Statement,
            revoked::{RevocableClaims, RevocationStatus},
        },
        sessions::refresh::RefreshError,
    },
};

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntrospectionError {
    /// This node has not heard of revocations for too long.
    #[error("whether the token was revoked is not known")]
    Unknown,
    #[error(transparent)]
    NotSigned(#[from] IdTokenError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// The same as a JWT for the client that asks (RFC 9701 §5).
    ///
    /// # Errors
    ///
    /// [`IntrospectionError`] when it is not known, or cannot be signed yet.
    pub async fn introspect_signed(
        &self,
        client: &AuthenticatedClient,
        token: &str,
    ) -> Result<String, IntrospectionError> {
        let told = self.introspect(client, token).await?;
        let claims = members(json!({ "token_introspection": told }));
        let (alg, name) = (client.registration.id_token_alg, client.id.to_string());
        let now = self.clock.now();
        let signed = self.sign_statement(alg, Statement::Introspection, &name, claims, now);
        Ok(signed.await?)
    }

    /// What a token is good for now. Of one that is good for nothing, or not the asker's to know, nothing is told but that.
    ///
    /// An access token is told to every client that proves itself by a secret or a key, as a resource server does; a
    /// refresh token to the client that has it.
    ///
    /// # Errors
    ///
    /// [`IntrospectionError`] when that is not known.
    pub async fn introspect(
        &self,
        client: &AuthenticatedClient,
        token: &str,
    ) -> Result<Map<String, Value>, IntrospectionError> {
        let now = self.clock.now();
        if let Ok(verified) = self.tokens().read_issued::<GrantAccess>(token, now) {
            return self.told(&verified, |claims| {
                json!({
                    "scope": claims.scope,
                    "client_id": claims.client_id.to_string(),
                    "username": claims.username,
                    "roles": claims.roles,
                    "sid": claims.sid.to_string(),
                    "auth_time": claims.auth_time,
                })
            });
        }
        if let Ok(verified) = self.tokens().read_issued::<ServiceAccess>(token, now) {
            return self.told(&verified, |claims| {
                json!({
                    "scope": claims.scope,
                    "client_id": claims.client_id,
                })
            });
        }
        if let Ok(verified) = self.tokens().read_issued::<Access>(token, now) {
            return self.told(&verified, |claims| {
                json!({
                    "client_id": claims.client_id,
                    "username": claims.username,
                    "roles": claims.roles,
                    "sid": claims.sid.to_string(),
                    "auth_time": claims.auth_time,
                })
            });
        }
        self.told_of_refresh(client, token).await
    }

    fn told<C: AccessClaims>(
        &self,
        token: &jeton::Verified<C>,
        own: impl FnOnce(&C) -> Value,
    ) -> Result<Map<String, Value>, IntrospectionError> {
        let Some(user) = token.subject().and_then(|id| id.parse().ok()) else {
            return Ok(inactive());
        };
        let status = self.token_status(&RevocableClaims {
            id: token.id(),
            issued_at: token.issued_at().map(Timestamp::from),
            session: token.claims().session().copied(),
            user,
            version: token.claims().version(),
        });
        match status {
            RevocationStatus::Revoked => return Ok(inactive()),
            RevocationStatus::Unknown => return Err(IntrospectionError::Unknown),
            RevocationStatus::Live => {}
        }
        let seconds = |time: std::time::SystemTime| Timestamp::from(time).seconds();
        let audience: Vec<&str> = token.audience().collect();
        let mut answer = active(json!({
            "token_type": "Bearer",
            "iss": token.issuer(),
            "sub": token.subject(),
            "aud": match audience[..] { [one] => json!(one), _ => json!(audience) },
            "exp": seconds(token.expires_at()),
            "iat": token.issued_at().map(seconds),
            "nbf": token.not_before().map(seconds),
            "jti": token.id(),
        }));
        answer.extend(members(own(token.claims())));
        answer.retain(|_, value| !is_empty(value));
        Ok(answer)
    }

    async fn told_of_refresh(
        &self,
        client: &AuthenticatedClient,
        token: &str,
    ) -> Result<Map<String, Value>, IntrospectionError> {
        let presented = match self.read_refresh(token).await {
            Ok(presented) => presented.by(client.id),
            Err(RefreshError::Failed(failure)) => return Err(failure.into()),
            Err(_) => return Ok(inactive()),
        };
        let row = self
            .store
            .session(presented.session())
            .await
            .map_err(Failure::from)?;
        let live = row.filter(|row| {
            matches!(
                row.verdict(&presented, self.now(), self.rules.refresh_grace),
                Verdict::Current | Verdict::Replay
            )
        });
        Ok(live.map_or_else(inactive, |grant| of_grant(&grant, &self.rules.issuer)))
    }
}

fn of_grant(session: &Session, issuer: &str) -> Map<String, Value> {
    let Some(grant) = &session.grant else {
        return inactive();
    };
    active(json!({
        "iss": issuer,
        "sub": session.user_id.to_string(),
        "client_id": grant.client.to_string(),
        "scope": crate::model::scope::joined(&grant.terms.scopes),
        "exp": session.expires_at.seconds(),
        "iat": session.rotated_at.seconds(),
        "sid": session.id.to_string(),
    }))
}

fn inactive() -> Map<String, Value> {
    members(json!({ "active": false }))
}

fn active(more: Value) -> Map<String, Value> {
    let mut answer = members(json!({ "active": true }));
    answer.extend(members(more));
    answer
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Whether a member says nothing: it is left out, as in tokens.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
