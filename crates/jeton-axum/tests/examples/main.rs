//! The examples do what their first lines promise.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use axum::{Router, body::Body, extract::Request};
use http::{HeaderMap, header::SET_COOKIE};
use http_body_util::BodyExt;
use jeton::{
    Algorithm, SigningKey, Verifier,
    testkit::{Clock, TestIssuer},
};
use jeton_axum::{Auth, RemoteKeys, Tokens};
use serde_json::{Value, json};
use tower::ServiceExt;

#[expect(dead_code, reason = "its `main` serves, here it is asked")]
#[path = "../../examples/cookies.rs"]
mod cookies;
#[expect(dead_code, reason = "its `main` serves, here it is asked")]
#[path = "../../examples/flask.rs"]
mod flask;
#[expect(dead_code, reason = "its `main` serves, here it is asked")]
#[path = "../../examples/optional.rs"]
mod optional;
#[expect(dead_code, reason = "its `main` serves, here it is asked")]
#[path = "../../examples/renewal.rs"]
mod renewal;
#[expect(dead_code, reason = "its `main` serves, here it is asked")]
#[path = "../../examples/resource_server.rs"]
mod resource_server;
#[expect(dead_code, reason = "its `main` serves, here it is asked")]
#[path = "../../examples/roles.rs"]
mod roles;

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn ask(app: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn with_token(app: &Router, method: &str, path: &str, token: &str) -> Reply {
    ask(
        app,
        method,
        path,
        &[("authorization", &format!("Bearer {token}"))],
        "",
    )
    .await
}

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Hs256).unwrap()
}

#[tokio::test]
async fn roles_and_freshness_decide() {
    let clock = Clock::default();
    let tokens = Tokens::new(key(), "https://app.example", "app", clock.clone());
    let app = roles::app(&Auth::new(tokens.verifier(), clock.clone()));
    let users = roles::users(clock.now());
    let asked = async |number: usize| {
        let token = tokens.create_access_token(&users[number]).unwrap();
        let mut seen = Vec::new();
        for (method, path) in [("POST", "/publish"), ("POST", "/purge"), ("GET", "/stats")] {
            seen.push(with_token(&app, method, path, &token).await.status);
        }
        seen
    };
    assert_eq!(asked(0).await, [403, 403, 403], "a reader");
    assert_eq!(asked(1).await, [200, 403, 403], "an editor");
    assert_eq!(asked(2).await, [200, 200, 200], "an administrator");
    clock.advance(Duration::from_mins(6));
    assert_eq!(
        asked(2).await,
        [200, 401, 200],
        "an administrator six minutes later"
    );
}

#[tokio::test]
async fn the_page_knows_who_is_there() {
    let issuer = TestIssuer::new("https://id.example").unwrap();
    let app = optional::app(Auth::new(issuer.verifier("api"), issuer.clock().clone()));
    let ada = optional::Access {
        name: "Ada".to_owned(),
    };
    let token = issuer.token("user-1", "api", &ada).unwrap();
    assert_eq!(ask(&app, "GET", "/", &[], "").await.body, "Welcome!\n");
    assert_eq!(
        with_token(&app, "GET", "/", &token).await.body,
        "Welcome back, Ada!\n"
    );
    assert_eq!(with_token(&app, "GET", "/", "junk").await.status, 401);
}

/// Cookies as a browser would send them back.
fn jar(reply: &Reply) -> String {
    let lines = reply.headers.get_all(SET_COOKIE).iter();
    let pairs = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
    pairs.collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_browser_signs_in_and_out() {
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    let clock = Clock::default();
    let app = cookies::app(key(), clock.clone()).unwrap();
    assert!(ask(&app, "GET", "/", &[], "").await.body.contains("Sign in"));
    let reply = ask(&app, "POST", "/sign-in", &[FORM], "name=Ada").await;
    assert_eq!(reply.status, 303);
    let cookies = jar(&reply);

    clock.advance(Duration::from_mins(10));
    let page = ask(&app, "GET", "/", &[("cookie", &cookies)], "").await;
    assert!(page.body.contains("Hello, Ada!"), "{}", page.body);
    let renewed = jar(&page);
    assert!(
        renewed.contains("jeton_access=") && renewed != cookies,
        "renewed on the way"
    );
    clock.advance(Duration::from_mins(10));
    assert_eq!(
        ask(&app, "GET", "/", &[("cookie", &cookies)], "").await.status,
        401
    );
    let page = ask(&app, "GET", "/", &[("cookie", &renewed)], "").await;
    let csrf = page
        .body
        .split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();

    let sign_out =
        async |body: &str| ask(&app, "POST", "/sign-out", &[("cookie", &renewed), FORM], body).await;
    assert_eq!(sign_out("").await.status, 403);
    let reply = sign_out(&format!("csrf={csrf}")).await;
    assert_eq!(reply.status, 303);
    assert!(!jar(&reply).contains("jeton_access=e"), "cleared and not renewed");
    assert_eq!(
        ask(&app, "GET", "/", &[("cookie", &renewed)], "").await.status,
        401
    );
}

#[tokio::test]
async fn a_program_is_hinted_and_refreshes() {
    let clock = Clock::default();
    let app = renewal::app(key(), clock.clone());
    let pair = ask(&app, "POST", "/login", &[], "").await.json();
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| pair[name].as_str().unwrap());
    let reply = with_token(&app, "GET", "/me", access).await;
    assert_eq!(
        (&*reply.body, reply.headers.get("x-token-expires-in")),
        ("ada\n", None)
    );
    clock.advance(Duration::from_mins(11));
    let reply = with_token(&app, "GET", "/me", access).await;
    assert_eq!(reply.headers["x-token-expires-in"], "240");
    assert_eq!(with_token(&app, "POST", "/refresh", access).await.status, 401);
    assert_eq!(with_token(&app, "GET", "/me", refresh).await.status, 401);
    let new = with_token(&app, "POST", "/refresh", refresh).await.json();
    clock.advance(Duration::from_mins(5));
    assert_eq!(with_token(&app, "GET", "/me", access).await.status, 401);
    let new = new["access_token"].as_str().unwrap();
    assert_eq!(with_token(&app, "GET", "/me", new).await.status, 200);
    assert_eq!(with_token(&app, "POST", "/logout", new).await.status, 204);
    assert_eq!(with_token(&app, "GET", "/me", new).await.status, 401);
}

#[tokio::test]
async fn a_resource_server_is_ready_only_with_keys() {
    let rules: Verifier = resource_server::rules("https://id.example", "api");
    // Port 9 discards, where anybody listens at all.
    let keys = RemoteKeys::at("http://127.0.0.1:9/jwks", rules)
        .danger_allow_http()
        .build()
        .unwrap();
    let app = resource_server::app(keys);
    assert_eq!(ask(&app, "GET", "/readyz", &[], "").await.status, 503);
    assert_eq!(ask(&app, "GET", "/me", &[], "").await.status, 401);
}

#[tokio::test]
async fn the_tutorials_walk_works() {
    let app = flask::app(key(), Clock::default()).unwrap();
    let post = async |path: &str, username: &str, password: &str| {
        let body = json!({ "username": username, "password": password }).to_string();
        ask(&app, "POST", path, &[("content-type", "application/json")], &body).await
    };
    let password = "correct horse";
    assert_eq!(post("/register", "ada", "short").await.status, 422);
    let reply = post("/register", "ada", password).await;
    assert_eq!(
        (reply.status, reply.json()),
        (201, json!({ "message": "User registered successfully" }))
    );
    assert_eq!(post("/register", "ada", password).await.status, 400);
    let (unknown, wrong) = (
        post("/login", "eve", password).await,
        post("/login", "ada", "wrong horse").await,
    );
    assert_eq!((unknown.status, &unknown.body), (401, &wrong.body));
    for (path, message) in [("/login", "Login successful"), ("/set-jwt", "JWT created")] {
        let reply = post(path, "ada", password).await.json();
        assert_eq!(reply["message"], message);
        let token = reply["token"].as_str().unwrap();
        for header in [token.to_owned(), format!("Bearer {token}")] {
            let reply = ask(&app, "GET", "/get-jwt", &[("authorization", &header)], "").await;
            assert_eq!(
                reply.json(),
                json!({ "message": "Token is valid", "user": "ada" })
            );
        }
        assert_eq!(
            with_token(&app, "GET", "/protected", token).await.json(),
            json!({ "logged_in_as": "ada" })
        );
    }
    let missing = ask(&app, "GET", "/get-jwt", &[], "").await;
    assert_eq!(
        (missing.status, missing.json()["message"].clone()),
        (401, json!("Token is missing"))
    );
}
