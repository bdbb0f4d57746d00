//! Whoever runs the nodes: kills and restarts them, with other settings each time, and lets a clock go astray.

use std::{
    io,
    sync::PoisonError,
    thread,
    time::{Duration, Instant},
};

use super::{
    stage::{Node, Stage},
    world::World,
};
use crate::{clock::Astray, options::Options, random::Random};

/// How long access tokens live; nodes may disagree while a setting is changed.
const LIFETIMES: &[&str] = &["5s", "60s", "1h"];

/// Longer than the minute after which rows that no longer matter are cleared away.
const ASTRAY: Duration = Duration::from_secs(75);

/// Longer than any access token lives.
const AHEAD: i64 = 2 * 3600;

pub struct Operator<'r> {
    stage: &'r Stage,
    random: Random,
    clock: bool,
}

impl<'r> Operator<'r> {
    pub fn new(options: &Options, stage: &'r Stage) -> Self {
        Self {
            stage,
            random: Random::stream(options.seed, u64::MAX),
            clock: options.clock,
        }
    }

    pub fn start_all(&mut self) -> io::Result<()> {
        let first = self.random.within(0..LIFETIMES.len());
        for (place, node) in self.stage.nodes().iter().enumerate() {
            let lifetime = LIFETIMES[(first + place) % LIFETIMES.len()];
            // What is revoked must be remembered for as long as tokens live.
            node.start(if self.clock { "1h" } else { lifetime })?;
        }
        Ok(())
    }

    fn start(&mut self, node: &Node) -> io::Result<()> {
        let lifetime = *self.random.pick(LIFETIMES);
        node.start(lifetime)
    }

    /// Operates for so long; gives what went wrong with the processes themselves.
    pub fn operate(&mut self, duration: Duration, world: &World) -> io::Result<Vec<String>> {
        let end = Instant::now() + duration;
        let mut troubles = Vec::new();
        if self.clock {
            pause(Duration::from_secs(10), end);
            self.let_a_clock_go_astray(world, end)?;
        }
        while Instant::now() < end {
            pause(Duration::from_millis(self.random.within(2000..8000) as u64), end);
            let nodes = self.stage.nodes();
            troubles.extend(nodes.iter().filter_map(Node::trouble));
            let node = self.random.pick(nodes);
            if self.random.one_in(2) {
                node.kill();
            } else if let Err(error) = node.terminate() {
                troubles.push(error.to_string());
            }
            if self.random.one_in(2) {
                pause(Duration::from_millis(self.random.within(0..1500) as u64), end);
            }
            self.start(node)?;
        }
        Ok(troubles)
    }

    /// On one node: its own clock jumps while nobody asks it, and comes back. On several: one more node has a clock
    /// that is far ahead; it is not ready, so nobody asks it.
    fn let_a_clock_go_astray(&mut self, world: &World, end: Instant) -> io::Result<()> {
        let nodes = self.stage.nodes();
        if let [node] = nodes {
            let _standstill = world.gate.write().unwrap_or_else(PoisonError::into_inner);
            let clock =
                Astray::of(&node.setup).ok_or_else(|| io::Error::other("its clock cannot be moved"))?;
            clock.move_by(AHEAD)?;
            thread::sleep(ASTRAY);
            clock.move_by(0)?;
            thread::sleep(Duration::from_secs(2));
            return Ok(());
        }
        let mut setup = self.stage.setup().clone();
        Astray::prepare(&mut setup)?.move_by(400 * 86_400)?;
        let fast = setup.start()?;
        pause(ASTRAY, end);
        fast.kill();
        // Whatever it did to what is kept, nodes that start now read of it.
        for node in nodes {
            node.kill();
            self.start(node)?;
        }
        Ok(())
    }
}

fn pause(time: Duration, end: Instant) {
    thread::sleep(time.min(end.saturating_duration_since(Instant::now())));
}
