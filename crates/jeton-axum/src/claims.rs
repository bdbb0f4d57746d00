//! Claims types that are ready to be used.

use std::time::{Duration, SystemTime};

use jeton::Claims;
use serde::Deserialize;

use crate::policies::{AuthTime, Roles, Scopes};

/// The claims of the access tokens that the service `jeton` issues (RFC 9068).
///
/// `iss`, `sub`, `aud`, `exp`, `iat`, `nbf` and `jti` are read from the token itself, as
/// [`Verified::subject`](jeton::Verified::subject) does. With claims of your own, of which the service puts any
/// JSON object into a user's tokens, write a struct with these fields and yours.
///
/// ```
/// use jeton_axum::{Authorized, Bearer, Fresh, HasRole, Role, claims::Jeton};
///
/// async fn me(Bearer(token): Bearer<Jeton>) -> String {
///     let claims = token.claims();
///     format!("{} is {}", token.subject().unwrap_or_default(), claims.username.as_deref().unwrap_or("a program"))
/// }
///
/// struct Editor;
/// impl Role for Editor {
///     type Claims = Jeton;
///     const NAME: &'static str = "editor";
/// }
///
/// async fn publish(token: Authorized<HasRole<Editor>>) {}
/// async fn pay(token: Authorized<Fresh<Jeton, 300>>) {}
/// # use axum::{Router, routing::{get, post}};
/// # use jeton_axum::Auth;
/// # let _: Router<Auth<Jeton>> = Router::new()
/// #     .route("/me", get(me)).route("/publish", post(publish)).route("/pay", post(pay));
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Jeton {
    /// The client that asked for the token: `jeton` for people who signed in at the service, its own id for a
    /// program that got the token for itself.
    pub client_id: String,
    /// The session that the token was issued to; none in a token that a client got for itself.
    pub sid: Option<String>,
    /// The version its user, or client, had when the token was issued.
    pub uv: i64,
    /// When the user signed in, in seconds since 1970; none in a token that a client got for itself, and none
    /// where an administrator made the token.
    pub auth_time: Option<u64>,
    /// The user's name, for people to read: it may change, `sub` never does. None in a token that a client got for
    /// itself.
    pub username: Option<String>,
    /// The user's roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Scopes of the token, with spaces between (RFC 8693 §4.2).
    #[serde(default)]
    pub scope: String,
    /// The administrator who acts in the user's place (RFC 8693 §4.1).
    pub act: Option<Actor>,
}

/// The claim `act`: an administrator who acts in a user's place (RFC 8693 §4.1).
///
/// ```
/// # use jeton_axum::claims::Jeton;
/// fn line_for_the_log(claims: &Jeton) -> String {
///     let user = claims.username.as_deref().unwrap_or("a program");
///     match &claims.act {
///         Some(actor) => format!("{user}, by the administrator {}", actor.sub),
///         None => user.to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub struct Actor {
    /// Their user id.
    pub sub: String,
}

impl Claims for Jeton {
    const TYP: &'static str = "at+jwt";
}

impl AuthTime for Jeton {
    fn auth_time(&self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.auth_time?))
    }
}

impl Roles for Jeton {
    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|has| has == role)
    }
}

impl Scopes for Jeton {
    fn has_scope(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|has| has == scope)
    }
}

#[cfg(feature = "remote")]
impl crate::Revocable for Jeton {
    fn session(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    fn version(&self) -> Option<i64> {
        Some(self.uv)
    }
}
