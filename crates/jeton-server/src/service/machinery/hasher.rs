//! Password hashing on threads of its own, behind a bounded queue with a deadline.
//!
//! A login storm fills the queue and is told to come back; it takes no time from the threads that answer
//! everything else, and one from a single address takes little from those who sign in elsewhere. Hashes made here are
//! Argon2id (RFC 9106, one lane) of the prepared password; imported ones are checked as their makers did, and outdated
//! from the start.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use argon2::Params;
use tokio::sync::oneshot;

use super::addresses::Neighbourhood;
use crate::model::{
    password::{FitPassword, Password},
    user::PasswordHash,
};

pub mod bounds;
mod compute;
mod decoys;
pub mod error;
pub mod imported;
mod line;
pub mod measure;
mod notation;
pub mod scheme;
pub mod stored;
#[cfg(test)]
mod vectors;

use compute::Workbench;
use decoys::Decoys;
use line::Line;
use scheme::{Argon2, Origin, Scheme};
use stored::StoredHash;

const OUTPUT_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// Random bytes for one hash alone.
pub type Salt = [u8; SALT_BYTES];

/// The cost of a hash, and how many may be under way.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub iterations: u32,
    pub threads: usize,
    /// How many may wait; one more is turned away.
    pub queue: usize,
    /// How long one may wait before it is turned away.
    pub deadline: Duration,
}

/// There was no turn: the queue is full, or the deadline has passed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too many passwords are being checked at this moment")]
pub struct Busy;

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Checked {
    Wrong,
    Right,
    /// The password is right, and its hash is none that would be made today.
    RightButOutdated,
}

impl Checked {
    #[must_use]
    pub const fn is_right(self) -> bool {
        !matches!(self, Self::Wrong)
    }
}

/// Checks and makes password hashes.
pub struct Hasher {
    shared: Arc<Shared>,
    cost: Cost,
    decoys: Decoys,
    started: Once,
}

struct Shared {
    /// The parameters of hashes that are made here.
    ours: Argon2,
    /// The memory that those take, in blocks.
    blocks: usize,
    computed: AtomicU64,
    /// Jobs by address. Those without one, from the command line and rehashing, share a lane.
    line: Line<Option<Neighbourhood>, Job>,
}

struct Job {
    work: Work,
    give_up: Instant,
}

enum Work {
    Make {
        password: Password,
        salt: Salt,
        reply: oneshot::Sender<Option<PasswordHash>>,
    },
    Check {
        password: Password,
        against: Arc<StoredHash>,
        reply: oneshot::Sender<bool>,
    },
}

impl Hasher {
    /// Prepares the hasher; its threads start with the first password. The key decides which decoy a name gets, and
    /// nobody outside may be able to tell.
    ///
    /// # Errors
    ///
    /// A message when the cost is out of the algorithm's range.
    pub fn new(cost: Cost, decoy_key: &[u8; 32]) -> Result<Self, String> {
        let params = Params::new(cost.memory_kib, cost.iterations, 1, Some(OUTPUT_BYTES))
            .map_err(|error| format!("Argon2 cannot work with these settings: {error}"))?;
        let ours = Argon2::ours(cost.memory_kib, cost.iterations);
        let shared = Arc::new(Shared {
            ours,
            blocks: params.block_count(),
            computed: AtomicU64::new(0),
            line: Line::new(cost.queue),
        });
        Ok(Self {
            shared,
            cost,
            decoys: Decoys::new(decoy_key, Scheme::Argon2(ours)),
            started: Once::new(),
        })
    }

    /// Makes the hash of a new password.
    ///
    /// # Errors
    ///
    /// [`Busy`] when there is no turn to be had.
    pub async fn make(
        &self,
        password: FitPassword,
        from: Option<IpAddr>,
        salt: Salt,
    ) -> Result<PasswordHash, Busy> {
        let made = self.make_of(password.into_presented(), from, salt).await?;
        made.ok_or(Busy)
    }

    /// Makes a hash as today's, of a password that was just right. None when the password could not be chosen here, for
    /// a control character in it: its old hash must stay.
    ///
    /// # Errors
    ///
    /// [`Busy`] when there is no turn to be had.
    pub async fn make_anew(&self, password: Password, salt: Salt) -> Result<Option<PasswordHash>, Busy> {
        if password.prepared().is_none() {
            return Ok(None);
        }
        self.make_of(password, None, salt).await
    }

    async fn make_of(
        &self,
        password: Password,
        from: Option<IpAddr>,
        salt: Salt,
    ) -> Result<Option<PasswordHash>, Busy> {
        let (reply, answer) = oneshot::channel();
        let work = Work::Make {
            password,
            salt,
            reply,
        };
        self.enqueue(from, work);
        // A worker that gave up dropped its end.
        answer.await.map_err(|_| Busy)
    }

    /// Checks a password against the hash stored under a name, or against the name's decoy when there is none:
    /// the same work, and the answer is no.
    ///
    /// # Errors
    ///
    /// [`Busy`] when there is no turn to be had.
    pub async fn check(
        &self,
        password: Password,
        name: &str,
        hash: Option<&PasswordHash>,
        from: Option<IpAddr>,
    ) -> Result<Checked, Busy> {
        // Drawn in any case, so that it takes the same time.
        let decoy = self.decoys.draw(name);
        let stored = hash.and_then(|hash| match StoredHash::parse(hash) {
            Ok(stored) => Some(Arc::new(stored)),
            Err(error) => {
                tracing::error!(%error, "a stored password hash cannot be read");
                None
            }
        });
        let (reply, answer) = oneshot::channel();
        let work = Work::Check {
            password,
            against: stored.clone().unwrap_or(decoy),
            reply,
        };
        self.enqueue(from, work);
        let matches = answer.await.map_err(|_| Busy)?;
        Ok(match stored {
            Some(stored) if matches && stored.scheme() == self.scheme() => Checked::Right,
            Some(_) if matches => Checked::RightButOutdated,
            _ => Checked::Wrong,
        })
    }

    /// Tells the decoys the schemes of the stored hashes, and how many are of each. Until then, all decoys are of the
    /// scheme that hashes are made with.
    pub fn know_schemes(&self, schemes: Vec<(Scheme, u64)>) {
        self.decoys.know(schemes);
    }

    /// The scheme hashes are made with.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        Scheme::Argon2(self.shared.ours)
    }

    /// How many hashes were computed so far, checks included.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.shared.computed.load(Ordering::Relaxed)
    }

    /// How many passwords wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.line.waiting()
    }

    /// Whether half the places to wait are taken: work that can wait should.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.waiting() * 2 >= self.cost.queue
    }

    /// Puts work in line. A caller who is turned away hears of it by the dropped reply.
    fn enqueue(&self, from: Option<IpAddr>, work: Work) {
        self.started.call_once(|| self.start());
        let job = Job {
            work,
            give_up: Instant::now() + self.cost.deadline,
        };
        drop(self.shared.line.join(from.map(Neighbourhood::of), job));
    }

    fn start(&self) {
        for number in 0..self.cost.threads {
            let shared = Arc::clone(&self.shared);
            let started = std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || {
                    Worker {
                        bench: Workbench::new(shared.blocks),
                        shared,
                    }
                    .run();
                });
            if let Err(error) = started {
                tracing::error!(%error, "a password thread did not start");
            }
        }
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.shared.line.close();
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher")
            .field("cost", &self.cost)
            .field("computed", &self.computed())
            .finish_non_exhaustive()
    }
}

/// One hashing thread.
struct Worker {
    shared: Arc<Shared>,
    bench: Workbench,
}

impl Worker {
    fn run(mut self) {
        while let Some(job) = self.shared.line.next() {
            if Instant::now() < job.give_up {
                self.work(job.work);
            }
        }
    }

    /// Does one piece of work. A caller who does not wait any more is no error.
    fn work(&mut self, work: Work) {
        match work {
            Work::Make {
                password,
                salt,
                reply,
            } => {
                let _ = reply.send(self.make(&password, &salt));
            }
            Work::Check {
                password,
                against,
                reply,
            } => {
                let _ = reply.send(self.check(&password, &against));
            }
        }
    }

    fn make(&mut self, password: &Password, salt: &[u8]) -> Option<PasswordHash> {
        self.count();
        let ours = self.shared.ours;
        let digest = self
            .bench
            .argon2(&ours, password.prepared()?, salt, OUTPUT_BYTES)?;
        Some(PasswordHash::new(notation::argon2::write(&ours, salt, &digest)))
    }

    /// Checks a password against a hash. One made elsewhere is of the bytes as typed or, by some frameworks' care, of
    /// the prepared form: the second is tried where it differs. A decoy takes the same one or two steps.
    fn check(&mut self, password: &Password, against: &StoredHash) -> bool {
        if against.scheme().origin() == Origin::Here {
            return self.compare(against, password.prepared());
        }
        let matches = self.compare(against, password.typed());
        if matches || password.prepared().is_none() || password.prepared() == password.typed() {
            return matches;
        }
        self.compare(against, password.prepared())
    }

    /// Compares a password with a hash. A text that cannot be anyone's password takes as long as one that can.
    fn compare(&mut self, against: &StoredHash, password: Option<&[u8]>) -> bool {
        self.count();
        let matches = self.bench.matches(against, password.unwrap_or_default());
        matches && password.is_some()
    }

    fn count(&self) {
        self.shared.computed.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
