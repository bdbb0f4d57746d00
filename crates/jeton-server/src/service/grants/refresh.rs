//! Refreshes of grants: by the code of sessions, for the client whose grant it is.

use std::sync::atomic::Ordering;

use super::{
    codes::{GrantError, narrowed},
    tokens::{GrantTokens, Wanted},
};
use crate::{
    model::{
        grant::Terms,
        scope::{Scope, fit},
    },
    service::{Failure, Service, clients::proof::AuthenticatedClient, sessions::refresh::RefreshError},
    store::Rotation,
};

impl Service {
    /// Exchanges a grant's refresh token for its successor and new tokens, for all the grant allows or less.
    ///
    /// The token just exchanged gives the identical successor again, as a session's does.
    ///
    /// # Errors
    ///
    /// [`GrantError`]; a token that was used before ends the grant.
    pub async fn refresh_grant(
        &self,
        client: &AuthenticatedClient,
        token: &str,
        scope: Option<&str>,
        resources: &[String],
    ) -> Result<GrantTokens, GrantError> {
        let presented = self.read_refresh(token).await.map_err(refused)?.by(client.id);
        let time = self.clock.now();
        let rules = self.rotation_rules(time.into());
        if rules.limited && self.turned_away.has(&presented, rules.now) {
            return Err(refused(RefreshError::TooOften {
                left: crate::model::session::REFRESH_EVERY,
            }));
        }
        // What is asked for is checked first: a mistake in it must not use the token up.
        let row = self
            .store
            .session(presented.session())
            .await
            .map_err(Failure::from)?;
        let terms = row
            .and_then(|row| row.grant)
            .filter(|grant| grant.client == client.id)
            .map(|grant| grant.terms)
            .ok_or(UNKNOWN)?;
        let scopes = narrowed_scopes(&terms, scope)?;
        let resources = narrowed(&terms.resources, resources)?;
        self.may_sign_for(client, &scopes).await?;
        let rotated = self
            .store
            .rotate_session(&presented, &rules)
            .await
            .map_err(Failure::from)?;
        let (session, user) = match rotated {
            Rotation::Rotated(both) => *both,
            Rotation::Replayed(both) => {
                self.replays.fetch_add(1, Ordering::Relaxed);
                tracing::info!(grant = %presented.session(), "refresh replayed");
                *both
            }
            Rotation::Refused(refusal) => {
                return Err(refused(self.refused(&presented, &rules, refusal).await));
            }
        };
        let wanted = Wanted {
            scopes: &scopes,
            resources: &resources,
            nonce: None,
        };
        self.grant_tokens(client, &session, &user, &wanted, time).await
    }
}

const UNKNOWN: GrantError = GrantError::Invalid("The refresh token is invalid, expired or revoked");

fn refused(error: RefreshError) -> GrantError {
    match error {
        RefreshError::Failed(failure) => failure.into(),
        RefreshError::TooOften { left } => GrantError::TooOften { left },
        RefreshError::Reused => GrantError::Invalid(
            "This refresh token was used before, so somebody may hold a copy: its grant has ended",
        ),
        RefreshError::Invalid(_) | RefreshError::Unknown | RefreshError::Expired | RefreshError::Ended => {
            UNKNOWN
        }
    }
}

/// The scopes asked for, if the grant has them all (RFC 6749 §6).
fn narrowed_scopes(terms: &Terms, asked: Option<&str>) -> Result<Vec<Scope>, GrantError> {
    let Some(asked) = asked else {
        return Ok(terms.scopes.clone());
    };
    let scopes: Result<Vec<Scope>, _> = asked
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(str::parse)
        .collect();
    let scopes = scopes.map_err(|_| GrantError::InvalidScope)?;
    let scopes = fit(scopes).map_err(|_| GrantError::InvalidScope)?;
    if !scopes.is_empty() && scopes.iter().all(|scope| terms.scopes.contains(scope)) {
        Ok(scopes)
    } else {
        Err(GrantError::InvalidScope)
    }
}
