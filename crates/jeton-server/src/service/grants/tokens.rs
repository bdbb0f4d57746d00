//! The tokens that a client has by a grant.

use std::time::SystemTime;

use super::{codes::GrantError, userinfo::of_user};
use crate::{
    model::{
        client::{Client, registration::GrantType},
        id::TokenId,
        scope::{OPENID, Scope, joined},
        session::Session,
        user::User,
    },
    service::{
        Failure, Service,
        keys::IdTokenError,
        machinery::{
            claims::GrantAccess,
            id_tokens::{IdTokenClaims, NotSigning},
            tokens::SignError,
        },
    },
};

/// What a client is given (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
pub struct GrantTokens {
    pub access: String,
    /// Seconds until it expires.
    pub expires_in: u64,
    pub refresh: Option<String>,
    pub id_token: Option<String>,
    pub scope: String,
    pub grant: crate::model::id::SessionId,
    pub user: crate::model::id::UserId,
}

impl std::fmt::Debug for GrantTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GrantTokens")
            .field("grant", &self.grant)
            .finish_non_exhaustive()
    }
}

/// What the tokens are to say, within what the grant allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) scopes: &'a [Scope],
    pub(super) resources: &'a [String],
    pub(super) nonce: Option<&'a str>,
}

impl Service {
    pub(super) async fn grant_tokens(
        &self,
        client: &Client,
        grant: &Session,
        user: &User,
        wanted: &Wanted<'_>,
        time: SystemTime,
    ) -> Result<GrantTokens, GrantError> {
        if !self.tokens().signs_for(grant) {
            // Another node moved the grant on, with a key made a moment ago.
            self.read_keys().await?;
        }
        let tokens = self.tokens();
        let id = TokenId::new(time, self.random.bytes().map_err(Failure::from)?);
        let claims = GrantAccess::of(grant, client.id, user, wanted.scopes);
        let (access, expires_in) = tokens
            .for_grant(grant, &claims, wanted.resources, id, time)
            .map_err(Failure::from)?;
        let refresh = if client.registration.allows(GrantType::RefreshToken) {
            Some(tokens.refresh_token(grant).map_err(Failure::from)?)
        } else {
            None
        };
        let id_token = self
            .id_token_of(client, grant, user, wanted, &access, time)
            .await?;
        Ok(GrantTokens {
            access,
            expires_in,
            refresh,
            id_token,
            scope: joined(wanted.scopes),
            grant: grant.id,
            user: user.id,
        })
    }

    /// Sees to it that a client that was just registered can have ID tokens as soon as may be: a key of a new kind is
    /// published for a while before it signs.
    pub async fn prepare_for(&self, client: &Client) {
        let signs_people_in = client.registration.allows(GrantType::AuthorizationCode);
        if !signs_people_in || self.provides().is_err() {
            return;
        }
        if let Err(error) = self.need_id_key(client.registration.id_token_alg).await {
            tracing::warn!(%error, client = %client.id, "the key for its ID tokens could not be made: it is when they are needed");
        }
    }

    /// Whether the ID tokens of a client can be signed now, where it is to have one. Asked before anything is used up.
    pub(super) async fn may_sign_for(&self, client: &Client, scopes: &[Scope]) -> Result<(), GrantError> {
        if is_openid(scopes) {
            self.id_token_signer(client.registration.id_token_alg).await?;
        }
        Ok(())
    }

    async fn id_token_of(
        &self,
        client: &Client,
        grant: &Session,
        user: &User,
        wanted: &Wanted<'_>,
        access: &str,
        time: SystemTime,
    ) -> Result<Option<String>, GrantError> {
        if !is_openid(wanted.scopes) {
            return Ok(None);
        }
        let has = |name: &str| wanted.scopes.iter().any(|scope| scope.as_str() == name);
        let claims = IdTokenClaims {
            subject: user.id,
            client_id: &client.id.to_string(),
            session: grant.id,
            auth_time: Some(grant.authenticated_at),
            nonce: wanted.nonce,
            acr: Some(LEVEL_ONE),
            amr: &["pwd"],
            access_token: Some(access),
            about_user: of_user(user, has),
        };
        let alg = client.registration.id_token_alg;
        Ok(Some(self.id_token(alg, &claims, time).await?))
    }
}

/// The level of a sign-in by a password alone.
const LEVEL_ONE: &str = "urn:jeton:1";

fn is_openid(scopes: &[Scope]) -> bool {
    scopes.iter().any(|scope| scope.as_str() == OPENID)
}

impl From<IdTokenError> for GrantError {
    fn from(error: IdTokenError) -> Self {
        match error {
            IdTokenError::NotSigning(NotSigning::NotYet { until, .. }) => Self::NotYet(until),
            error => {
                tracing::error!(%error, "an ID token could not be signed");
                Self::Failed(Failure::Sign(SignError::KeyGone))
            }
        }
    }
}
