//! When keys are fetched: one fetch at a time, none too soon after the last, the next before it is needed.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use http::HeaderValue;
use jeton::Verifier;
use tokio::{runtime::Handle, sync::watch, time::Instant};

use super::{
    Hook, Limits,
    fetch::{FetchError, Fetcher, News},
};
use crate::{
    clock::Clock,
    verifiers::{KeySource, Ring},
};

/// Something that happened to an issuer's keys, for metrics and logs.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Keys were fetched and are used from now on.
    Fetched {
        /// How many can be used.
        keys: usize,
        /// How many of the set cannot.
        skipped: usize,
    },
    /// The issuer says the keys are the same.
    Unchanged,
    /// A fetch failed; the keys stay as they are.
    Failed(FetchError),
    /// A token named an unknown key, so soon after the last fetch that there was no other.
    CoolingDown,
}

/// Watches over the keys of one issuer.
pub(super) struct Keeper {
    pub(super) me: Weak<Self>,
    /// Set once, right after both are made.
    pub(super) ring: OnceLock<Weak<Ring>>,
    pub(super) fetcher: Fetcher,
    pub(super) rules: Verifier,
    pub(super) limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hook: Arc<Hook>,
    pub(super) state: Mutex<State>,
    /// Tells who waits that a fetch has ended.
    pub(super) done: watch::Sender<()>,
}

#[derive(Default)]
pub(super) struct State {
    in_flight: bool,
    last_start: Option<Instant>,
    etag: Option<HeaderValue>,
    in_background: bool,
}

enum Turn {
    /// Nobody fetches: we do.
    Ours,
    /// Somebody does already.
    Theirs,
    TooSoon,
}

impl Keeper {
    pub(super) fn watch_over(&self, ring: &Arc<Ring>) {
        // It is the first and only call.
        let _ = self.ring.set(Arc::downgrade(ring));
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ring().is_some_and(|ring| ring.is_good(self.clock.now()))
    }

    /// Fetches, or waits for whoever does, unless it is too soon.
    pub(super) async fn ask(&self) {
        // Before the turn is taken, so that no end of a fetch is missed.
        let mut done = self.done.subscribe();
        // Without a runtime nothing can be fetched, and a panic helps nobody.
        let (Ok(runtime), Some(me)) = (Handle::try_current(), self.me.upgrade()) else {
            return;
        };
        match self.take_turn() {
            Turn::TooSoon => return (self.hook)(&Event::CoolingDown),
            // On its own, so that it goes on when the request that caused it goes away.
            Turn::Ours => {
                runtime.spawn(async move { me.begin().await });
            }
            Turn::Theirs => {}
        }
        // Fails only when the sender is gone, and that is us.
        let _ = done.changed().await;
    }

    fn take_turn(&self) -> Turn {
        let mut state = self.state();
        if state.in_flight {
            return Turn::Theirs;
        }
        let now = Instant::now();
        if state
            .last_start
            .is_some_and(|start| now < start + self.limits.cooldown)
        {
            return Turn::TooSoon;
        }
        state.in_flight = true;
        state.last_start = Some(now);
        Turn::Ours
    }

    /// Makes the first fetch, and has the others made from then on.
    async fn begin(self: Arc<Self>) {
        let wait = self.run().await;
        let is_first = !std::mem::replace(&mut self.state().in_background, true);
        if is_first {
            tokio::spawn(Self::in_background(self.me.clone(), wait));
        }
    }

    /// Fetches once, for who has the turn; says when to ask again.
    async fn run(&self) -> Duration {
        let _end = EndOfTurn(self);
        let etag = self.state().etag.clone();
        let outcome = self.fetcher.fetch(etag.as_ref()).await;
        let (event, wait) = self.take_in(outcome);
        (self.hook)(&event);
        wait
    }

    /// Uses what a fetch brought; says what happened and when to ask again.
    fn take_in(&self, outcome: Result<News, FetchError>) -> (Event, Duration) {
        let Some(ring) = self.ring() else {
            return (Event::Unchanged, self.limits.refresh_every);
        };
        let good_until = self.clock.now().checked_add(self.limits.keep_for);
        match outcome {
            Ok(News::Keys { set, etag, good_for }) => {
                let event = Event::Fetched {
                    keys: set.len(),
                    skipped: set.skipped().len(),
                };
                self.state().etag = etag;
                ring.replace(self.rules.with_keys(set), good_until);
                (event, self.wait(good_for))
            }
            Ok(News::Unchanged { good_for }) => {
                ring.extend(good_until);
                (Event::Unchanged, self.wait(good_for))
            }
            Err(error) => (Event::Failed(error), self.limits.cooldown),
        }
    }

    /// Neither more often than the cooldown allows nor too rarely for the keys to be kept.
    fn wait(&self, good_for: Option<Duration>) -> Duration {
        let longest = (self.limits.keep_for / 2).max(self.limits.cooldown);
        good_for
            .unwrap_or(self.limits.refresh_every)
            .clamp(self.limits.cooldown, longest)
    }

    /// Asks again and again, for as long as somebody uses the keys.
    async fn in_background(me: Weak<Self>, mut wait: Duration) {
        loop {
            tokio::time::sleep(wait).await;
            let Some(keeper) = me.upgrade() else {
                return;
            };
            wait = match keeper.take_turn() {
                Turn::Ours => keeper.run().await,
                Turn::Theirs | Turn::TooSoon => keeper.limits.cooldown,
            };
        }
    }

    fn ring(&self) -> Option<Arc<Ring>> {
        self.ring.get()?.upgrade()
    }

    /// Held for a moment only, and never while anything is waited for.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a turn however it ends, so that nobody waits for one that never does.
struct EndOfTurn<'k>(&'k Keeper);

impl Drop for EndOfTurn<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight = false;
        self.0.done.send_replace(());
    }
}

impl KeySource for Keeper {
    fn refresh(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.ask())
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("limits", &self.limits)
            .field("is_ready", &self.is_ready())
            .finish_non_exhaustive()
    }
}
