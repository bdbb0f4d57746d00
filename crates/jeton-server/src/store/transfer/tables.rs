//! The tables that are moved, with all their columns. A database with other tables or columns is not moved, so that
//! none is forgotten when the schema grows.

use super::error::TransferError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// The 16 bytes of a UUID.
    Id,
    Int,
    Text,
    Bytes,
}

#[derive(Debug)]
pub(in crate::store) struct Table {
    pub(in crate::store) name: &'static str,
    /// How many of the columns, from the first, are the key.
    key: usize,
    pub(in crate::store) columns: &'static [(&'static str, Kind)],
}

use Kind::{Bytes, Id, Int, Text};

/// The tables, in the order in which their rows refer to each other.
pub(in crate::store) static TABLES: [Table; 14] = [
    Table {
        name: "users",
        key: 1,
        columns: &[
            ("id", Id),
            ("username", Text),
            ("username_key", Text),
            ("username_skeleton", Text),
            ("email", Text),
            ("password_hash", Text),
            ("scheme", Text),
            ("roles", Text),
            ("claims", Text),
            ("version", Int),
            ("disabled_at", Int),
            ("reset_code", Bytes),
            ("reset_until", Int),
            ("created_at", Int),
            ("device_epoch", Int),
            ("locale", Text),
        ],
    },
    Table {
        name: "service_accounts",
        key: 1,
        columns: &[
            ("id", Id),
            ("name", Text),
            ("secret", Bytes),
            ("scopes", Text),
            ("version", Int),
            ("disabled_at", Int),
            ("created_at", Int),
            ("accepted_until", Int),
            ("registration", Text),
        ],
    },
    Table {
        name: "keys",
        key: 1,
        columns: &[
            ("kid", Text),
            ("purpose", Text),
            ("algorithm", Text),
            ("sealed", Bytes),
            ("created_at", Int),
            ("signs_from", Int),
            ("accepted_until", Int),
            ("lifetime", Int),
        ],
    },
    Table {
        name: "sessions",
        key: 1,
        columns: &[
            ("id", Id),
            ("user_id", Id),
            ("generation", Int),
            ("secret", Bytes),
            ("refresh_key", Text),
            ("created_at", Int),
            ("rotated_at", Int),
            ("last_seen_at", Int),
            ("expires_at", Int),
            ("ends_at", Int),
            ("accepted_until", Int),
            ("device", Text),
            ("actor_id", Id),
            ("ended_at", Int),
            ("end_reason", Text),
            ("replays", Int),
            ("rested_at", Int),
            ("authenticated_at", Int),
            ("client_id", Id),
            ("parent_id", Id),
            ("offline", Int),
            ("terms", Text),
        ],
    },
    Table {
        name: "consents",
        key: 2,
        columns: &[
            ("user_id", Id),
            ("client_id", Id),
            ("scopes", Text),
            ("given_at", Int),
        ],
    },
    Table {
        name: "used_assertions",
        key: 1,
        columns: &[("digest", Bytes), ("until", Int)],
    },
    Table {
        name: "outbox",
        key: 1,
        columns: &[
            ("id", Id),
            ("kind", Text),
            ("recipient", Text),
            ("content", Bytes),
            ("created_at", Int),
            ("due_at", Int),
            ("attempts", Int),
            ("sent_at", Int),
            ("problem", Text),
        ],
    },
    Table {
        name: "ceremonies",
        key: 1,
        columns: &[
            ("id", Id),
            ("kind", Text),
            ("user_id", Id),
            ("secret", Bytes),
            ("state", Bytes),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", Int),
        ],
    },
    Table {
        name: "throttle",
        key: 2,
        columns: &[
            ("account", Bytes),
            ("device", Bytes),
            ("failures", Int),
            ("last_failed_at", Int),
            ("refused", Int),
            ("forget_at", Int),
        ],
    },
    Table {
        name: "revocations",
        key: 1,
        columns: &[
            ("number", Int),
            ("kind", Text),
            ("target", Id),
            ("version", Int),
            ("until", Int),
        ],
    },
    Table {
        name: "audit",
        key: 1,
        columns: &[
            ("number", Int),
            ("at", Int),
            ("action", Text),
            ("user_id", Id),
            ("session_id", Id),
            ("actor", Text),
            ("detail", Text),
            ("commitment", Bytes),
            ("writer", Int),
            ("place", Int),
            ("mac", Bytes),
        ],
    },
    Table {
        name: "audit_personal",
        key: 1,
        columns: &[
            ("number", Int),
            ("user_id", Id),
            ("salt", Bytes),
            ("fields", Text),
        ],
    },
    Table {
        name: "audit_seals",
        key: 1,
        columns: &[
            ("position", Int),
            ("through", Int),
            ("events", Int),
            ("digest", Bytes),
            ("mac", Bytes),
            ("sealed_at", Int),
            ("forgotten", Bytes),
        ],
    },
    Table {
        name: "audit_marks",
        key: 1,
        columns: &[("name", Text), ("number", Int), ("mac", Bytes)],
    },
];

/// Tables that are the database's own, and not moved row by row.
const OTHERS: [&str; 4] = ["standing", "counters", "schema_migrations", "_sqlx_migrations"];

impl Table {
    /// The columns of the key.
    pub(in crate::store) fn key(&self) -> &'static [(&'static str, Kind)] {
        &self.columns[..self.key]
    }

    /// The columns beside the key.
    pub(in crate::store) fn rest(&self) -> &'static [(&'static str, Kind)] {
        &self.columns[self.key..]
    }

    /// Names of columns for a statement.
    pub(in crate::store) fn list(columns: &[(&'static str, Kind)]) -> String {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The clause by which an insertion changes a row that is there: the same in both engines.
    pub(in crate::store) fn or_change(&self) -> String {
        let changes: Vec<_> = self
            .rest()
            .iter()
            .map(|(name, _)| format!("{name} = excluded.{name}"))
            .collect();
        format!(
            "ON CONFLICT ({}) DO UPDATE SET {}",
            Self::list(self.key()),
            changes.join(", ")
        )
    }
}

/// Fails if a database has tables or columns that would not be moved.
pub(super) fn are_all_known(columns: &[(String, String)]) -> Result<(), TransferError> {
    for (table, column) in columns {
        if OTHERS.contains(&table.as_str()) {
            continue;
        }
        let known = TABLES.iter().find(|known| known.name == table);
        let known = known.is_some_and(|known| known.columns.iter().any(|(name, _)| name == column));
        if !known {
            return Err(TransferError::UnknownColumn {
                table: table.clone(),
                column: column.clone(),
            });
        }
    }
    Ok(())
}
