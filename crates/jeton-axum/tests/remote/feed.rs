//! The revocation feed, against a service that answers as told.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::StatusCode;
use jeton::{Claims, testkit::TestIssuer};
use jeton_axum::{
    Auth, FeedError, FeedEvent, FeedSetUpError, RemoteKeys, Revocable, RevocationFeed, RevocationFeedBuilder,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{AUDIENCE, AUTHORITY, Manner, OTHER_AUTHORITY, Server, quick, rules, serving, until};

const SESSION: &str = "019b0000-0000-7000-8000-00000000005e";
const USER: &str = "019b0000-0000-7000-8000-0000000000aa";

/// Short enough for a test, long enough for a busy machine.
const MAX_LAG: Duration = Duration::from_secs(1);

#[derive(Debug, Serialize, Deserialize)]
struct Session {
    sid: Option<String>,
    uv: i64,
}

impl Claims for Session {
    const TYP: &'static str = "at+jwt";
}

impl Revocable for Session {
    fn session(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    fn version(&self) -> Option<i64> {
        Some(self.uv)
    }
}

/// A service whose feed is what a test puts into it.
#[derive(Clone)]
struct Service {
    server: Server,
    entries: Arc<Mutex<Vec<Value>>>,
    page: usize,
}

impl Service {
    async fn new(page: usize) -> Self {
        Self::at(Server::new(|_| Manner::Silence).await, page)
    }

    async fn over_tls(page: usize) -> Self {
        Self::at(Server::over_tls(|_| Manner::Silence).await, page)
    }

    fn at(server: Server, page: usize) -> Self {
        let service = Self {
            server,
            entries: Arc::default(),
            page,
        };
        service.is_well();
        service
    }

    /// Answers as a Jeton service does, without ever letting anybody wait.
    fn is_well(&self) {
        let (entries, page) = (Arc::clone(&self.entries), self.page);
        self.server.now(move |path| {
            if path.starts_with("/oauth/token") {
                return Manner::Answer(String::new(), json!({ "access_token": "the-token" }).to_string());
            }
            let since = path.split("since=").nth(1).unwrap().split('&').next().unwrap();
            let since: usize = since.parse().unwrap();
            let entries = entries.lock().unwrap();
            let rest: Vec<_> = entries.iter().skip(since).take(page).cloned().collect();
            let next = since + rest.len();
            let body = json!({ "revocations": rest, "next": next, "more": rest.len() == page, "now": 1000 });
            Manner::Answer(String::new(), body.to_string())
        });
    }

    fn revokes(&self, kind: &str, id: &str, below: Option<i64>) {
        let mut entries = self.entries.lock().unwrap();
        let number = entries.len() + 1;
        let mut entry = json!({ "number": number, "kind": kind, "id": id, "until": 2000 });
        if let Some(below) = below {
            entry["below"] = below.into();
        }
        entries.push(entry);
    }

    fn builder(&self, events: &Arc<Mutex<Vec<FeedEvent>>>) -> RevocationFeedBuilder {
        let events = Arc::clone(events);
        RevocationFeed::of(&self.server.url, "the-client", "the secret & more")
            .danger_allow_http()
            .wait(Duration::ZERO)
            .max_lag(MAX_LAG)
            .pauses(Duration::from_millis(10), Duration::from_millis(50))
            .on_event(move |event| events.lock().unwrap().push(event.clone()))
    }
}

struct World {
    issuer: TestIssuer,
    service: Service,
    feed: RevocationFeed,
    auth: Auth<Session>,
    events: Arc<Mutex<Vec<FeedEvent>>>,
}

impl World {
    async fn new() -> Self {
        Self::with(Service::new(2).await)
    }

    fn with(service: Service) -> Self {
        Self::following(service, |builder| builder)
    }

    fn following(
        service: Service,
        set_up: impl FnOnce(RevocationFeedBuilder) -> RevocationFeedBuilder,
    ) -> Self {
        let issuer = TestIssuer::new("https://id.example").unwrap();
        let events = Arc::default();
        let feed = set_up(service.builder(&events)).follow().unwrap();
        let verifier = issuer.verifier(AUDIENCE);
        let auth = Auth::new(verifier, issuer.clock().clone()).revocations(feed.clone());
        Self {
            issuer,
            service,
            feed,
            auth,
            events,
        }
    }

    fn token(&self, session: Option<&str>, version: i64) -> String {
        let claims = Session {
            sid: session.map(str::to_owned),
            uv: version,
        };
        self.issuer.token(USER, AUDIENCE, &claims).unwrap()
    }

    fn ask(&self, token: &str) -> &'static str {
        self.auth
            .check(token)
            .map_or_else(|rejection| rejection.code(), |_| "ok")
    }

    fn failures(&self) -> Vec<FeedError> {
        let events = self.events.lock().unwrap();
        let failures = events.iter().filter_map(|event| match event {
            FeedEvent::Failed(error) => Some(error.clone()),
            _ => None,
        });
        failures.collect()
    }
}

#[tokio::test]
async fn what_is_revoked_is_refused_a_moment_later() {
    let world = World::new().await;
    world.feed.ready().await;
    let (token, other) = (world.token(Some(SESSION), 0), world.token(None, 0));
    assert_eq!((world.ask(&token), world.ask(&other)), ("ok", "ok"));
    world.service.revokes("session", SESSION, None);
    until(|| world.ask(&token) == "token_revoked").await;
    assert_eq!(world.ask(&other), "ok");
    world.service.revokes("user", USER, Some(1));
    until(|| world.ask(&other) == "token_revoked").await;
    assert_eq!(world.ask(&world.token(None, 1)), "ok");
    assert_eq!(world.feed.len(), 2);
}

#[tokio::test]
async fn before_the_whole_picture_is_there_nothing_is_guessed() {
    let service = Service::new(2).await;
    for number in 0..5 {
        let id = format!("019b0000-0000-7000-8000-00000000000{number}");
        service.revokes("session", &id, None);
    }
    service
        .server
        .now(|_| Manner::Status(StatusCode::SERVICE_UNAVAILABLE, String::new()));
    let world = World::with(service);
    let token = world.token(Some(SESSION), 0);
    until(|| !world.failures().is_empty()).await;
    assert_eq!(world.ask(&token), "revocation_stale");
    assert!(!world.feed.is_ready());
    world.service.is_well();
    world.feed.ready().await;
    assert_eq!(world.feed.len(), 5, "in three pages");
    assert_eq!(world.ask(&token), "ok");
    assert_eq!(
        world.events.lock().unwrap().last(),
        Some(&FeedEvent::UpToDate { entries: 5 })
    );
}

#[tokio::test]
async fn an_outage_is_survived_and_after_the_bound_nothing_is_guessed() {
    let world = World::new().await;
    world.feed.ready().await;
    let (gone, good) = (world.token(Some(SESSION), 0), world.token(None, 0));
    world.service.revokes("session", SESSION, None);
    until(|| world.ask(&gone) == "token_revoked").await;
    world.service.server.now(|_| Manner::BrokenOff);
    until(|| !world.failures().is_empty()).await;
    until(|| world.ask(&good) == "revocation_stale").await;
    assert_eq!(world.ask(&gone), "token_revoked", "what is known is known");
    world.service.is_well();
    until(|| world.ask(&good) == "ok").await;
    assert_eq!(world.ask(&gone), "token_revoked");
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_without_a_pause() {
    let world = World::new().await;
    world.feed.ready().await;
    let entries = Arc::clone(&world.service.entries);
    let tokens = Arc::new(Mutex::new(0));
    let asked = Arc::clone(&tokens);
    world.service.server.now(move |path| {
        if path.starts_with("/oauth/token") {
            *asked.lock().unwrap() += 1;
            return Manner::Answer(String::new(), json!({ "access_token": "another" }).to_string());
        }
        if *asked.lock().unwrap() == 0 {
            return Manner::Status(StatusCode::UNAUTHORIZED, String::new());
        }
        let next = entries.lock().unwrap().len();
        let body = json!({ "revocations": [], "next": next, "more": false, "now": 1000 });
        Manner::Answer(String::new(), body.to_string())
    });
    until(|| *tokens.lock().unwrap() == 1).await;
    until(|| world.events.lock().unwrap().len() == 2).await;
    assert_eq!(world.failures(), []);
    assert!(world.feed.is_ready());
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    for (path, manner, error) in [
        (
            "/oauth/token",
            Manner::Status(StatusCode::UNAUTHORIZED, String::new()),
            FeedError::InvalidClient,
        ),
        (
            "/oauth/token",
            Manner::Status(StatusCode::BAD_REQUEST, String::new()),
            FeedError::Scope,
        ),
        (
            "/oauth/token",
            Manner::Answer(String::new(), "{}".into()),
            FeedError::Malformed,
        ),
        (
            "/revocations",
            Manner::Status(StatusCode::FORBIDDEN, String::new()),
            FeedError::Scope,
        ),
        (
            "/revocations",
            Manner::Status(StatusCode::UNAUTHORIZED, String::new()),
            FeedError::Token,
        ),
        (
            "/revocations",
            Manner::Status(StatusCode::FOUND, "Location: /elsewhere\r\n".into()),
            FeedError::Status(302),
        ),
        (
            "/oauth/token",
            Manner::Answer(String::new(), r#"["the-token"]"#.into()),
            FeedError::Malformed,
        ),
        (
            "/revocations",
            Manner::Answer(String::new(), "[]".into()),
            FeedError::Malformed,
        ),
        (
            "/revocations",
            Manner::Answer(String::new(), "[[],0,false,1000,null]".into()),
            FeedError::Malformed,
        ),
        (
            "/revocations",
            Manner::Answer(
                String::new(),
                r#"{"revocations":[],"next":0,"more":false,"now":1000,"x":{"a":1,"a":1}}"#.into(),
            ),
            FeedError::Malformed,
        ),
        (
            "/revocations",
            Manner::Answer(
                String::new(),
                r#"{"revocations":[],"next":0,"more":false,"now":1000,"x":{"$serde_json::private::RawValue":"1"}}"#
                    .into(),
            ),
            FeedError::Malformed,
        ),
        ("/revocations", Manner::Endless, FeedError::TooLarge),
        ("/revocations", Manner::BrokenOff, FeedError::Connection),
    ] {
        let service = Service::new(2).await;
        service.server.now(move |asked| {
            if asked.starts_with(path) {
                manner.clone()
            } else {
                Manner::Answer(String::new(), json!({ "access_token": "the-token" }).to_string())
            }
        });
        let world = World::with(service);
        until(|| !world.failures().is_empty()).await;
        assert_eq!(world.failures()[0], error, "{path}");
        assert!(!world.feed.is_ready());
    }
}

#[tokio::test]
async fn a_service_under_an_authority_of_ones_own_is_followed() {
    let service = Service::over_tls(2).await;
    let world = World::following(service, |builder| builder.certificate_authority(AUTHORITY));
    world.feed.ready().await;
    let token = world.token(Some(SESSION), 0);
    assert_eq!(world.ask(&token), "ok");
    world.service.revokes("session", SESSION, None);
    until(|| world.ask(&token) == "token_revoked").await;
    assert_eq!(world.failures(), []);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_named() {
    for authorities in [&[][..], &[OTHER_AUTHORITY]] {
        let service = Service::over_tls(2).await;
        let world = World::following(service, |builder| {
            authorities.iter().fold(builder, |builder, authority| {
                builder.certificate_authority(authority)
            })
        });
        until(|| !world.failures().is_empty()).await;
        assert_eq!(world.failures()[0], FeedError::Certificate, "{authorities:?}");
        assert!(!world.feed.is_ready());
        assert_eq!(world.service.server.count(), 0, "the secret was sent");
        assert_eq!(world.ask(&world.token(None, 0)), "revocation_stale");
    }
}

#[tokio::test]
async fn it_signs_in_and_asks_for_what_it_does_not_know() {
    let world = World::new().await;
    world.feed.ready().await;
    let requests = world.service.server.requests();
    assert!(
        requests[0].starts_with("POST /oauth/token HTTP/1.1"),
        "{}",
        requests[0]
    );
    assert!(
        requests[1].starts_with("GET /revocations?since=0&wait=0 HTTP/1.1"),
        "{}",
        requests[1]
    );
    assert!(
        requests[1]
            .to_lowercase()
            .contains("authorization: bearer the-token")
    );
    assert!(!format!("{:?} {:?}", world.feed, world.service.builder(&Arc::default())).contains("secret"));
}

#[tokio::test]
async fn nobody_follows_what_nobody_uses() {
    let World {
        service, feed, auth, ..
    } = World::new().await;
    feed.ready().await;
    drop((feed, auth));
    let mut before = usize::MAX;
    for _ in 0..500 {
        let count = service.server.count();
        if count == before {
            return;
        }
        before = count;
        sleep(Duration::from_millis(50)).await;
    }
    panic!("it is asked still");
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused() {
    let of = |address: &str| RevocationFeed::of(address, "id", "secret");
    assert_eq!(
        of("nonsense").follow().unwrap_err(),
        FeedSetUpError::Url("nonsense".into())
    );
    assert_eq!(
        of("http://id.example").follow().unwrap_err(),
        FeedSetUpError::NotHttps("http://id.example".into())
    );
    let lag = of("https://id.example").max_lag(Duration::from_secs(40));
    assert_eq!(lag.follow().unwrap_err(), FeedSetUpError::Lag);
}

#[test]
fn without_a_runtime_there_is_no_panic() {
    let feed = RevocationFeed::of("https://id.example", "id", "secret");
    assert_eq!(feed.follow().unwrap_err(), FeedSetUpError::NoRuntime);
}

/// A page that leads nowhere is a failure: it is told, and asked for again at growing intervals.
#[tokio::test]
async fn a_page_that_leads_nowhere_is_not_asked_for_without_end() {
    let entry = json!({ "number": 1, "kind": "session", "id": SESSION, "until": 2000 });
    let pages = [
        json!({ "revocations": [], "next": 0, "more": true, "now": 1000 }),
        json!({ "revocations": [entry], "next": 0, "more": true, "now": 1000 }),
        json!({ "revocations": [entry], "next": 0, "more": false, "now": 1000 }),
    ];
    for page in pages {
        let service = Service::new(2).await;
        let body = page.to_string();
        service.server.now(move |path| {
            if path.starts_with("/oauth/token") {
                return Manner::Answer(String::new(), json!({ "access_token": "the-token" }).to_string());
            }
            Manner::Answer(String::new(), body.clone())
        });
        let world = World::with(service);
        until(|| world.failures().len() >= 3).await;
        // One question for each time it was told, and the token's.
        let (asked, told) = (world.service.server.count(), world.failures().len());
        assert!(asked <= told + 3, "{asked} requests, {told} told: {page}");
        assert!(
            world
                .failures()
                .iter()
                .all(|error| *error == FeedError::NoProgress)
        );
        assert!(!world.feed.is_ready(), "{page}");
    }
}

/// As behind a proxy that does not let it wait for news.
#[tokio::test]
async fn a_service_that_does_not_wait_is_not_asked_without_a_pause() {
    let pause = Duration::from_millis(100);
    let begun = Instant::now();
    let world = World::following(Service::new(2).await, |builder| builder.pauses(pause, MAX_LAG));
    // For a token, for everything there is, and three times for news.
    until(|| world.service.server.count() >= 5).await;
    assert!(begun.elapsed() >= 3 * pause, "{:?}", begun.elapsed());
    assert_eq!(world.failures(), []);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_are_not_followed_without_end() {
    let service = Service::new(2).await;
    service.server.now(|path| {
        if path.starts_with("/oauth/token") {
            return Manner::Answer(String::new(), json!({ "access_token": "the-token" }).to_string());
        }
        let next = if path.contains("since=0&") { 5 } else { 0 };
        let body = json!({ "revocations": [], "next": next, "more": true, "now": 1000 });
        Manner::Answer(String::new(), body.to_string())
    });
    let world = World::with(service);
    until(|| world.failures().contains(&FeedError::NoProgress)).await;
    assert!(!world.feed.is_ready());
}

#[tokio::test]
async fn a_service_that_begins_anew_is_followed() {
    let world = World::new().await;
    world.service.revokes("session", SESSION, None);
    world.service.revokes("user", USER, Some(1));
    until(|| world.feed.len() == 2).await;
    // A restored back-up: the numbers begin anew.
    world.service.server.now(|path| {
        let next = u8::from(!path.contains("since=2&"));
        let body = json!({ "revocations": [], "next": next, "more": next == 0, "now": 1000 });
        Manner::Answer(String::new(), body.to_string())
    });
    until(|| {
        world
            .service
            .server
            .requests()
            .iter()
            .any(|head| head.contains("since=1&"))
    })
    .await;
    assert_eq!(world.failures(), []);
    assert!(world.feed.is_ready());
}

#[tokio::test]
async fn a_hook_that_panics_does_not_end_the_following() {
    let service = Service::new(2).await;
    let builder = service
        .builder(&Arc::default())
        .on_event(|event| panic!("{event:?}"));
    let feed = builder.follow().unwrap();
    feed.ready().await;
    service.revokes("session", SESSION, None);
    until(|| feed.len() == 1).await;
}

/// Runs itself again under a proxy that must not be asked: what a service beside us is sent stays here.
#[test]
fn loopback_addresses_are_not_asked_through_a_proxy() {
    const INNER: &str = "JETON_TEST_PROXIED";
    if std::env::var_os(INNER).is_none() {
        let name = "feed::loopback_addresses_are_not_asked_through_a_proxy";
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args([name, "--exact"]).env(INNER, "1");
        for proxy in [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "all_proxy",
        ] {
            // Nobody listens there.
            again.env(proxy, "http://127.0.0.1:9");
        }
        again.env_remove("NO_PROXY").env_remove("no_proxy");
        let output = again.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let service = Service::new(2).await;
        let feed = service.builder(&Arc::default()).follow().unwrap();
        until(|| feed.is_ready()).await;
        let issuer = TestIssuer::new("https://id.example").unwrap();
        let server = Server::new(serving(&issuer)).await;
        let keys = quick(RemoteKeys::at(server.url, rules()), &issuer, &Arc::default());
        assert_eq!(keys.build().unwrap().warm_up().await, Ok(()));
    });
}
