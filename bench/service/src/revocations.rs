//! A million live revocations: what they take, and how long a start needs to hear of them all.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rusqlite::Connection;

use crate::{Outcome, report, server::Server};

const ENTRIES: u64 = 1_000_000;
const GOAL_BYTES: u64 = 100;

pub fn measure(binary: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let before = resident(binary, folder.path())?;
    insert(&folder.path().join("jeton.db"))?;
    let began = Instant::now();
    let after = resident(binary, folder.path())?;
    let bytes = (after.saturating_sub(before)) * 1024 / ENTRIES;
    report(
        "revocations",
        &format!(
            "{ENTRIES} entries take {:.0} MiB, {bytes} bytes each; up in {:.1?}",
            (after - before) as f64 / 1024.0,
            began.elapsed().saturating_sub(SETTLE)
        ),
        &format!("≤ {GOAL_BYTES} bytes each"),
        bytes <= GOAL_BYTES,
    );
    Ok(())
}

/// Long enough for a few more readings of the table.
const SETTLE: Duration = Duration::from_secs(3);

fn resident(binary: &Path, folder: &Path) -> std::io::Result<u64> {
    let server = Server::started(binary, folder, &["--log", "error"])?;
    std::thread::sleep(SETTLE);
    server.resident_kib()
}

fn insert(database: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut connection = Connection::open(database)?;
    let until = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 3600;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction
            .prepare("INSERT INTO revocations (kind, target, until) VALUES ('session', ?1, ?2)")?;
        for number in 0..ENTRIES {
            let mut target = [0; 16];
            target[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            insert.execute((&target[..], until.cast_signed() + (number % 900).cast_signed()))?;
        }
    }
    transaction.commit()?;
    Ok(())
}
