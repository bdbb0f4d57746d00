//! What must be true of the process while it is asked.

use std::{
    fmt, io,
    process::ExitStatus,
    sync::{PoisonError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{Run, has_ended, judge::Violation};
use crate::wire::Connection;

const PAUSE: Duration = Duration::from_millis(250);

/// How much more memory it may take than at the end of the warm-up, in KiB.
const GROWTH: u64 = 48 * 1024;

/// The longest it may take to say that it lives, on a machine that is busy with other things.
const QUICK: Duration = Duration::from_secs(5);

/// Memory and times as they were seen.
#[derive(Default)]
pub struct Seen {
    warm_kib: u64,
    most_kib: u64,
    slowest: Duration,
    crashes: usize,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} crashes, {} KiB of memory after the warm-up and at most {} KiB then, slowest /healthz {:?}",
            self.crashes, self.warm_kib, self.most_kib, self.slowest
        )
    }
}

/// Watches the process to the end of the run, and starts it again when it dies.
pub fn watch(run: &Run<'_>) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut warm = Instant::now() + warm_up(run);
    let mut connection = Connection::new(run.setup.address);
    while Instant::now() < run.end {
        thread::sleep(PAUSE);
        let ended = run
            .server
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .ended()?;
        if let Some(status) = ended {
            seen.crashes += 1;
            start_again(run, status)?;
            warm = Instant::now() + warm_up(run);
            seen.warm_kib = 0;
            seen.most_kib = 0;
            continue;
        }
        seen.time(run, &mut connection);
        let server = run.server.read().unwrap_or_else(PoisonError::into_inner);
        for line in server.bad_lines() {
            run.findings.note("no panic and no secret is in the log", &line);
        }
        seen.weigh(
            run,
            server.resident_kib().unwrap_or_default(),
            Instant::now() < warm,
        );
    }
    Ok(seen)
}

fn warm_up(run: &Run<'_>) -> Duration {
    (run.options.duration / 4).min(Duration::from_mins(1))
}

impl Seen {
    fn weigh(&mut self, run: &Run<'_>, now: u64, is_warming: bool) {
        if is_warming {
            self.warm_kib = self.warm_kib.max(now);
            return;
        }
        self.most_kib = self.most_kib.max(now);
        if self.warm_kib > 0 && now > self.warm_kib + GROWTH {
            let detail = format!("{} KiB after the warm-up, {now} KiB now", self.warm_kib);
            run.findings.note("memory does not grow", &detail);
        }
    }

    fn time(&mut self, run: &Run<'_>, connection: &mut Connection) {
        let began = Instant::now();
        let answer = connection.call(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let took = began.elapsed();
        self.slowest = self.slowest.max(took);
        if answer.is_ok_and(|answer| answer.status == 200) && took > QUICK {
            run.findings
                .note("the process says quickly that it lives", &format!("{took:?}"));
        }
    }
}

fn write<'r>(run: &'r Run<'_>) -> std::sync::RwLockWriteGuard<'r, crate::server::Server> {
    run.server.write().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the process that ended, and tries which of the last requests ends it again.
fn start_again(run: &Run<'_>, status: ExitStatus) -> io::Result<()> {
    let mut server = write(run);
    let words = server.last_words();
    let words: Vec<_> = words.lines().rev().take(3).collect();
    println!(
        "\nthe process ended ({status}); its last words:\n  {}",
        words.join("\n  ")
    );
    let mut is_found = false;
    for (worker, sent) in run.sent.iter().enumerate() {
        let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((request, number)) = &*sent else {
            continue;
        };
        server.stop();
        *server = run.setup.start()?;
        let answer = Connection::call_alone(run.setup.address, &request.bytes(), request.framing.is_cut());
        if answer.is_err() && has_ended(&server) {
            is_found = true;
            let violation = Violation {
                rule: "no request ends the process",
                detail: status.to_string(),
            };
            run.findings.add(
                &violation,
                request,
                (worker, *number),
                &run.document,
                run.setup.address,
            );
        }
    }
    if !is_found {
        run.findings.note(
            "no request ends the process",
            &format!("{status}, and none of the last requests alone does"),
        );
    }
    server.stop();
    *server = run.setup.start()?;
    run.generation.fetch_add(1, Ordering::SeqCst);
    Ok(())
}
