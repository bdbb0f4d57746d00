//! Grants: what a user let a client do. A grant's refresh tokens rotate as a session's do, by the same code and in the
//! same table.

use serde::{Deserialize, Serialize};

use super::{
    id::{ClientId, SessionId},
    scope::{OPENID, Scope},
};

/// How many live grants one user may have at one client; when one more opens, the oldest ends.
pub const MAX_LIVE_PER_CLIENT: u32 = 100;

/// What makes a session's row a grant.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client: ClientId,
    /// The session it was given in.
    pub given_in: SessionId,
    /// Whether it outlives that session (`offline_access`).
    pub offline: bool,
    pub terms: Terms,
}

/// What a client may do by a grant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    pub scopes: Vec<Scope>,
    /// Resource servers its access tokens may be for (RFC 8707); empty for the service's usual audience.
    pub resources: Vec<String>,
}

impl Terms {
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own.as_str() == scope)
    }

    /// Whether it signs somebody in, and has ID tokens.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.has(OPENID)
    }
}
