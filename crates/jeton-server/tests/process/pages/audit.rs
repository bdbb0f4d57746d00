//! docs/audit.md, but for the script, which `audit.rs` runs.

use super::{Try, each_works, lived_in};

#[test]
fn every_command_works_as_it_is_written() {
    each_works("audit.md", &lived_in(), &TRIES);
}

const TRIES: [Try; 7] = [
    Try::new("jeton audit list --user Romel --since 2h", " user.registered "),
    Try::new("jeton audit verify", "The trail is as it was written: "),
    Try::typed(
        "jeton audit verify --head 1284:5f0c…",
        "jeton audit verify --head \"$(jeton audit verify | tail -n 1)\"",
        "The trail is as it was written: ",
    ),
    Try::typed(
        "jeton audit export trail.jsonl",
        "jeton audit export trail.jsonl && head -n 1 trail.jsonl",
        "{\"event\":{",
    ),
    Try::new("jeton audit upgraded", "may be without a proof"),
    Try::typed(
        "sqlite3 jeton.db VACUUM",
        "sqlite3 jeton.db VACUUM && jeton audit verify",
        "The trail is as it was written: ",
    ),
    Try::new("jeton keys reseal", "every key was under this master key already"),
];
