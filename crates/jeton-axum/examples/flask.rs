//! The Flask application of the tutorials, in one file: `/register`, `/login`, `/set-jwt`, `/get-jwt` and a
//! protected route, at the same paths with the same bodies.
//!
//! ```text
//! cargo run -p jeton-axum --example flask
//! curl -H "Content-Type: application/json" -d '{"username":"ada","password":"correct horse"}' http://127.0.0.1:5000/register
//! curl -H "Content-Type: application/json" -d '{"username":"ada","password":"correct horse"}' http://127.0.0.1:5000/login
//! curl -H "Authorization: <token>" http://127.0.0.1:5000/get-jwt
//! ```
//!
//! What is different: the secret is not in the source, passwords are hashed with Argon2id, an unknown user and
//! a wrong password get the same answer after the same work, and a token is proved to be this application's
//! own access token and nobody else's.

use std::{
    borrow::Cow,
    collections::HashMap,
    error::Error,
    sync::{Arc, PoisonError, RwLock},
};

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use axum::{
    Json, Router,
    extract::{FromRef, State},
    http::StatusCode,
    routing::{get, post},
};
use jeton::{Claims, SigningKey};
use jeton_axum::{Auth, Bearer, Clock, Identity, SystemClock, TokenLocation, Tokens};
use password_hash::phc::PasswordHash;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize)]
pub(crate) struct Access {
    username: String,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

#[derive(Clone, FromRef)]
struct App {
    auth: Auth<Access>,
    tokens: Tokens<Access>,
    users: Users,
}

/// The tutorial's dictionary of users, by name. A real application has a database.
#[derive(Clone)]
struct Users {
    by_name: Arc<RwLock<HashMap<String, PasswordHash>>>,
    /// Of a password nobody has: checked in the place of an unknown user's.
    dummy: PasswordHash,
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

impl Identity<Access> for Credentials {
    fn subject(&self) -> Cow<'_, str> {
        self.username.as_str().into()
    }

    fn claims(&self) -> Access {
        Access {
            username: self.username.clone(),
        }
    }
}

type Answer = Result<(StatusCode, Json<Value>), (StatusCode, Json<Value>)>;

fn say(status: StatusCode, error: &str, message: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "error": error, "message": message })))
}

fn broken() -> (StatusCode, Json<Value>) {
    say(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "Something went wrong",
    )
}

async fn register(State(users): State<Users>, Json(new): Json<Credentials>) -> Answer {
    if new.password.len() < 8 {
        return Err(say(
            StatusCode::UNPROCESSABLE_ENTITY,
            "weak_password",
            "Use at least 8 characters",
        ));
    }
    // Hashing takes its time: not among the requests of others.
    let (password, hash) = tokio::task::spawn_blocking(move || {
        let hash = hash(&new.password);
        (new, hash)
    })
    .await
    .map_err(|_| broken())?;
    let hash = hash.map_err(|_| broken())?;
    let mut by_name = users.by_name.write().unwrap_or_else(PoisonError::into_inner);
    if by_name.contains_key(&password.username) {
        return Err(say(
            StatusCode::BAD_REQUEST,
            "username_taken",
            "Username already exists",
        ));
    }
    by_name.insert(password.username, hash);
    Ok((
        StatusCode::CREATED,
        Json(json!({ "message": "User registered successfully" })),
    ))
}

async fn login(State(app): State<App>, Json(credentials): Json<Credentials>) -> Answer {
    sign_in(app, credentials, "Login successful").await
}

async fn set_jwt(State(app): State<App>, Json(credentials): Json<Credentials>) -> Answer {
    sign_in(app, credentials, "JWT created").await
}

async fn sign_in(app: App, credentials: Credentials, message: &str) -> Answer {
    let known = app
        .users
        .by_name
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&credentials.username)
        .cloned();
    let is_known = known.is_some();
    let hash = known.unwrap_or(app.users.dummy);
    let (credentials, is_right) = tokio::task::spawn_blocking(move || {
        let verdict = Argon2::default().verify_password(credentials.password.as_bytes(), &hash);
        (credentials, verdict.is_ok())
    })
    .await
    .map_err(|_| broken())?;
    if !(is_known && is_right) {
        let message = "Invalid username or password";
        return Err(say(StatusCode::UNAUTHORIZED, "invalid_credentials", message));
    }
    let token = app
        .tokens
        .create_access_token(&credentials)
        .map_err(|_| broken())?;
    Ok((
        StatusCode::OK,
        Json(json!({ "message": message, "token": token })),
    ))
}

async fn get_jwt(Bearer(token): Bearer<Access>) -> Json<Value> {
    Json(json!({ "message": "Token is valid", "user": token.claims().username }))
}

async fn protected(Bearer(token): Bearer<Access>) -> Json<Value> {
    Json(json!({ "logged_in_as": token.claims().username }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "an application's outermost layer is where randomness comes from"
)]
fn hash(password: &str) -> Result<PasswordHash, Box<dyn Error + Send + Sync>> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt)?;
    Ok(Argon2::default().hash_password_with_salt(password.as_bytes(), &salt)?)
}

pub(crate) fn app(
    secret: SigningKey,
    clock: impl Clock + Clone,
) -> Result<Router, Box<dyn Error + Send + Sync>> {
    let tokens = Tokens::<Access>::new(secret, "http://127.0.0.1:5000", "app", clock.clone());
    // The tutorial's clients send the bare token as well.
    let auth = Auth::new(tokens.verifier(), clock).locations([TokenLocation::header().or_bare()]);
    let users = Users {
        by_name: Arc::default(),
        dummy: hash("a password that nobody has")?,
    };
    Ok(Router::new()
        .route("/register", post(register))
        .route("/login", post(login))
        .route("/set-jwt", post(set_jwt))
        .route("/get-jwt", get(get_jwt))
        .route("/protected", get(protected))
        .with_state(App { auth, tokens, users }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    // At least 32 bytes: openssl rand -base64 48
    let secret = match std::env::var("JWT_SECRET") {
        Ok(secret) => SigningKey::hs256(secret)?,
        Err(_) => SigningKey::generate(jeton::Algorithm::Hs256)?,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:5000").await?;
    axum::serve(listener, app(secret, SystemClock)?).await?;
    Ok(())
}
