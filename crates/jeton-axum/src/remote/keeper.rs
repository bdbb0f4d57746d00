//! The times at which keys are fetched: one fetch at a time, none too soon after the last, the next before it is
//! needed.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jeton::Verifier;
use tokio::{runtime::Handle, sync::watch, time::Instant};

use super::{
    Hook, Limits,
    fetch::{FetchError, Fetcher, News, Tag},
    look_ups::LookUps,
};
use crate::{
    clock::Clock,
    outbound,
    verifiers::{Brought, IssuerKeys, KeySource},
};

/// Something that happened to an issuer's keys, for metrics and logs.
///
/// ```
/// # use jeton_axum::{Event, FetchError};
/// fn line_for_the_log(event: &Event) -> String {
///     match event {
///         Event::Fetched { keys, skipped } => format!("{keys} keys, {skipped} of no use"),
///         Event::Failed(error) => error.to_string(),
///         other => format!("{other:?}"),
///     }
/// }
/// # assert_eq!(line_for_the_log(&Event::Failed(FetchError::Timeout)), "the issuer did not answer in time");
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The issuer is asked. Requests that need its answer wait for it.
    Asking {
        /// The issuer's address, or that of its keys, without query and credentials.
        url: String,
    },
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
    /// A token named an unknown key, and no look-up was free: it got 503.
    CoolingDown,
}

/// Watches over the keys of one issuer.
pub(super) struct Keeper {
    pub(super) me: Weak<Self>,
    /// Set once, right after both are made.
    pub(super) keys: OnceLock<Weak<IssuerKeys>>,
    pub(super) fetcher: Fetcher,
    pub(super) rules: Verifier,
    pub(super) limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hook: Arc<Hook>,
    pub(super) state: Mutex<State>,
    /// Whether a task fetches in the background.
    pub(super) is_going: AtomicBool,
    /// Wakes those who wait for the end of a fetch.
    pub(super) done: watch::Sender<()>,
}

#[derive(Default)]
pub(super) struct State {
    in_flight: bool,
    /// How many fetches have begun, and the last of them that succeeded.
    begun: u64,
    succeeded: u64,
    last_start: Option<Instant>,
    /// Why the last fetch failed, if it did.
    failure: Option<FetchError>,
    /// When the next fetch is due without being asked for.
    due: Option<Instant>,
    look_ups: LookUps,
    tag: Option<Tag>,
}

enum Turn {
    /// No fetch is under way, so the caller begins one.
    Ours,
    /// A fetch is under way.
    Theirs,
    /// The key was looked for a moment ago.
    Known,
    TooSoon,
}

impl Keeper {
    pub(super) fn watch_over(&self, keys: &Arc<IssuerKeys>) {
        // The first and only call, so nothing is set yet.
        let _ = self.keys.set(Arc::downgrade(keys));
    }

    pub(super) fn is_ready(&self) -> bool {
        self.keys().is_some_and(|keys| keys.is_good(self.clock.now()))
    }

    pub(super) async fn warm_up(&self) -> Result<(), FetchError> {
        let begun = self.begun();
        self.ask(begun, None).await;
        if self.is_ready() {
            return Ok(());
        }
        let failure = self.state().failure.clone();
        Err(failure.unwrap_or(FetchError::NoRuntime))
    }

    /// Fetches, or waits for a fetch under way, unless it is too soon.
    async fn ask(&self, begun: u64, kid: Option<&str>) -> Brought {
        // Before the turn is taken, so that no end of a fetch is missed.
        let mut done = self.done.subscribe();
        // Without a runtime nothing can be fetched, and a panic helps nobody.
        let (Ok(runtime), Some(me)) = (Handle::try_current(), self.me.upgrade()) else {
            return Brought::Nothing;
        };
        match self.take_turn(kid) {
            Turn::Known => return Brought::Current,
            Turn::TooSoon => {
                self.tell(&Event::CoolingDown);
                return Brought::Nothing;
            }
            // A task of its own, so that the fetch goes on when the request that caused it goes away.
            Turn::Ours => {
                runtime.spawn(async move { me.run().await });
            }
            Turn::Theirs => {}
        }
        // Fails only when the sender is gone, and this is the sender.
        let _ = done.changed().await;
        self.brought(begun, kid)
    }

    fn take_turn(&self, kid: Option<&str>) -> Turn {
        let mut state = self.state();
        let (now, cooldown) = (Instant::now(), self.limits.cooldown);
        if state.look_ups.has(kid, now, cooldown) {
            return Turn::Known;
        }
        if state.in_flight {
            return Turn::Theirs;
        }
        // An issuer that is away is not asked by every stranger.
        let is_away = state.failure.is_some() && state.last_start.is_some_and(|at| now < at + cooldown);
        if is_away || !state.look_ups.take(now, cooldown) {
            return Turn::TooSoon;
        }
        state.begin(now);
        Turn::Ours
    }

    /// The answer to a question that was asked when so many fetches had begun.
    fn brought(&self, begun: u64, kid: Option<&str>) -> Brought {
        let mut state = self.state();
        if state.failure.is_some() {
            return Brought::Nothing;
        }
        if state.succeeded <= begun {
            return Brought::Older;
        }
        if let Some(at) = state.last_start {
            state.look_ups.note(kid, at, self.limits.cooldown);
        }
        Brought::Current
    }

    /// Fetches once, for the holder of the turn.
    async fn run(&self) {
        let end = EndOfTurn(self);
        self.tell(&Event::Asking {
            url: self.fetcher.address(),
        });
        let tag = self.state().tag.clone();
        let outcome = self.fetcher.fetch(tag.as_ref()).await;
        let (event, wait) = self.take_in(outcome);
        let mut state = self.state();
        state.due = Some(Instant::now() + wait);
        state.failure = match &event {
            Event::Failed(error) => Some(error.clone()),
            _ => None,
        };
        if state.failure.is_none() {
            state.succeeded = state.begun;
        }
        drop(state);
        drop(end);
        self.tell(&event);
        self.keep_going();
    }

    /// Uses the outcome of a fetch; returns the event and when to ask again.
    fn take_in(&self, outcome: Result<News, FetchError>) -> (Event, Duration) {
        let Some(keys) = self.keys() else {
            return (Event::Unchanged, self.limits.refresh_every);
        };
        let good_until = self.clock.now().checked_add(self.limits.keep_for);
        match outcome {
            Ok(News::Keys { set, tag, good_for }) => {
                let event = Event::Fetched {
                    keys: set.len(),
                    skipped: set.skipped().len(),
                };
                self.state().tag = tag;
                keys.replace(self.rules.with_keys(set), good_until);
                (event, self.wait(good_for))
            }
            Ok(News::Unchanged { good_for }) => {
                keys.extend(good_until);
                (Event::Unchanged, self.wait(good_for))
            }
            Err(error) => (Event::Failed(error), self.limits.cooldown),
        }
    }

    /// The wait until the next fetch: not below the cooldown, and not too long for the keys to be kept.
    fn wait(&self, good_for: Option<Duration>) -> Duration {
        let longest = (self.limits.keep_for / 2).max(self.limits.cooldown);
        good_for
            .unwrap_or(self.limits.refresh_every)
            .clamp(self.limits.cooldown, longest)
    }

    /// Asks again and again, for as long as somebody uses the keys.
    async fn in_background(me: Weak<Self>, _end: EndOfTask) {
        loop {
            let Some(due) = me.upgrade().and_then(|keeper| keeper.state().due) else {
                return;
            };
            tokio::time::sleep_until(due).await;
            let Some(keeper) = me.upgrade() else {
                return;
            };
            keeper.fetch_if_due().await;
        }
    }

    async fn fetch_if_due(&self) {
        let mut done = self.done.subscribe();
        match self.take_turn_if_due() {
            Turn::Ours => self.run().await,
            // Fails only when the sender is gone, and this is the sender.
            Turn::Theirs => drop(done.changed().await),
            Turn::Known | Turn::TooSoon => {}
        }
    }

    fn take_turn_if_due(&self) -> Turn {
        let mut state = self.state();
        let now = Instant::now();
        // A request may have caused a fetch meanwhile.
        if state.due.is_some_and(|due| now < due) {
            return Turn::TooSoon;
        }
        if state.in_flight {
            return Turn::Theirs;
        }
        state.begin(now);
        Turn::Ours
    }

    fn tell(&self, event: &Event) {
        outbound::tell(&*self.hook, event);
    }

    fn keys(&self) -> Option<Arc<IssuerKeys>> {
        self.keys.get()?.upgrade()
    }

    /// The state. Its lock is held for a moment only, and never while anything is waited for.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(&mut self, now: Instant) {
        self.in_flight = true;
        self.begun += 1;
        self.last_start = Some(now);
    }
}

/// Ends a turn however the fetch ends, so that nobody waits for ever.
struct EndOfTurn<'k>(&'k Keeper);

impl Drop for EndOfTurn<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight = false;
        self.0.done.send_replace(());
    }
}

/// Lets another task take over however this one ends: with its runtime, for one.
struct EndOfTask(Weak<Keeper>);

impl Drop for EndOfTask {
    fn drop(&mut self) {
        if let Some(keeper) = self.0.upgrade() {
            keeper.is_going.store(false, Ordering::Release);
        }
    }
}

impl KeySource for Keeper {
    fn begun(&self) -> u64 {
        self.state().begun
    }

    fn refresh<'s>(
        &'s self,
        begun: u64,
        kid: Option<&'s str>,
    ) -> Pin<Box<dyn Future<Output = Brought> + Send + 's>> {
        Box::pin(self.ask(begun, kid))
    }

    fn keep_going(&self) {
        if self.is_going.load(Ordering::Acquire) || self.state().due.is_none() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if !self.is_going.swap(true, Ordering::AcqRel) {
            // Made here, so that it also ends a task that was never begun.
            let end = EndOfTask(self.me.clone());
            runtime.spawn(Self::in_background(self.me.clone(), end));
        }
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
