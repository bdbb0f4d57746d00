//! The interface of a move to an engine: rows in the order of their keys, and a lock against every writer.

use std::time::SystemTime;

use async_trait::async_trait;

use super::{
    numbers::Numbers,
    row::{Cell, Row},
    tables::Table,
};
use crate::{
    model::key::SealedKey,
    store::{Relocation, Restored, Signer, StoreError},
};

/// How many rows are read and written at a time.
pub(in crate::store) const PAGE: usize = 2000;

/// One end of a move, with a connection of its own.
#[async_trait]
pub(in crate::store) trait Side: Send {
    /// The database for people, without a password; the same however its URL is written.
    fn place(&self) -> String;

    /// The last step of the schema that was taken; none in a database without one.
    async fn step(&mut self) -> Result<Option<i64>, StoreError>;

    /// The last step that this version knows.
    fn last_step(&self) -> i64;

    /// Makes the schema, or brings it up to date.
    async fn make_schema(&mut self) -> Result<(), StoreError>;

    /// The tables and their columns; where others share the database, only those of the tables that are moved.
    async fn columns(&mut self) -> Result<Vec<(String, String)>, StoreError>;

    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError>;

    /// At most [`PAGE`] rows after a key, in the order of the key.
    async fn page(&mut self, table: &'static Table, after: Option<&[Cell]>) -> Result<Vec<Row>, StoreError>;

    /// Deletes rows and writes others, new or in place of those with the same key, in one transaction.
    async fn write(&mut self, table: &'static Table, gone: &[&Row], rows: &[&Row]) -> Result<(), StoreError>;

    async fn numbers(&mut self) -> Result<Numbers, StoreError>;

    async fn set_numbers(&mut self, numbers: Numbers) -> Result<(), StoreError>;

    /// The time by the database's clock.
    async fn time(&mut self) -> Result<SystemTime, StoreError>;

    async fn relocation(&mut self) -> Result<Relocation, StoreError>;

    async fn set_relocation(&mut self, relocation: &Relocation) -> Result<(), StoreError>;

    /// Makes the database itself refuse every write but that of its relocation, also by processes that never look at
    /// that. Writes under way end first.
    async fn shut(&mut self, relocation: &Relocation) -> Result<(), StoreError>;

    /// Opens the database again; with `restored`, for one that was in use elsewhere, also revokes everything.
    async fn reopen(&mut self, restored: Option<Restored>) -> Result<(), StoreError>;

    /// Revokes everything that was issued, as in a restored back-up. Returns how many sessions ended.
    async fn restore(&mut self, restored: Restored) -> Result<u64, StoreError>;

    async fn keys(&mut self) -> Result<Vec<SealedKey>, StoreError>;

    /// Sets the signer of this side's events.
    fn sign_with(&mut self, signer: Signer);

    async fn close(self: Box<Self>);
}
