//! Roles with a hierarchy, a scope, and a sign-in that has to be recent. It prints a token for each of three
//! users; try them on the three routes:
//!
//! ```text
//! cargo run -p jeton-axum --example roles
//! curl -i -X POST -H "Authorization: Bearer <token>" http://127.0.0.1:3000/publish
//! ```

use std::{
    borrow::Cow,
    error::Error,
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    routing::{get, post},
};
use jeton::{Algorithm, Claims, SigningKey};
use jeton_axum::{
    Auth, AuthTime, Authorized, Clock, Fresh, HasRole, Identity, Role, Roles, SystemClock, Tokens,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    roles: Vec<Cow<'static, str>>,
    /// Seconds since 1970.
    auth_time: u64,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

impl Roles for Access {
    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|has| has == role)
    }
}

impl AuthTime for Access {
    fn auth_time(&self) -> Option<SystemTime> {
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.auth_time))
    }
}

struct Editor;
impl Role for Editor {
    type Claims = Access;
    const NAME: &'static str = "editor";
    const ABOVE: &'static [&'static str] = &["admin"];
}

struct Admin;
impl Role for Admin {
    type Claims = Access;
    const NAME: &'static str = "admin";
}

/// An administrator who signed in within the last five minutes.
type JustSignedInAdmin = (HasRole<Admin>, Fresh<Access, 300>);

async fn publish(editor: Authorized<HasRole<Editor>>) -> String {
    format!("published by {}\n", editor.subject().unwrap_or_default())
}

async fn purge(_: Authorized<JustSignedInAdmin>) -> &'static str {
    "purged\n"
}

pub(crate) fn app(auth: &Auth<Access>) -> Router {
    // Over a whole router, and in the signature of one handler: both ways of asking.
    let admin = Router::new()
        .route("/stats", get(async || "all is well\n"))
        .route_layer(auth.require::<HasRole<Admin>>());
    Router::new()
        .route("/publish", post(publish))
        .route("/purge", post(purge))
        .merge(admin)
        .with_state(auth.clone())
}

pub(crate) struct User(&'static str, Access);

impl Identity<Access> for User {
    fn subject(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn claims(&self) -> Access {
        self.1.clone()
    }
}

pub(crate) fn users(now: SystemTime) -> [User; 3] {
    let auth_time = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let with = |roles: &'static [&'static str], auth_time| Access {
        roles: roles.iter().map(|&role| role.into()).collect(),
        auth_time,
    };
    [
        User("reader", with(&[], auth_time)),
        User("editor", with(&["editor"], auth_time)),
        User("admin", with(&["admin"], auth_time)),
    ]
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(Algorithm::Es256)?;
    let tokens = Tokens::<Access>::new(key, "https://app.example", "app", SystemClock);
    for user in users(SystemClock.now()) {
        println!("{}: {}\n", user.0, tokens.create_access_token(&user)?);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app(&Auth::new(tokens.verifier(), SystemClock))).await?;
    Ok(())
}
