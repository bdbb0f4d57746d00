//! The connection that writes, and the revocations and events that a group gathers for its end.

use std::collections::HashMap;

use super::{
    engine::{Engine, RowOf},
    sql::{Connection, Statement, sql},
    trail::{SignerSlot, Trail},
};
use crate::model::{
    audit::{Actor, Event},
    id::{SessionId, UserId},
    revocation::Revocation,
};

/// Fails unless every row was written. Where rows are numbered by another row, nothing was without that one; and a
/// trigger could leave out a row that whoever asked believes to be there.
pub(super) fn all_of<T>(rows: &[T], written: u64) -> Result<(), sqlx::Error> {
    if u64::try_from(rows.len()).is_ok_and(|rows| rows == written) {
        Ok(())
    } else {
        Err(sqlx::Error::RowNotFound)
    }
}

pub(super) struct Transaction<E: Engine> {
    pub(super) connection: E::Connection,
    /// The rows of the users that are locked, where an engine reads them from here.
    pub(super) held: HashMap<UserId, RowOf<E>>,
    /// The users that the jobs of the group change, each as often as a job names them.
    named: Vec<UserId>,
    /// Revocations to be numbered at the end, in this order.
    revocations: Vec<Revocation>,
    /// How many of them there were at the savepoint.
    saved: usize,
    trail: Trail,
}

impl<E: Engine> Transaction<E> {
    pub(super) fn new(connection: E::Connection, signer: SignerSlot) -> Self {
        Self {
            connection,
            held: HashMap::new(),
            named: Vec::new(),
            revocations: Vec::new(),
            saved: 0,
            trail: Trail::new(signer),
        }
    }

    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
        self.connection.execute(statement).await
    }

    pub(super) async fn fetch_optional(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<Option<RowOf<E>>, sqlx::Error> {
        self.connection.fetch_optional(statement).await
    }

    /// Reads a row that nobody else changes before the end of this transaction.
    pub(super) async fn fetch_for_update(
        &mut self,
        statement: Statement<'_>,
    ) -> Result<Option<RowOf<E>>, sqlx::Error> {
        self.connection
            .fetch_optional(statement.push(E::FOR_UPDATE))
            .await
    }

    /// A user's row as it was locked, where an engine has read it then and one job alone names the user: nobody has
    /// written it since. Given once, for it does not have what this job writes.
    pub(super) fn locked_row(&mut self, user: UserId) -> Option<RowOf<E>> {
        let named = self.named.iter().filter(|named| **named == user);
        if named.count() == 1 {
            self.held.remove(&user)
        } else {
            None
        }
    }

    pub(super) async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<RowOf<E>>, sqlx::Error> {
        self.connection.fetch_all(statement).await
    }

    /// Gathers an event, to be written before COMMIT.
    pub(super) fn record(&mut self, event: &Event) {
        self.trail.record(event);
    }

    pub(super) fn record_all(&mut self, events: Vec<Event>) {
        self.trail.record_all(events);
    }

    /// Gathers a revocation, to be numbered and written before COMMIT.
    pub(super) fn revoke(&mut self, revocation: &Revocation) {
        self.revocations.push(*revocation);
    }

    /// Erases a user's personal fields from the audit trail: in events about them, and in those of their acts on
    /// others.
    pub(super) async fn erase(&mut self, user: UserId) -> Result<(), sqlx::Error> {
        self.trail.erase(user);
        self.execute(sql("DELETE FROM audit_personal WHERE user_id = $1").bind(user))
            .await?;
        let acts = "DELETE FROM audit_personal WHERE number IN (SELECT number FROM audit WHERE actor = $1)";
        self.execute(sql(acts).bind(Actor::User(user).to_string()))
            .await?;
        self.execute(sql("UPDATE sessions SET device = '' WHERE actor_id = $1").bind(user))
            .await
            .map(drop)
    }

    /// Begins a transaction and locks the rows of these users, and of the owners of these sessions.
    pub(super) async fn begin(
        &mut self,
        users: &[UserId],
        sessions: &[SessionId],
    ) -> Result<(), sqlx::Error> {
        self.held.clear();
        self.named.clear();
        self.named.extend(users);
        self.revocations.clear();
        self.trail.begin();
        self.connection.command(E::BEGIN).await?;
        E::hold(self, users, sessions).await
    }

    /// Marks the writes so far: those that follow can be taken back without them.
    pub(super) async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        self.saved = self.revocations.len();
        self.trail.savepoint();
        self.connection.command("SAVEPOINT job").await
    }

    /// Keeps the writes since the savepoint, or takes them back.
    pub(super) async fn end_savepoint(&mut self, keeps: bool) -> Result<(), sqlx::Error> {
        if !keeps {
            self.revocations.truncate(self.saved);
            self.trail.roll_back_to_savepoint();
            self.connection.command("ROLLBACK TO SAVEPOINT job").await?;
        }
        self.connection.command("RELEASE SAVEPOINT job").await
    }

    /// Writes the gathered revocations and events. Nothing else comes before COMMIT, since their numbers are in the
    /// order of commits.
    pub(super) async fn finish(&mut self) -> Result<(), sqlx::Error> {
        let entries = self.trail.entries()?;
        E::write_numbered(&mut self.connection, &self.revocations, &entries).await
    }

    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        let committed = self.connection.command("COMMIT").await;
        self.trail.committed(&committed);
        committed
    }

    pub(super) async fn roll_back(&mut self) -> Result<(), sqlx::Error> {
        self.connection.command("ROLLBACK").await
    }
}
