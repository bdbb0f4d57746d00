//! What a client may know of a user: the claims of OpenID Connect Core §5.1, as far as there are any.

use jeton::{Verified, VerifyError};
use serde_json::{Map, Value};

use crate::{
    model::{
        id::UserId,
        scope::{EMAIL, OPENID, PROFILE, ROLES},
        time::Timestamp,
        user::User,
    },
    service::{
        Failure, Service,
        keys::IdTokenError,
        machinery::{
            claims::{AccessClaims, GrantAccess},
            id_tokens::Statement,
            revoked::{RevocableClaims, RevocationStatus},
        },
    },
};

/// Why a client is told nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserInfoError {
    #[error(transparent)]
    Invalid(VerifyError),
    #[error("the token was revoked")]
    Revoked,
    #[error("the token has no scope `openid`")]
    InsufficientScope,
    /// This node has not heard of revocations for too long.
    #[error("whether the token was revoked is not known")]
    Unknown,
    /// The client asked for signed answers.
    #[error(transparent)]
    NotSigned(#[from] IdTokenError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// A user's claims for one client.
pub enum UserInfo {
    Plain(Map<String, Value>),
    /// A JWT, for a client that registered for it.
    Signed(String),
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(..)",
            Self::Signed(_) => "Signed(..)",
        })
    }
}

impl Service {
    /// The claims of a user that an access token opens.
    ///
    /// # Errors
    ///
    /// [`UserInfoError`] says why it opens none.
    pub async fn userinfo(&self, token: &str) -> Result<UserInfo, UserInfoError> {
        let now = self.clock.now();
        let tokens = self.tokens();
        let verified = match tokens.read_for_userinfo(token, now) {
            Err(VerifyError::UnknownKey) => {
                self.read_keys().await?;
                self.tokens().read_for_userinfo(token, now)
            }
            read => read,
        };
        let verified = verified.map_err(UserInfoError::Invalid)?;
        let user = self.live_user(&verified)?;
        if !verified.claims().has_scope(OPENID) {
            return Err(UserInfoError::InsufficientScope);
        }
        let row = self
            .store
            .session(verified.claims().sid)
            .await
            .map_err(Failure::from)?;
        let user = self.store.user(user).await.map_err(Failure::from)?;
        let live = row.filter(|row| row.ended.is_none() && row.client() == Some(verified.claims().client_id));
        let (Some(_), Some(user)) = (live, user.filter(|user| !user.disabled)) else {
            return Err(UserInfoError::Revoked);
        };
        let claims = of_user(&user, |scope| verified.claims().has_scope(scope));
        let id = verified.claims().client_id;
        let client = self.store.client(id).await.map_err(Failure::from)?;
        let client = client.ok_or(UserInfoError::Revoked)?;
        let Some(alg) = client.registration.userinfo_alg else {
            return Ok(UserInfo::Plain(claims));
        };
        let name = id.to_string();
        let signed = self.sign_statement(alg, Statement::Userinfo, &name, claims, now);
        Ok(UserInfo::Signed(signed.await?))
    }

    /// The user of a grant's access token that nobody revoked, as far as this node knows.
    fn live_user(&self, token: &Verified<GrantAccess>) -> Result<UserId, UserInfoError> {
        let Some(user) = token.subject().and_then(|id| id.parse().ok()) else {
            return Err(UserInfoError::Revoked);
        };
        let claims = RevocableClaims {
            id: token.id(),
            issued_at: token.issued_at().map(Timestamp::from),
            session: token.claims().session().copied(),
            user,
            version: token.claims().version(),
        };
        match self.token_status(&claims) {
            RevocationStatus::Live => Ok(user),
            RevocationStatus::Revoked => Err(UserInfoError::Revoked),
            RevocationStatus::Unknown => Err(UserInfoError::Unknown),
        }
    }
}

/// The claims of a user for these scopes. What a user does not have is left out (OpenID Connect Core §5.3.2).
pub(super) fn of_user(user: &User, has: impl Fn(&str) -> bool) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), user.id.to_string().into());
    let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if has(PROFILE) {
        add("preferred_username", user.username.as_str().into());
    }
    if has(PROFILE) {
        add("name", user.username.as_str().into());
    }
    if let Some(locale) = user.locale.filter(|_| has(PROFILE)) {
        add("locale", locale.tag().into());
    }
    if let Some(email) = user.email.as_ref().filter(|_| has(EMAIL)) {
        add("email", email.as_str().into());
        // Nothing confirms one yet, and nobody may take it for confirmed.
        add("email_verified", false.into());
    }
    if has(ROLES) {
        let roles: Vec<&str> = user.roles.iter().map(crate::model::role::Role::as_str).collect();
        add("roles", roles.into());
        // The name by which Grafana and others look for the same.
        add(
            "groups",
            user.roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect::<Vec<_>>()
                .into(),
        );
    }
    claims
}
