//! The connection that writes, and what a group of writes gathers for its end.

use std::collections::HashMap;

use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use crate::model::{
    audit::{Event, Personal},
    id::{SessionId, UserId},
    revocation::{Revocation, Target},
};

pub(super) struct Transaction {
    pub(super) connection: PgConnection,
    /// The rows of the users it holds.
    users: HashMap<Uuid, PgRow>,
    /// What is numbered at the end, in this order.
    revocations: Vec<Revocation>,
    events: Vec<Event>,
    /// Users of whose person nothing may be written any more.
    erased: Vec<UserId>,
    /// How many of each there were at the savepoint.
    saved: [usize; 3],
}

impl Transaction {
    pub(super) fn new(connection: PgConnection) -> Self {
        Self {
            connection,
            users: HashMap::new(),
            revocations: Vec::new(),
            events: Vec::new(),
            erased: Vec::new(),
            saved: [0; 3],
        }
    }

    /// Records what happened.
    pub(super) fn record(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    pub(super) fn record_all(&mut self, events: Vec<Event>) {
        self.events.extend(events);
    }

    /// Calls tokens back.
    pub(super) fn revoke(&mut self, revocation: &Revocation) {
        self.revocations.push(*revocation);
    }

    /// Erases what the audit trail holds of a user's person, of this group's events too.
    pub(super) async fn erase(&mut self, user: UserId) -> Result<(), sqlx::Error> {
        self.erased.push(user);
        sqlx::query("DELETE FROM audit_personal WHERE user_id = $1")
            .bind(uuid(user.as_bytes()))
            .execute(&mut self.connection)
            .await
            .map(drop)
    }

    /// From here to the end, no other node is where this was called.
    pub(super) async fn stand_alone(&mut self) -> Result<(), sqlx::Error> {
        self.execute("SELECT 1 FROM counters WHERE name = 'revocations' FOR UPDATE")
            .await
    }

    /// The row of a user it holds.
    pub(super) fn held(&self, user: UserId) -> Option<&PgRow> {
        self.users.get(&Uuid::from_bytes(*user.as_bytes()))
    }

    pub(super) async fn execute(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(statement)
            .execute(&mut self.connection)
            .await
            .map(drop)
    }

    pub(super) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        self.users.clear();
        self.revocations.clear();
        self.events.clear();
        self.erased.clear();
        self.execute("BEGIN ISOLATION LEVEL READ COMMITTED").await
    }

    /// Takes the rows of these users, and of those whose sessions these are, in the order of their ids.
    pub(super) async fn hold(&mut self, users: &[UserId], sessions: &[SessionId]) -> Result<(), sqlx::Error> {
        if users.is_empty() && sessions.is_empty() {
            return Ok(());
        }
        let rows = sqlx::query(
            "SELECT * FROM users \
             WHERE id = ANY ($1 || ARRAY(SELECT user_id FROM sessions WHERE id = ANY ($2))) \
             ORDER BY id FOR NO KEY UPDATE",
        )
        .bind(uuids(users.iter().map(UserId::as_bytes)))
        .bind(uuids(sessions.iter().map(SessionId::as_bytes)))
        .fetch_all(&mut self.connection)
        .await?;
        for row in rows {
            self.users.insert(row.try_get("id")?, row);
        }
        Ok(())
    }

    pub(super) async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        self.saved = [self.revocations.len(), self.events.len(), self.erased.len()];
        self.execute("SAVEPOINT unit").await
    }

    pub(super) async fn roll_back_to_savepoint(&mut self) -> Result<(), sqlx::Error> {
        let [revocations, events, erased] = self.saved;
        self.revocations.truncate(revocations);
        self.events.truncate(events);
        self.erased.truncate(erased);
        self.execute("ROLLBACK TO SAVEPOINT unit").await
    }

    /// Draws numbers and writes what is numbered.
    pub(super) async fn write_numbered(&mut self) -> Result<(), sqlx::Error> {
        if self.revocations.is_empty() && self.events.is_empty() {
            // COMMIT says nothing about a transaction that an error has ended before; this does.
            return self.execute("SELECT 1").await;
        }
        self.write_revocations().await?;
        self.write_events().await
    }

    async fn write_revocations(&mut self) -> Result<(), sqlx::Error> {
        if self.revocations.is_empty() {
            return Ok(());
        }
        let entries: Vec<_> = self
            .revocations
            .iter()
            .map(|entry| match &entry.target {
                Target::Token(id) => ("token", uuid(id.as_bytes()), None, entry.until.seconds()),
                Target::Session(id) => ("session", uuid(id.as_bytes()), None, entry.until.seconds()),
                Target::User { id, below } => {
                    ("user", uuid(id.as_bytes()), Some(below.0), entry.until.seconds())
                }
            })
            .collect();
        let written = sqlx::query(
            "WITH drawn AS ( \
                 UPDATE counters SET value = value + $1 WHERE name = 'revocations' RETURNING value - $1 AS before \
             ) \
             INSERT INTO revocations (number, kind, target, version, until) \
             SELECT before + place, kind, target, version, until FROM drawn, \
                 unnest($2::text[], $3::uuid[], $4::bigint[], $5::bigint[]) \
                     WITH ORDINALITY AS entry (kind, target, version, until, place)",
        )
        .bind(count(&entries))
        .bind(column(&entries, |entry| entry.0))
        .bind(column(&entries, |entry| entry.1))
        .bind(column(&entries, |entry| entry.2))
        .bind(column(&entries, |entry| entry.3))
        .execute(&mut self.connection)
        .await?;
        all_of(&entries, written.rows_affected())
    }

    async fn write_events(&mut self) -> Result<(), sqlx::Error> {
        if self.events.is_empty() {
            return Ok(());
        }
        let events = &self.events;
        let personal: Vec<(i64, &Event, &Personal)> = (1..)
            .zip(events)
            .filter(|(_, event)| !event.user.is_some_and(|user| self.erased.contains(&user)))
            .filter_map(|(place, event)| Some((place, event, event.personal.as_ref()?)))
            .collect();
        let written = sqlx::query(
            "WITH drawn AS ( \
                 UPDATE counters SET value = value + $1 WHERE name = 'audit' RETURNING value - $1 AS before \
             ), personal AS ( \
                 INSERT INTO audit_personal (number, user_id, salt, fields) \
                 SELECT before + place, user_id, salt, fields FROM drawn, \
                     unnest($9::bigint[], $10::uuid[], $11::bytea[], $12::text[]) AS part (place, user_id, salt, fields) \
             ) \
             INSERT INTO audit (number, at, action, user_id, session_id, actor, detail, commitment) \
             SELECT before + place, event.at, event.action, user_id, session_id, actor, detail, commitment FROM drawn, \
                 unnest($2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::bytea[]) \
                     WITH ORDINALITY AS event (at, action, user_id, session_id, actor, detail, commitment, place)",
        )
        .bind(count(events))
        .bind(column(events, |event| event.at.seconds()))
        .bind(column(events, |event| event.action.as_str()))
        .bind(column(events, user_of))
        .bind(column(events, |event| event.session.map(|id| uuid(id.as_bytes()))))
        .bind(column(events, |event| event.by.map(|actor| actor.to_string())))
        .bind(column(events, |event| serde_json::Value::from(event.detail.clone()).to_string()))
        .bind(column(events, |event| {
            event.personal.as_ref().map(|personal| personal.commitment().to_vec())
        }))
        .bind(column(&personal, |part| part.0))
        .bind(column(&personal, |part| user_of(part.1)))
        .bind(column(&personal, |part| part.2.salt().to_vec()))
        .bind(column(&personal, |part| part.2.fields()))
        .execute(&mut self.connection)
        .await?;
        all_of(events, written.rows_affected())
    }
}

fn user_of(event: &Event) -> Option<Uuid> {
    event.user.map(|id| uuid(id.as_bytes()))
}

/// One column of what is written together.
fn column<'r, T, V>(rows: &'r [T], value: impl FnMut(&'r T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// Without its row in `counters` nothing can be numbered, and nothing was written.
fn all_of<T>(rows: &[T], written: u64) -> Result<(), sqlx::Error> {
    if u64::try_from(rows.len()).is_ok_and(|rows| rows == written) {
        Ok(())
    } else {
        Err(sqlx::Error::RowNotFound)
    }
}

pub(super) const fn uuid(id: &[u8; 16]) -> Uuid {
    Uuid::from_bytes(*id)
}

pub(super) fn uuids<'b>(ids: impl Iterator<Item = &'b [u8; 16]>) -> Vec<Uuid> {
    ids.map(uuid).collect()
}
