//! Password hashing on threads of its own, behind a bounded queue with a deadline.
//!
//! A login storm fills the queue and is told to come back; it takes no time from the threads that answer
//! everything else.

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use tokio::sync::oneshot;

use super::random::Random;
use crate::model::{
    password::{NewPassword, Password},
    user::PasswordHash,
};

const OUTPUT_BYTES: usize = 32;
const SALT_BYTES: usize = 16;

/// What a hash costs and how many may be under way.
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

/// The queue is full, or a turn did not come in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too many passwords are being checked at this moment")]
pub struct Busy;

/// Checks and makes password hashes (Argon2id, RFC 9106, one lane).
pub struct Hasher {
    shared: Arc<Shared>,
    cost: Cost,
    /// Stands in for the hash of a user who does not exist, at the same cost.
    decoy: PasswordHash,
    queue: OnceLock<SyncSender<Job>>,
}

#[derive(Debug)]
struct Shared {
    params: Params,
    computed: AtomicU64,
}

struct Job {
    work: Work,
    give_up: Instant,
}

enum Work {
    Make {
        password: Password,
        salt: [u8; SALT_BYTES],
        reply: oneshot::Sender<Option<PasswordHash>>,
    },
    Check {
        password: Password,
        hash: PasswordHash,
        reply: oneshot::Sender<bool>,
    },
}

impl Hasher {
    /// Prepares the hasher; its threads start with the first password.
    ///
    /// # Errors
    ///
    /// A message when the cost is out of the algorithm's range.
    pub fn new(cost: Cost) -> Result<Self, String> {
        let params = Params::new(cost.memory_kib, cost.iterations, 1, Some(OUTPUT_BYTES))
            .map_err(|error| format!("Argon2 cannot work with these settings: {error}"))?;
        let decoy = phc(&params, &[0; SALT_BYTES], &[0; OUTPUT_BYTES])
            .ok_or("Argon2's settings cannot be written down")?;
        let shared = Arc::new(Shared {
            params,
            computed: AtomicU64::new(0),
        });
        Ok(Self {
            shared,
            cost,
            decoy,
            queue: OnceLock::new(),
        })
    }

    /// Makes the hash of a new password.
    ///
    /// # Errors
    ///
    /// [`super::Failure`] when there is no turn to be had or no salt.
    pub async fn make(
        &self,
        password: NewPassword,
        random: &dyn Random,
    ) -> Result<PasswordHash, super::Failure> {
        let salt = random.bytes()?;
        let (reply, answer) = oneshot::channel();
        self.enqueue(Work::Make {
            password: password.into_presented(),
            salt,
            reply,
        })?;
        // A worker that gave up dropped its end.
        Ok(answer.await.ok().flatten().ok_or(Busy)?)
    }

    /// Checks a password against a stored hash, or against the decoy when there is none: the same work, and
    /// the answer is no.
    ///
    /// # Errors
    ///
    /// [`Busy`] when there is no turn to be had.
    pub async fn check(&self, password: Password, hash: Option<&PasswordHash>) -> Result<bool, Busy> {
        let (reply, answer) = oneshot::channel();
        let against = hash.unwrap_or(&self.decoy).clone();
        self.enqueue(Work::Check {
            password,
            hash: against,
            reply,
        })?;
        let matches = answer.await.map_err(|_| Busy)?;
        Ok(matches && hash.is_some())
    }

    /// How many hashes were computed so far, checks included.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.shared.computed.load(Ordering::Relaxed)
    }

    fn enqueue(&self, work: Work) -> Result<(), Busy> {
        let job = Job {
            work,
            give_up: Instant::now() + self.cost.deadline,
        };
        self.queue
            .get_or_init(|| self.start())
            .try_send(job)
            .map_err(|_| Busy)
    }

    fn start(&self) -> SyncSender<Job> {
        let (queue, jobs) = sync_channel(self.cost.queue);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..self.cost.threads {
            let (jobs, shared) = (Arc::clone(&jobs), Arc::clone(&self.shared));
            let started = std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || {
                    Worker {
                        shared,
                        memory: Vec::new(),
                    }
                    .run(&jobs);
                });
            if let Err(error) = started {
                tracing::error!(%error, "a password thread did not start");
            }
        }
        queue
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

/// One thread. It keeps its memory: touching 19 MiB afresh would cost as much again as hashing in it.
struct Worker {
    shared: Arc<Shared>,
    memory: Vec<Block>,
}

impl Worker {
    fn run(mut self, jobs: &Mutex<Receiver<Job>>) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            if Instant::now() < job.give_up {
                self.work(job.work);
            }
        }
    }

    /// Nobody may be waiting for the answer any more; that is no error.
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
                hash,
                reply,
            } => {
                let _ = reply.send(self.check(&password, &hash));
            }
        }
    }

    fn make(&mut self, password: &Password, salt: &[u8]) -> Option<PasswordHash> {
        let params = self.shared.params.clone();
        let output = self.hash(&params, password.prepared()?, salt)?;
        phc(&params, salt, &output)
    }

    fn check(&mut self, password: &Password, hash: &PasswordHash) -> bool {
        let Ok(stored) = Phc::new(hash.expose()) else {
            return false;
        };
        let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
            return false;
        };
        let Ok(params) = Params::try_from(&stored) else {
            return false;
        };
        // What cannot be anyone's password takes as long as what could.
        let bytes = password.prepared().unwrap_or_default();
        let Some(output) = self.hash(&params, bytes, salt.as_ref()) else {
            return false;
        };
        verify_slices_are_equal(&output, expected.as_bytes()).is_ok() && password.prepared().is_some()
    }

    fn hash(&mut self, params: &Params, password: &[u8], salt: &[u8]) -> Option<[u8; OUTPUT_BYTES]> {
        self.shared.computed.fetch_add(1, Ordering::Relaxed);
        if self.memory.len() < params.block_count() {
            self.memory.resize(params.block_count(), Block::default());
        }
        let mut output = [0; OUTPUT_BYTES];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password, salt, &mut output, &mut self.memory[..])
            .ok()?;
        Some(output)
    }
}

/// The PHC string of a hash.
fn phc(params: &Params, salt: &[u8], output: &[u8]) -> Option<PasswordHash> {
    let hash = Phc {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(output).ok()?),
    };
    Some(PasswordHash::new(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::password::MIN_CHARS, service::random::SystemRandom};

    fn cost() -> Cost {
        Cost {
            memory_kib: 64,
            iterations: 1,
            threads: 2,
            queue: 64,
            deadline: Duration::from_secs(20),
        }
    }

    fn password(text: &str) -> Password {
        Password::presented(text.to_owned())
    }

    async fn make(hasher: &Hasher, text: &str) -> PasswordHash {
        let new = NewPassword::choose(password(text), MIN_CHARS).unwrap();
        hasher.make(new, &SystemRandom).await.unwrap()
    }

    #[tokio::test]
    async fn the_right_password_matches_and_no_other() {
        let hasher = Hasher::new(cost()).unwrap();
        let hash = make(&hasher, "pass1425").await;
        assert!(
            hash.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
            "{}",
            hash.expose()
        );
        assert!(hasher.check(password("pass1425"), Some(&hash)).await.unwrap());
        assert!(!hasher.check(password("pass1426"), Some(&hash)).await.unwrap());
        assert!(!hasher.check(password(""), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn every_check_costs_exactly_one_hash() {
        let hasher = Hasher::new(cost()).unwrap();
        let hash = make(&hasher, "pass1425").await;
        for (text, stored) in [
            ("pass1425", Some(&hash)),
            ("wrong", Some(&hash)),
            ("any", None),
            ("nul\0", None),
        ] {
            let before = hasher.computed();
            let _ = hasher.check(password(text), stored).await.unwrap();
            assert_eq!(hasher.computed() - before, 1, "{text:?}");
        }
    }

    #[tokio::test]
    async fn the_decoy_never_matches() {
        let hasher = Hasher::new(cost()).unwrap();
        assert!(!hasher.check(password("pass1425"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_still_checked() {
        let old = Hasher::new(Cost {
            memory_kib: 32,
            iterations: 2,
            ..cost()
        })
        .unwrap();
        let hash = make(&old, "pass1425").await;
        let new = Hasher::new(cost()).unwrap();
        assert!(new.check(password("pass1425"), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_turned_away() {
        let hasher = Hasher::new(Cost {
            deadline: Duration::ZERO,
            ..cost()
        })
        .unwrap();
        assert!(hasher.check(password("pass1425"), None).await.is_err());
    }

    #[test]
    fn a_full_queue_turns_the_next_away() {
        let hasher = Hasher::new(cost()).unwrap();
        let (queue, _nobody_takes_from_it) = sync_channel(1);
        hasher.queue.set(queue).unwrap();
        let work = || {
            let (reply, _) = oneshot::channel();
            Work::Check {
                password: password("x"),
                hash: hasher.decoy.clone(),
                reply,
            }
        };
        assert!(hasher.enqueue(work()).is_ok());
        assert!(hasher.enqueue(work()).is_err());
    }
}
