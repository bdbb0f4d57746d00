//! What is logged and what `Debug` shows: never a secret.

use std::{
    io,
    sync::{Arc, Mutex},
};

use http::Method;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt};

use crate::actors::{Actor, Program, Server};

const SECRET: &str = "4inK]I+X+;n2+g\"*>AMQc{p99)9DB@a@";

/// Where the whole process logs to while these tests run.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// As verbose as the service ever is: the filter of its own log, at `trace`.
    fn of_this_process() -> Self {
        let lines = Self::default();
        let writer = lines.clone();
        let filter = Targets::new().with_default(LevelFilter::TRACE);
        let filter = filter.with_targets(["sqlx", "hyper", "h2"].map(|target| (target, LevelFilter::WARN)));
        let layer = fmt::layer()
            .with_writer(move || writer.clone())
            .with_filter(filter);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::set_global_default(subscriber).unwrap();
        lines
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everybody does everything once, well and badly. Returns what must not have been written down.
async fn a_busy_day(server: &Server) -> Vec<String> {
    let visitor = server.visitor();
    let account =
        json!({ "username": "Romel", "password": "a passphrase to find", "email": "find.me@example.org" });
    visitor.post("/register", &account).await.assert_status(201);
    visitor.post("/register", &account).await.assert_status(400);
    visitor
        .login("Romel", "a wrong password to find")
        .await
        .assert_status(401);
    visitor
        .login("a-password-typed-as-a-name", "another wrong one to find")
        .await
        .assert_status(401);
    let mut romel = visitor.sign_in("Romel", "a passphrase to find").await;
    let first = romel.clone();
    for path in ["/protected", "/profile", "/get-jwt", "/sessions"] {
        romel.get(path).await.assert_status(200);
        visitor
            .get_with(path, "a.bearer.to-find")
            .await
            .assert_status(401);
    }
    visitor
        .get(&format!("/protected?token={}", romel.access))
        .await
        .assert_status(401);
    romel.renew().await;
    visitor.refresh(&first.refresh).await.assert_status(200);
    romel.renew().await;
    visitor.refresh(&first.refresh).await.assert_status(401);

    let ada = server.admin("ada").await;
    let wish = json!({ "username": "Romel", "claims": { "department": "a claim to find" } });
    let made = ada.post("/set-jwt", &wish).await;
    let signed = ada
        .post("/sign-token", &json!({ "note": "a payload to find" }))
        .await;
    visitor
        .call(Method::POST, "/verify-token")
        .bearer(signed.text("token"))
        .await
        .assert_status(200);

    let new =
        json!({ "current_password": "a passphrase to find", "new_password": "a new passphrase to find" });
    let again = visitor.sign_in("Romel", "a passphrase to find").await;
    again.post("/password", &new).await.assert_status(200);
    let path = format!("/admin/users/{}", romel.id);
    let changes = json!({ "email": "find.me.too@example.org", "claims": { "tenant": "a tenant to find" } });
    ada.call(Method::PATCH, &path)
        .json(&changes)
        .await
        .assert_status(200);
    let reset = ada.post(&format!("{path}/password-reset"), &json!({})).await;
    for (code, status) in [("a code to find", 401), (reset.text("code"), 200)] {
        let body = json!({ "username": "Romel", "code": code, "new_password": "a passphrase to find" });
        visitor.post("/password/reset", &body).await.assert_status(status);
    }

    let browser = server.browser();
    browser
        .login("Romel", "a passphrase to find")
        .await
        .assert_status(200);
    let cookies = ["access", "refresh", "csrf"].map(|name| browser.cookie(&format!("jeton_{name}")).unwrap());
    let forged = browser
        .post("/refresh", &json!({}))
        .header("x-csrf-token", "a-csrf-token-to-find");
    forged.await.assert_status(403);
    browser
        .post("/logout", &json!({ "scope": "all" }))
        .await
        .assert_status(200);

    let tokens = [
        &first.access,
        &first.refresh,
        &romel.access,
        &romel.refresh,
        &ada.access,
        &ada.refresh,
    ];
    let tokens = tokens
        .into_iter()
        .map(String::as_str)
        .chain(cookies.iter().map(String::as_str));
    let tokens = tokens.chain([made.text("token"), signed.text("token"), reset.text("code")]);
    let halves = tokens.flat_map(|token| token.split('.').map(str::to_owned).collect::<Vec<_>>());
    let typed = [
        "to find",
        "to-find",
        "find.me",
        "typed-as-a-name",
        "a bearer",
        ada.password.as_str(),
        SECRET,
        "argon2id",
        "eyJ",
    ];
    halves.chain(typed.map(str::to_owned)).collect()
}

#[tokio::test]
async fn no_secret_token_password_or_cookie_is_ever_logged() {
    let lines = Lines::of_this_process();
    let server = Server::with_secret(SECRET).await;
    let secrets = a_busy_day(&server).await;
    let log = lines.text();
    for event in [
        "user registered",
        "login refused",
        "session opened",
        "refresh token reused",
        "password set",
        "user changed",
        "answered",
    ] {
        assert!(log.contains(event), "nothing was logged of {event:?}");
    }
    for secret in secrets {
        assert!(
            secret.len() > 2 && !log.contains(&secret),
            "{secret:?} was logged"
        );
    }
}

/// The last line of the requests' log that names a route.
fn answered(lines: &Lines, route: &str) -> String {
    let (text, route) = (lines.text(), format!("route=\"{route}\""));
    let mut answered = text
        .lines()
        .rev()
        .filter(|line| line.contains("answered") && line.contains(&route));
    answered
        .next()
        .unwrap_or_else(|| panic!("no {route} in {text}"))
        .to_owned()
}

#[tokio::test]
async fn the_log_of_requests_names_user_session_and_program_by_id_alone() {
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let server = Server::start().await;
    let mut romel = server.signed_up("Romel").await;
    let whose = format!("user={} session={}", romel.id, romel.session());
    for path in ["/protected", "/get-jwt", "/profile"] {
        romel.get(path).await.assert_status(200);
        let line = answered(&lines, path);
        assert!(line.contains(&whose) && !line.contains("Romel"), "{line}");
    }
    assert!(answered(&lines, "/login").contains(&whose));
    romel.get("/admin/users").await.assert_status(403);
    assert!(answered(&lines, "/admin/users").contains(&whose));
    romel.renew().await;
    assert!(answered(&lines, "/refresh").contains(&whose));

    let ada = server.admin("ada").await;
    let made = ada.post("/set-jwt", &json!({ "username": "Romel" })).await;
    made.assert_status(200);
    let line = answered(&lines, "/set-jwt");
    assert!(line.contains(&ada.id) && !line.contains(&romel.id), "{line}");

    let program = Program::new(&server, &ada, "feeder", &["revocations:read"]).await;
    assert!(answered(&lines, "/oauth/token").contains(&format!("client={}", program.id)));
    program.get("/revocations").await.assert_status(200);
    let line = answered(&lines, "/revocations");
    assert!(
        line.contains(&format!("client={}", program.id)) && !line.contains("user="),
        "{line}"
    );

    for (path, token) in [("/healthz", ""), ("/protected", "a.forged.token")] {
        server.visitor().get_with(path, token).await;
        let line = answered(&lines, path);
        assert!(!line.contains("user=") && !line.contains("session="), "{line}");
    }
    romel.post("/logout", &json!({})).await.assert_status(200);
    romel.get("/protected").await.assert_status(401);
    assert!(!answered(&lines, "/protected").contains("user="));
}

#[tokio::test]
async fn an_origin_that_is_refused_is_named_once_with_the_setting_that_lets_it_in() {
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let server = Server::with(&[("cors-origins", "https://app.example")]).await;
    let visitor = server.visitor();
    let get = |origin: &str| visitor.get("/profile").header("origin", origin);
    let preflight = |origin: &str| {
        let call = visitor.call(Method::OPTIONS, "/refresh").header("origin", origin);
        call.header("access-control-request-method", "POST")
    };
    let times = |text: &str| lines.text().matches(text).count();

    for origin in ["https://app.example", "http://localhost:5000", "null", "nonsense"] {
        get(origin).await;
    }
    // A page that is opened, or a form that is sent, is not what the setting is about.
    let opened = get("https://form.example").header("sec-fetch-mode", "navigate");
    opened.await;
    // Other endpoints any page may call.
    let keys = visitor.get("/.well-known/jwks.json");
    keys.header("origin", "https://client.example").await;
    get("https://line.example\u{a0}WARN").await;
    assert_eq!(times("JETON_CORS_ORIGINS"), 0, "{}", lines.text());

    for _ in 0..3 {
        get("https://other.example").await.assert_status(401);
        preflight("https://dev.example:5173").await;
        let login = visitor.login("Romel", "a passphrase to find");
        login
            .header("origin", "https://third.example")
            .await
            .assert_status(403);
    }
    assert_eq!(times("JETON_CORS_ORIGINS"), 3, "{}", lines.text());
    for origin in [
        "https://other.example",
        "https://dev.example:5173",
        "https://third.example",
    ] {
        assert_eq!(times(origin), 1, "{origin}: {}", lines.text());
    }
    for number in 0..100 {
        get(&format!("https://{number}.example")).await;
    }
    assert_eq!(times("JETON_CORS_ORIGINS"), 32);
}

#[tokio::test]
async fn debug_output_shows_no_secret() {
    let server = Server::with_secret(SECRET).await;
    let romel = server.signed_up("Romel").await;
    let shown = server.debug();
    assert!(shown.contains("Service"), "{shown}");
    for secret in [SECRET, "c{p99", &romel.password, &romel.access, &romel.refresh] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    let bytes = format!("{:?}", SECRET.as_bytes());
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
}
