//! A small app behind the guard, a clock that moves, and an issuer the guard trusts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{Router, body::Body, routing::any};
use http::{HeaderMap, Request, StatusCode, header::AUTHORIZATION};
use http_body_util::BodyExt;
use jeton::{Claims, Issuer, SigningKey, Verifier};
use jeton_axum::{Auth, Bearer, Verifiers};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "api";
pub(crate) const LIFETIME: Duration = Duration::from_mins(15);

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) sid: Option<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) auth_time: u64,
}

impl Claims for Access {
    const TYP: &'static str = "at+jwt";
}

/// Seconds since 1970, moved by hand.
#[derive(Clone, Debug)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    pub(crate) fn back(&self, time: Duration) {
        self.0.fetch_sub(time.as_secs(), Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

pub(crate) struct World {
    pub(crate) clock: Hand,
    pub(crate) auth: Auth<Access>,
    issuer: Issuer<Access>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_verifiers(verifier(&key(7)))
    }

    pub(crate) fn with_verifiers(verifiers: impl Into<Verifiers>) -> Self {
        let clock = Hand(Arc::new(AtomicU64::new(1_800_000_000)));
        let hand = clock.clone();
        let auth = Auth::new(verifiers, move || hand.now());
        Self {
            clock,
            auth,
            issuer: issuer(key(7)),
        }
    }

    /// The same world with its guard set up further.
    pub(crate) fn with(mut self, set_up: impl FnOnce(Auth<Access>) -> Auth<Access>) -> Self {
        self.auth = set_up(self.auth);
        self
    }

    /// A good token of alice.
    pub(crate) fn token(&self) -> String {
        self.token_of(Access::default())
    }

    pub(crate) fn token_of(&self, claims: Access) -> String {
        self.issuer
            .issue_at("alice", AUDIENCE, claims, self.clock.now())
            .unwrap()
    }

    /// `/me` answers the subject, `/feed` the subject or `nobody`; to any method.
    pub(crate) fn app(&self) -> Router {
        Router::new()
            .route("/me", any(me))
            .route("/feed", any(feed))
            .with_state(self.auth.clone())
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("GET", path, headers).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        send(self.app(), request(method, path, headers)).await
    }
}

pub(crate) fn key(byte: u8) -> SigningKey {
    let secret: Vec<u8> = (0..32).map(|n| byte.wrapping_mul(31) ^ (7 * n)).collect();
    SigningKey::hs256(secret).unwrap()
}

pub(crate) fn issuer(key: SigningKey) -> Issuer<Access> {
    Issuer::new(key, ISSUER, LIFETIME)
}

pub(crate) fn verifier(key: &SigningKey) -> Verifier {
    Verifier::builder(key.verifying_key())
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .build()
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

pub(crate) fn with_bearer(path: &str, token: &str) -> Request<Body> {
    request("GET", path, &[(AUTHORIZATION.as_str(), &bearer(token))])
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn challenge(&self) -> &str {
        self.header("www-authenticate").expect("a challenge")
    }

    /// Asserts status and body of a refusal.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str, message: &str) {
        let body = format!(r#"{{"error":"{code}","message":"{message}"}}"#);
        assert_eq!(
            (self.status.as_u16(), self.body.as_str()),
            (status, body.as_str())
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }

    #[track_caller]
    pub(crate) fn assert_ok(&self, body: &str) {
        assert_eq!((self.status.as_u16(), self.body.as_str()), (200, body));
    }
}

pub(crate) async fn send(app: Router, request: Request<Body>) -> Reply {
    let response = app.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn me(Bearer(token): Bearer<Access>) -> String {
    token.subject().unwrap().to_owned()
}

async fn feed(token: Option<Bearer<Access>>) -> String {
    token
        .and_then(|Bearer(token)| token.subject().map(str::to_owned))
        .unwrap_or_else(|| "nobody".to_owned())
}
