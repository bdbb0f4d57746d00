//! Killed again and again with everything in flight: what was answered is there, what was revoked is dead, and the
//! audit trail verifies.

use std::{
    collections::BTreeMap,
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::process::{Home, Reply, Server, credentials};

const ROUNDS: usize = 20;

/// How many answers a round waits for before the process is killed.
const ANSWERS: usize = 60;

/// What the service has answered to, so far.
#[derive(Default)]
struct Answered {
    registered: Vec<String>,
    refreshes: usize,
    /// Access and refresh tokens of sessions whose end was answered.
    ended: Vec<(String, String)>,
    reuses: usize,
}

/// One session that is refreshed for ever, by its user's name.
struct Walker {
    name: String,
    current: String,
    /// What was exchanged for the current token.
    before: Option<String>,
}

/// The refresh token of an answer, unless the process went away before it was whole.
fn refresh(server: &Server, token: &str) -> Option<Reply> {
    server.try_post("/refresh", Some(token), &json!({})).ok()
}

fn is_ok(reply: Option<&Reply>) -> bool {
    reply.is_some_and(|reply| reply.status == StatusCode::OK)
}

impl Walker {
    fn new(server: &Server, name: &str) -> Self {
        assert_eq!(server.register(name).status, StatusCode::CREATED);
        Self {
            name: name.to_owned(),
            current: server.login(name).text("refresh_token"),
            before: None,
        }
    }

    /// Exchanges its token, and now and then presents the one before again; until the process is gone.
    fn walk(&mut self, server: &Server, count: &AtomicUsize) -> usize {
        let mut refreshes = 0;
        while let Some(reply) = refresh(server, &self.current) {
            assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
            let exchanged = std::mem::replace(&mut self.current, reply.text("refresh_token"));
            self.before = Some(exchanged);
            refreshes += 1;
            count.fetch_add(1, Ordering::SeqCst);
            if refreshes % 3 == 0 && !self.replay(server) {
                break;
            }
        }
        refreshes
    }

    /// A lost answer is had again, to the byte. Says whether the process is still there.
    fn replay(&self, server: &Server) -> bool {
        let Some(before) = &self.before else { return true };
        let Some(reply) = refresh(server, before) else {
            return false;
        };
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(reply.text("refresh_token"), self.current);
        true
    }

    /// After a kill: the last token that was answered still works, and there is the one session.
    fn goes_on(&mut self, server: &Server) {
        let reply = server.post("/refresh", Some(&self.current), &json!({}));
        assert_eq!(
            reply.status,
            StatusCode::OK,
            "an answered refresh of {} is lost: {reply:?}",
            self.name
        );
        self.before = Some(std::mem::replace(&mut self.current, reply.text("refresh_token")));
        let sessions = server.get("/sessions", &reply.text("access_token"));
        assert_eq!(
            sessions.body["sessions"].as_array().unwrap().len(),
            1,
            "{}",
            self.name
        );
    }
}

/// Signs in and out until the process is gone; the pairs whose end was answered.
fn come_and_go(server: &Server, count: &AtomicUsize) -> Vec<(String, String)> {
    let mut ended = Vec::new();
    loop {
        let pair = server.try_post("/login", None, &credentials("guest"));
        let Some(pair) = pair.ok().filter(|reply| is_ok(Some(reply))) else {
            return ended;
        };
        let (access, refresh) = (pair.text("access_token"), pair.text("refresh_token"));
        let out = server.try_post("/logout", Some(&access), &json!({}));
        if !is_ok(out.as_ref().ok()) {
            return ended;
        }
        ended.push((access, refresh));
        count.fetch_add(1, Ordering::SeqCst);
    }
}

/// Presents grandparents until the process is gone: each ends its session, and no other.
fn steal(server: &Server, count: &AtomicUsize) -> Vec<(String, String)> {
    let mut ended = Vec::new();
    let attempt = || {
        let pair = server.try_post("/login", None, &credentials("careless")).ok()?;
        let first = pair.text("refresh_token");
        let second = refresh(server, &first)?.text("refresh_token");
        let third = refresh(server, &second)?;
        let reused = refresh(server, &first)?;
        assert_eq!(reused.text("error"), "token_reused");
        Some((third.text("access_token"), third.text("refresh_token")))
    };
    while let Some(pair) = attempt() {
        ended.push(pair);
        count.fetch_add(1, Ordering::SeqCst);
    }
    ended
}

fn register(server: &Server, round: usize, count: &AtomicUsize) -> Vec<String> {
    let mut registered = Vec::new();
    loop {
        let name = format!("user-{round}-{}", registered.len());
        let made = server.try_post("/register", None, &credentials(&name));
        if made.is_ok_and(|reply| reply.status == StatusCode::CREATED) {
            registered.push(name);
            count.fetch_add(1, Ordering::SeqCst);
        } else {
            return registered;
        }
    }
}

fn round(number: usize, server: &Server, walkers: &mut [Walker], answered: &mut Answered) {
    let count = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let count = &count;
        let walking: Vec<_> = walkers
            .iter_mut()
            .map(|walker| scope.spawn(move || walker.walk(server, count)))
            .collect();
        let going = scope.spawn(move || come_and_go(server, count));
        let stealing = scope.spawn(move || steal(server, count));
        let registering = scope.spawn(move || register(server, number, count));
        while count.load(Ordering::SeqCst) < ANSWERS {
            std::thread::yield_now();
        }
        server.kill_now();
        for walk in walking {
            answered.refreshes += walk.join().unwrap();
        }
        answered.ended.extend(going.join().unwrap());
        let stolen = stealing.join().unwrap();
        answered.reuses += stolen.len();
        answered.ended.extend(stolen);
        answered.registered.extend(registering.join().unwrap());
    });
}

fn nothing_revoked_lives(server: &Server, ended: &[(String, String)]) {
    for (access, token) in ended {
        let reply = server.get("/protected", access);
        assert_eq!(
            reply.status,
            StatusCode::UNAUTHORIZED,
            "a revoked access token lives"
        );
        assert_eq!(reply.text("error"), "token_revoked");
        let reply = server.post("/refresh", Some(token), &json!({}));
        assert_eq!(
            reply.status,
            StatusCode::UNAUTHORIZED,
            "a revoked refresh token lives"
        );
    }
}

/// How often each action is in the trail.
fn recorded(home: &Home) -> BTreeMap<String, usize> {
    assert!(home.run(["audit", "export", "trail"]).succeeded);
    let trail = fs::read_to_string(home.path().join("trail")).unwrap();
    let mut counts = BTreeMap::new();
    for line in trail.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(action) = line["event"]["action"].as_str() {
            *counts.entry(action.to_owned()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn nothing_answered_is_lost_and_nothing_revoked_lives_through_twenty_kills() {
    let home = Home::new();
    let start = || {
        let mut command = home.command([]);
        command.env("JETON_RATE_LIMIT", "off");
        Server::start(command)
    };
    let server = start();
    for name in ["guest", "careless"] {
        assert_eq!(server.register(name).status, StatusCode::CREATED);
    }
    let mut walkers = [1, 2, 3].map(|number| Walker::new(&server, &format!("walker-{number}")));
    server.kill();

    let mut answered = Answered::default();
    for number in 0..ROUNDS {
        let server = start();
        let (ended_before, registered_before) = (answered.ended.len(), answered.registered.len());
        round(number, &server, &mut walkers, &mut answered);
        drop(server);
        let verified = home.run(["audit", "verify"]);
        assert!(verified.succeeded, "round {number}: {verified:?}");

        let server = start();
        for walker in &mut walkers {
            walker.goes_on(&server);
            answered.refreshes += 1;
        }
        nothing_revoked_lives(&server, &answered.ended[ended_before..]);
        for name in &answered.registered[registered_before..] {
            assert_eq!(
                server.login(name).status,
                StatusCode::OK,
                "{name} was answered and is lost"
            );
        }
    }
    let server = start();
    nothing_revoked_lives(&server, &answered.ended);
    drop(server);
    let recorded = recorded(&home);
    for (action, answers) in [
        ("session.refreshed", answered.refreshes),
        ("session.reused", answered.reuses),
        ("session.ended", answered.ended.len() - answered.reuses),
        ("user.registered", answered.registered.len()),
    ] {
        let events = recorded.get(action).copied().unwrap_or_default();
        assert!(
            events >= answers,
            "{answers} times {action} were answered, and {events} recorded"
        );
        assert!(answers > 0, "{action} never happened");
    }
}
