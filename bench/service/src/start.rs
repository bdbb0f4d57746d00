//! From the start of the process to its first answer, on a database that is there, and what it takes when idle.

use std::{
    io,
    path::Path,
    time::{Duration, Instant},
};

use crate::{Outcome, report, server::Server};

const STARTS: usize = 21;
const GOAL: Duration = Duration::from_millis(50);
const GOAL_KIB: u64 = 16 * 1024;

pub fn measure(binary: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    // The first start makes the database and the keys.
    start(binary, folder.path())?;
    let mut times = (0..STARTS)
        .map(|_| start(binary, folder.path()))
        .collect::<io::Result<Vec<_>>>()?;
    times.sort_unstable();
    let (fastest, median, slowest) = (times[0], times[STARTS / 2], times[STARTS - 1]);
    report(
        "start to first answer",
        &format!("median {median:.1?} of {STARTS}, {fastest:.1?} to {slowest:.1?}"),
        &format!("< {GOAL:?}"),
        median < GOAL,
    );
    let resident = idle(binary, folder.path())?;
    report(
        "resident when idle",
        &format!("{:.1} MiB", resident as f64 / 1024.0),
        &format!("< {} MiB", GOAL_KIB / 1024),
        resident < GOAL_KIB,
    );
    Ok(())
}

pub fn start(binary: &Path, folder: &Path) -> io::Result<Duration> {
    let began = Instant::now();
    let server = Server::spawn(binary, folder, &[])?;
    let status = server.first_answer("/protected", Duration::from_secs(10))?;
    let took = began.elapsed();
    if status != "HTTP/1.1 401 Unauthorized" {
        return Err(io::Error::other(format!(
            "/protected without a token answered {status:?}"
        )));
    }
    Ok(took)
}

/// After the first answer and three seconds of nothing but its own upkeep.
pub fn idle(binary: &Path, folder: &Path) -> io::Result<u64> {
    let server = Server::spawn(binary, folder, &[])?;
    server.first_answer("/protected", Duration::from_secs(10))?;
    std::thread::sleep(Duration::from_secs(3));
    server.resident_kib()
}
