//! Access and refresh tokens for programs: the API hints when the access token is about to end, `/refresh`
//! gives a new one, and `/logout` takes an access token back.
//!
//! ```text
//! cargo run -p jeton-axum --example renewal
//! curl -X POST http://127.0.0.1:3000/login
//! curl -i -H "Authorization: Bearer <access_token>" http://127.0.0.1:3000/me
//! curl -X POST -H "Authorization: Bearer <refresh_token>" http://127.0.0.1:3000/refresh
//! ```

use std::{borrow::Cow, error::Error, time::Duration};

use axum::{
    Json, Router,
    extract::{FromRef, State},
    http::StatusCode,
    routing::{get, post},
};
use jeton::{Algorithm, Claims, SigningKey};
use jeton_axum::{Auth, Bearer, Clock, Identity, MemoryBlocklist, NotIssued, Refresh, Tokens};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize)]
pub(crate) struct Access {}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

struct User(String);

impl Identity<Access> for User {
    fn subject(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }

    fn claims(&self) -> Access {
        Access {}
    }
}

#[derive(Clone, FromRef)]
struct App {
    access: Auth<Access>,
    refresh: Auth<Refresh>,
    tokens: Tokens<Access>,
    blocklist: MemoryBlocklist,
}

/// A real application asks for a password here.
async fn login(State(tokens): State<Tokens<Access>>) -> Result<Json<Value>, NotIssued> {
    let user = User("ada".to_owned());
    let access = tokens.access_token(&user).create()?;
    let refresh = tokens.create_refresh_token(&user)?;
    let expires_in = access.lifetime.as_secs();
    Ok(Json(
        json!({ "access_token": access.text, "refresh_token": refresh, "token_type": "bearer", "expires_in": expires_in }),
    ))
}

async fn me(Bearer(token): Bearer<Access>) -> String {
    format!("{}\n", token.subject().unwrap_or_default())
}

/// Takes refresh tokens and no others: the type says so.
async fn refresh(
    State(tokens): State<Tokens<Access>>,
    Bearer(token): Bearer<Refresh>,
) -> Result<Json<Value>, NotIssued> {
    let user = User(token.subject().unwrap_or_default().to_owned());
    let access = tokens.create_access_token(&user)?;
    Ok(Json(json!({ "access_token": access, "token_type": "bearer" })))
}

async fn logout(State(app): State<App>, Bearer(token): Bearer<Access>) -> StatusCode {
    match app.blocklist.revoke(&token, app.access.now()) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

pub(crate) fn app(key: SigningKey, clock: impl Clock + Clone) -> Router {
    let tokens = Tokens::<Access>::new(key, "https://app.example", "app", clock.clone());
    let blocklist = MemoryBlocklist::new();
    let app = App {
        access: Auth::new(tokens.verifier(), clock.clone())
            .revocations(blocklist.clone())
            .hints(Duration::from_mins(5)),
        refresh: Auth::new(tokens.verifier(), clock).revocations(blocklist.clone()),
        tokens,
        blocklist,
    };
    Router::new()
        .route("/me", get(me))
        .route("/logout", post(logout))
        .route_layer(app.access.guard())
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .with_state(app)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = app(SigningKey::generate(Algorithm::Hs256)?, jeton_axum::SystemClock);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
