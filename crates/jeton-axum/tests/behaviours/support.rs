//! An application with the routes of the original's suite.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{FromRef, Request},
    routing::any,
};
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use http_body_util::BodyExt;
use jeton::{Claims, SigningKey, testkit::Clock};
use jeton_axum::{Auth, AuthTime, Authorized, Bearer, Fresh, Identity, Refresh, Tokens};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tower::ServiceExt;

pub(crate) const ISSUER: &str = "https://app.example";
pub(crate) const AUDIENCE: &str = "app";

/// Whatever claims a token has.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Open(pub(crate) Map<String, Value>);

impl Claims for Open {
    const TYP: &'static str = "at+jwt";
}

impl AuthTime for Open {
    fn auth_time(&self) -> Option<SystemTime> {
        let seconds = self.0.get("auth_time")?.as_u64()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }
}

/// A user object with fields beside its id.
#[derive(Default)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) claims: Map<String, Value>,
    pub(crate) header: Map<String, Value>,
}

impl Identity<Open> for User {
    fn subject(&self) -> Cow<'_, str> {
        self.name.into()
    }

    fn claims(&self) -> Open {
        Open(self.claims.clone())
    }

    fn header(&self) -> Map<String, Value> {
        self.header.clone()
    }
}

pub(crate) fn user(name: &'static str) -> User {
    User {
        name,
        ..User::default()
    }
}

pub(crate) fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) access: Auth<Open>,
    pub(crate) refresh: Auth<Refresh>,
}

impl FromRef<App> for Auth<Open> {
    fn from_ref(app: &App) -> Self {
        app.access.clone()
    }
}

impl FromRef<App> for Auth<Refresh> {
    fn from_ref(app: &App) -> Self {
        app.refresh.clone()
    }
}

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) tokens: Tokens<Open>,
    pub(crate) app: App,
}

pub(crate) fn secret(byte: u8) -> SigningKey {
    let secret: Vec<u8> = (0..64).map(|n| byte.wrapping_mul(31) ^ (3 * n)).collect();
    SigningKey::hs256(secret).unwrap()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::signing_with(secret(1))
    }

    pub(crate) fn signing_with(key: SigningKey) -> Self {
        let clock = Clock::default();
        let tokens = Tokens::new(key, ISSUER, AUDIENCE, clock.clone());
        let app = App {
            access: Auth::new(tokens.verifier(), clock.clone()),
            refresh: Auth::new(tokens.verifier(), clock.clone()),
        };
        Self { clock, tokens, app }
    }

    pub(crate) fn access(mut self, set_up: impl FnOnce(Auth<Open>) -> Auth<Open>) -> Self {
        self.app.access = set_up(self.app.access);
        self
    }

    pub(crate) fn refresh(mut self, set_up: impl FnOnce(Auth<Refresh>) -> Auth<Refresh>) -> Self {
        self.app.refresh = set_up(self.app.refresh);
        self
    }

    pub(crate) fn access_token(&self) -> String {
        self.tokens.create_access_token(&user("alice")).unwrap()
    }

    pub(crate) fn refresh_token(&self) -> String {
        self.tokens.create_refresh_token(&user("alice")).unwrap()
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock
            .now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs()
    }

    /// A token of someone who has just signed in.
    pub(crate) fn fresh_token(&self) -> String {
        let alice = user("alice");
        let token = self.tokens.access_token(&alice).claim("auth_time", self.now());
        token.create().unwrap().text
    }

    /// `/protected` and `/optional` answer the claims, `/fresh` and `/refresh` a word.
    pub(crate) fn router(&self) -> Router {
        let protected = async |Bearer(token): Bearer<Open>| {
            Json(json!({ "sub": token.subject(), "claims": token.claims() }))
        };
        let optional = async |token: Option<Bearer<Open>>| {
            Json(json!({ "sub": token.as_ref().and_then(|Bearer(token)| token.subject()) }))
        };
        Router::new()
            .route("/protected", any(protected))
            .route("/optional", any(optional))
            .route("/fresh", any(async |_: Authorized<Fresh<Open, 300>>| "fresh"))
            .route(
                "/refresh",
                any(async |Bearer(token): Bearer<Refresh>| Json(json!({ "claims": token.claims() }))),
            )
            .route_layer(self.app.access.guard())
            .route_layer(self.app.refresh.guard())
            .with_state(self.app.clone())
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.ask("GET", path, headers, "").await
    }

    pub(crate) async fn with_token(&self, path: &str, token: &str) -> Reply {
        self.get(path, &[("authorization", &bearer(token))]).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(self.router(), request.body(Body::from(body.to_owned())).unwrap()).await
    }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// Status, stable code and sentence of a refusal.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str, message: &str) {
        let body = json!({ "error": code, "message": message }).to_string();
        assert_eq!((self.status, &*self.body), (status, &*body));
    }

    #[track_caller]
    pub(crate) fn assert_subject(&self, subject: Option<&str>) {
        assert_eq!(self.json()["sub"], json!(subject));
    }
}

pub(crate) async fn send(app: Router, request: Request) -> Reply {
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// A body of the application's own making, for any refusal.
pub(crate) fn replaced<C: Send + Sync + 'static>(auth: Auth<C>) -> Auth<C> {
    auth.rejections(|rejection| {
        let body = json!({ "oops": rejection.code() });
        axum::response::IntoResponse::into_response((StatusCode::OK, Json(body)))
    })
}

/// What a browser keeps: name and value of every cookie set, cleared ones left out.
pub(crate) fn jar(headers: &HeaderMap) -> String {
    let kept = headers.get_all(SET_COOKIE).iter().filter_map(|line| {
        let line = line.to_str().unwrap();
        (!line.contains("Max-Age=0")).then(|| line.split(';').next().unwrap().to_owned())
    });
    kept.collect::<Vec<_>>().join("; ")
}
