//! Claims of the service's tokens.

use std::{borrow::Cow, time::SystemTime};

use jeton::{Claims, Registered, Verified, json::Object};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::model::{
    id::{ClientId, SessionId, UserId},
    scope::{self, Scope},
    session::Session,
    time::Timestamp,
    user::{User, UserVersion},
};

/// The `client_id` of the service's own logins.
pub const FIRST_PARTY: &str = "jeton";

/// The claims of an access token beside the registered ones (RFC 9068). An empty list of roles or scopes is left out:
/// a scope has at least one character (RFC 6749 §3.3), and resource servers refuse one that has none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Access {
    pub client_id: String,
    pub sid: SessionId,
    /// The user's version when the token was issued.
    pub uv: i64,
    /// When the user last proved who they are; absent when an administrator vouched for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    pub username: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The administrator who acts on the user's behalf (RFC 8693 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Actor {
    pub sub: UserId,
}

impl Access {
    /// The claims of a session's access tokens.
    pub(in crate::service) fn of(session: &Session, user: &User) -> Self {
        Self {
            client_id: FIRST_PARTY.to_owned(),
            sid: session.id,
            uv: user.version.0,
            auth_time: session
                .actor
                .is_none()
                .then(|| session.authenticated_at.seconds()),
            username: user.username.as_str().to_owned(),
            roles: user.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            scope: String::new(),
            act: session.actor.map(|sub| Actor { sub }),
        }
    }
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";

    /// Refuses what a client of its own was given: it opens resource servers, never the account.
    fn check(&self, _: &Registered<'_>) -> Result<(), Cow<'static, str>> {
        is_first_party(&self.client_id)
    }
}

fn is_first_party(client: &str) -> Result<(), Cow<'static, str>> {
    if client == FIRST_PARTY {
        Ok(())
    } else {
        Err("it was given to another client".into())
    }
}

/// The claims of an access token that a client has by a user's grant, beside the registered ones (RFC 9068 §2.2). What a
/// user did not let the client know is not in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantAccess {
    pub client_id: ClientId,
    /// The grant.
    pub sid: SessionId,
    /// The user's version when the token was issued.
    pub uv: i64,
    /// When the user last proved who they are.
    pub auth_time: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

impl Claims for GrantAccess {
    const TYP: &'static str = Access::TYP;
}

impl GrantAccess {
    /// The claims of a grant's access tokens for these scopes.
    pub(in crate::service) fn of(session: &Session, client: ClientId, user: &User, scopes: &[Scope]) -> Self {
        let has = |name| scopes.iter().any(|scope| scope.as_str() == name);
        Self {
            client_id: client,
            sid: session.id,
            uv: user.version.0,
            auth_time: session.authenticated_at.seconds(),
            username: has(scope::PROFILE).then(|| user.username.as_str().to_owned()),
            roles: if has(scope::ROLES) {
                user.roles.iter().map(|role| role.as_str().to_owned()).collect()
            } else {
                Vec::new()
            },
            scope: scope::joined(scopes),
        }
    }

    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|scope| scope == name)
    }
}

impl AccessClaims for GrantAccess {
    fn session(&self) -> Option<&SessionId> {
        Some(&self.sid)
    }

    fn version(&self) -> UserVersion {
        UserVersion(self.uv)
    }
}

/// An access token with every claim it has: the service's, and custom ones.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnyAccess {
    #[serde(flatten)]
    pub(in crate::service) access: Access,
    #[serde(flatten)]
    pub(in crate::service) custom: Object,
}

impl Claims for AnyAccess {
    const TYP: &'static str = Access::TYP;

    fn check(&self, _: &Registered<'_>) -> Result<(), Cow<'static, str>> {
        is_first_party(&self.access.client_id)
    }
}

impl AnyAccess {
    #[must_use]
    pub fn username(&self) -> &str {
        &self.access.username
    }
}

/// The claims of a client's access token beside the registered ones: no user, no session, no sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceAccess {
    /// Equal to `sub` (RFC 9068 §2.2).
    pub client_id: String,
    /// The account's version when the token was issued.
    pub uv: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

impl Claims for ServiceAccess {
    const TYP: &'static str = Access::TYP;

    /// Refuses the token of a user, which has these claims too.
    fn check(&self, token: &Registered<'_>) -> Result<(), Cow<'static, str>> {
        if token.subject() == Some(&self.client_id) {
            Ok(())
        } else {
            Err("it is not a client's".into())
        }
    }
}

impl ServiceAccess {
    #[must_use]
    pub fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|scope| scope == name)
    }
}

impl AccessClaims for ServiceAccess {
    fn session(&self) -> Option<&SessionId> {
        None
    }

    fn version(&self) -> UserVersion {
        UserVersion(self.uv)
    }
}

/// Claims by which a token can be revoked, in whatever form they were read.
pub trait AccessClaims: Claims + DeserializeOwned + Send + Sync + 'static {
    /// None in a client's token.
    fn session(&self) -> Option<&SessionId>;
    fn version(&self) -> UserVersion;
}

impl AccessClaims for Access {
    fn session(&self) -> Option<&SessionId> {
        Some(&self.sid)
    }

    fn version(&self) -> UserVersion {
        UserVersion(self.uv)
    }
}

impl AccessClaims for AnyAccess {
    fn session(&self) -> Option<&SessionId> {
        self.access.session()
    }

    fn version(&self) -> UserVersion {
        self.access.version()
    }
}

/// The claims of a refresh token: its place in its session, nothing else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::service) struct Refresh {
    pub(in crate::service) sid: SessionId,
    #[serde(rename = "gen")]
    pub(in crate::service) generation: i64,
}

impl Claims for Refresh {
    const TYP: &'static str = "rt+jwt";
}

/// The `typ` of an access token's header.
pub const ACCESS_TYP: &str = Access::TYP;

/// Every claim of a verified access token, the registered ones included, in one object. It is serialised from where the
/// claims are, without a copy.
#[derive(Debug, Serialize)]
pub struct AllClaims<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'t str>,
    aud: Audience<'t>,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'t str>,
    #[serde(flatten)]
    own: &'t AnyAccess,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Audience<'t> {
    One(&'t str),
    Many(Vec<&'t str>),
}

impl<'t> AllClaims<'t> {
    #[must_use]
    pub fn of(token: &'t Verified<AnyAccess>) -> Self {
        let seconds = |time: SystemTime| Timestamp::from(time).seconds();
        let mut audience = token.audience();
        Self {
            iss: token.issuer(),
            sub: token.subject(),
            aud: match (audience.next(), audience.next()) {
                (Some(one), None) => Audience::One(one),
                _ => Audience::Many(token.audience().collect()),
            },
            exp: seconds(token.expires_at()),
            iat: token.issued_at().map(seconds),
            nbf: token.not_before().map(seconds),
            jti: token.id(),
            own: token.claims(),
        }
    }
}

/// Every claim of a verified access token, by name.
#[must_use]
pub fn all_claims(token: &Verified<AnyAccess>) -> Map<String, Value> {
    match serde_json::to_value(AllClaims::of(token)) {
        Ok(Value::Object(claims)) => claims,
        // Claims that were read from an object are written as one.
        _ => Map::new(),
    }
}
