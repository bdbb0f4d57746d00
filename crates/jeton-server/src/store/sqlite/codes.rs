//! SQLite's result codes, base and extended (<https://sqlite.org/rescode.html>).

use crate::store::error::Kind;

pub(in crate::store) fn kind(code: &str) -> Option<Kind> {
    match code {
        // A lock that somebody else holds.
        "5" | "6" | "261" | "262" | "517" | "773" => Some(Kind::Busy),
        // A disk that is full, a write that failed (a quota, a limit on a file's size), the index of the WAL.
        "13" | "778" | "4874" => Some(Kind::Full),
        // Damage of any kind, and a file that is no database.
        "11" | "26" | "267" | "523" | "779" => Some(Kind::Damaged),
        // A trigger that refuses: ours, on tables that a move has shut.
        "1811" => Some(Kind::Shut),
        _ => None,
    }
}
