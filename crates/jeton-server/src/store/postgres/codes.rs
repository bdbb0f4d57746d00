//! PostgreSQL's SQLSTATE codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use crate::store::error::Kind;

pub(in crate::store) fn kind(code: &str) -> Option<Kind> {
    match code {
        // Collisions, locks and statements that took too long, too many connections, a server that starts or stops.
        "40001" | "40P01" | "55P03" | "57014" | "53300" | "57P01" | "57P02" | "57P03" | "25P03" => {
            Some(Kind::Busy)
        }
        // A disk that is full.
        "53100" => Some(Kind::Full),
        // Tables and indexes that are damaged.
        "XX001" | "XX002" => Some(Kind::Damaged),
        // What our trigger raises on tables that a move has shut.
        "JETON" => Some(Kind::Shut),
        _ => None,
    }
}

/// Whether two transactions were in each other's way, and this one had to give in.
pub(super) fn is_collision(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// Whether the server stops, has crashed or starts, or the connection failed.
pub(super) fn is_away(code: &str) -> bool {
    matches!(code, "57P01" | "57P02" | "57P03") || code.starts_with("08")
}

/// The code of a statement that may have been carried out or not.
pub(super) const COMPLETION_UNKNOWN: &str = "40003";
