//! People who keep using the service whatever becomes of its nodes, and what they were answered.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::json;
use ureq::http::StatusCode;

use crate::{
    nodes::{Pair, until},
    process::{Reply, Server, credentials},
};

const WALKERS: usize = 3;

/// How many answers make a while.
const WHILE: usize = 60;

pub(crate) struct Load<'n> {
    nodes: &'n [Server],
    over: AtomicBool,
    answers: AtomicUsize,
}

/// What was answered, and so has to stay.
pub(crate) struct Answered {
    walkers: Vec<Pair>,
    ended: Vec<Pair>,
    registered: Vec<String>,
}

/// Keeps the nodes busy while something happens.
pub(crate) fn under_load(nodes: &[Server], happens: impl FnOnce(&Load<'_>)) -> Answered {
    let load = &Load {
        nodes,
        over: AtomicBool::new(false),
        answers: AtomicUsize::new(0),
    };
    Pair::signed_up(&nodes[0], "guest");
    let walkers = (0..WALKERS).map(|number| Pair::signed_up(&nodes[0], &format!("walker-{number}")));
    let walkers: Vec<_> = walkers.collect();
    thread::scope(|scope| {
        let walking: Vec<_> = walkers
            .into_iter()
            .map(|pair| scope.spawn(move || load.walk(pair)))
            .collect();
        let going = scope.spawn(move || load.come_and_go());
        let registering = scope.spawn(move || load.register());
        // However this ends.
        let ends = Ends(load);
        happens(load);
        drop(ends);
        Answered {
            walkers: walking.into_iter().map(|walk| walk.join().unwrap()).collect(),
            ended: going.join().unwrap(),
            registered: registering.join().unwrap(),
        }
    })
}

struct Ends<'l, 'n>(&'l Load<'n>);

impl Drop for Ends<'_, '_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

impl Load<'_> {
    /// Waits until a while has passed, as the answers count it.
    pub(crate) fn goes_on(&self) {
        let before = self.answers.load(Ordering::SeqCst);
        until(|| self.answers.load(Ordering::SeqCst) >= before + WHILE);
    }

    /// Asks the nodes in turn until one of them can answer; nothing once the load is over.
    fn answer(&self, turn: &mut usize, ask: impl Fn(&Server) -> Result<Reply, ureq::Error>) -> Option<Reply> {
        while !self.over.load(Ordering::SeqCst) {
            *turn += 1;
            match ask(&self.nodes[*turn % self.nodes.len()]) {
                Ok(reply) if reply.status == StatusCode::SERVICE_UNAVAILABLE => {
                    assert!(reply.retry_after.is_some(), "{reply:?}");
                }
                Ok(reply) => {
                    self.answers.fetch_add(1, Ordering::SeqCst);
                    return Some(reply);
                }
                // It is gone.
                Err(_) => {}
            }
        }
        None
    }

    /// Exchanges a token again and again, each time at another node; the last pair that was answered.
    fn walk(&self, mut pair: Pair) -> Pair {
        let mut turn = 0;
        while let Some(reply) = self.answer(&mut turn, |node| pair.try_refresh(node)) {
            pair = Pair::of(&reply);
        }
        pair
    }

    /// Signs in and out again; the sessions whose end was answered.
    fn come_and_go(&self) -> Vec<Pair> {
        let (mut turn, mut ended) = (0, Vec::new());
        let login = |node: &Server| node.try_post("/login", None, &credentials("guest"));
        while let Some(reply) = self.answer(&mut turn, login) {
            let pair = Pair::of(&reply);
            let logout = |node: &Server| node.try_post("/logout", Some(&pair.access), &json!({}));
            match self.answer(&mut turn, logout) {
                Some(reply) if reply.status == StatusCode::OK => ended.push(pair),
                // An earlier try had done it.
                Some(reply) => assert_eq!(reply.text("error"), "token_revoked"),
                None => {}
            }
        }
        ended
    }

    /// Registers one after the other; the names that were answered.
    fn register(&self) -> Vec<String> {
        let (mut turn, mut registered) = (0, Vec::new());
        loop {
            let name = format!("newcomer-{turn}");
            let register = |node: &Server| node.try_post("/register", None, &credentials(&name));
            match self.answer(&mut turn, register) {
                Some(reply) if reply.status == StatusCode::CREATED => registered.push(name),
                // An earlier try had done it.
                Some(reply) => assert_eq!(reply.text("error"), "username_taken"),
                None => return registered,
            }
        }
    }
}

impl Answered {
    /// All of it is known to these nodes.
    pub(crate) fn assert_kept(&self, nodes: &[&Server]) {
        let mut turns = nodes.iter().cycle();
        let mut next = || turns.next().unwrap();
        for pair in &self.walkers {
            let pair = pair.refreshed(next());
            assert_eq!(pair.sessions(next()).len(), 1);
        }
        assert!(!self.ended.is_empty(), "nobody signed out");
        for pair in &self.ended {
            for node in nodes {
                until(|| !pair.opens(node));
            }
            pair.assert_dead(next());
        }
        assert!(!self.registered.is_empty(), "nobody registered");
        for name in &self.registered {
            assert_eq!(
                next().login(name).status,
                StatusCode::OK,
                "{name} was answered and is lost"
            );
        }
    }
}
