//! Accounts from the user tables of other systems.
//!
//! Row after row, in batches of one transaction each. An interrupted import is finished by repeating it, for a row
//! that is there already is recognised. A row that cannot be imported keeps no other from it.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher, RandomState},
    io::{self, BufRead},
};

use crate::{
    model::{
        audit::{Action, Actor, Event, Personal},
        time::Timestamp,
        user::{Account, User},
    },
    service::{Failure, context::Context},
    store::Import,
};

mod columns;
mod csv;
mod lines;
mod moment;
mod refusal;
mod row;
mod table;

pub use refusal::Refusal;
pub use table::{Format, TableError};

use table::{Row, Table};

/// How many rows share a transaction: enough that not each waits for the disk, few enough that a server's own writes
/// wait but a moment.
const BATCH_ROWS: usize = 256;

/// How many bytes of rows are held at most, unless one row alone is longer.
const BATCH_BYTES: usize = 1 << 20;

/// An import of a user table.
#[derive(Clone, Copy, Debug)]
pub struct Importer<'a> {
    pub context: Context<'a>,
    /// Whether to report what would happen, and write nothing.
    pub dry_run: bool,
}

/// The listener to an import's progress.
pub trait Watcher {
    /// The table's header; empty where it has none.
    fn begins(&mut self, header: &[u8]) -> io::Result<()>;

    /// A refused row: the number of its first line, and the row as it is in the file.
    fn refused(&mut self, line: u64, row: &[u8], refusal: &Refusal) -> io::Result<()>;

    /// Whether ids are to be reported, which costs a look-up for each account that is there already.
    fn wants_ids(&self) -> bool;

    /// An account that is there by now, and its id in the table, which was no UUID.
    fn renamed(&mut self, old: &str, user: &User) -> io::Result<()>;

    /// How many bytes of the file are done with.
    fn done(&mut self, bytes: u64);
}

/// The outcome of an import.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub imported: u64,
    pub already_there: u64,
    pub refused: u64,
    /// Of those imported, how many got a new id because theirs was no UUID.
    pub new_ids: u64,
    /// Columns that were not understood.
    pub ignored: BTreeSet<String>,
}

/// Why an import ended before the table did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("it cannot be read on, or the report not be written: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Importer<'_> {
    /// Imports a table.
    ///
    /// # Errors
    ///
    /// [`ImportError`] when the table cannot be begun with or the import not go on; what was imported stays.
    pub async fn run(
        &self,
        input: impl BufRead,
        format: Format,
        watcher: &mut dyn Watcher,
    ) -> Result<Summary, ImportError> {
        let mut table = Table::open(input, format)?;
        watcher.begins(table.header())?;
        let mut run = Run {
            importer: self,
            watcher,
            summary: Summary::default(),
            batch: Vec::with_capacity(BATCH_ROWS),
            seen: Seen::default(),
        };
        let mut bytes = 0;
        while let Some(row) = table.next()? {
            bytes += row.raw.len();
            run.batch.push(self.read(row)?);
            if run.batch.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
                run.flush().await?;
                run.watcher.done(table.bytes());
                bytes = 0;
            }
        }
        run.flush().await?;
        run.watcher.done(table.bytes());
        Ok(Summary {
            ignored: table.ignored().clone(),
            ..run.summary
        })
    }

    fn read(&self, row: Row) -> Result<Entry, Failure> {
        let now = self.context.now();
        let read = row.cells.and_then(|cells| row::read(cells, now));
        let account = match read {
            Ok(row::Read { account, lost_id }) => {
                let event = self.event(&account, now)?;
                Ok((account, event, lost_id))
            }
            Err(refusal) => Err(refusal),
        };
        Ok(Entry {
            line: row.number,
            raw: row.raw,
            account,
        })
    }

    fn event(&self, account: &Account, now: Timestamp) -> Result<Event, Failure> {
        let user = &account.user;
        let personal = Personal::new(self.context.random.bytes()?).field("username", user.username.as_str());
        Ok(Event::new(Action::UserImported, now)
            .user(user.id)
            .by(Some(Actor::CommandLine))
            .detail("scheme", account.scheme.as_str())
            .personal(personal))
    }
}

/// A row to be written with its batch.
struct Entry {
    line: u64,
    raw: Vec<u8>,
    /// The account, its event, and the id that could not be kept.
    account: Result<(Account, Event, Option<String>), Refusal>,
}

struct Run<'a, 'w> {
    importer: &'a Importer<'a>,
    watcher: &'w mut dyn Watcher,
    summary: Summary,
    batch: Vec<Entry>,
    seen: Seen,
}

impl Run<'_, '_> {
    /// Writes the batch and reports its rows, in the file's order.
    async fn flush(&mut self) -> Result<(), ImportError> {
        let accounts: Vec<_> = self
            .batch
            .iter()
            .filter_map(|entry| entry.account.as_ref().ok())
            .map(|(account, event, _)| (account.clone(), event.clone()))
            .collect();
        let mut imports = self.import(accounts).await?.into_iter();
        for entry in std::mem::take(&mut self.batch) {
            let refusal = match entry.account {
                Err(refusal) => refusal,
                Ok((account, _, lost_id)) => match imports.next() {
                    Some(Import::AlreadyThere) => {
                        self.summary.already_there += 1;
                        self.tell_again(lost_id, account.user).await?;
                        continue;
                    }
                    Some(Import::UsernameTaken) => Refusal::UsernameTaken,
                    Some(Import::IdTaken) => Refusal::IdTaken,
                    Some(Import::Created) | None => {
                        self.summary.imported += 1;
                        if let Some(old) = lost_id {
                            self.summary.new_ids += 1;
                            self.watcher.renamed(&old, &account.user)?;
                        }
                        continue;
                    }
                },
            };
            self.summary.refused += 1;
            self.watcher.refused(entry.line, &entry.raw, &refusal)?;
        }
        Ok(())
    }

    /// Reports the id of an account that is there already: it may be another than this row would give it.
    async fn tell_again(&mut self, lost_id: Option<String>, user: User) -> Result<(), ImportError> {
        let Some(old) = lost_id.filter(|_| self.watcher.wants_ids()) else {
            return Ok(());
        };
        let there = self
            .importer
            .context
            .store
            .account_by_name(user.username.key())
            .await;
        let there = there.map_err(Failure::from)?;
        Ok(self
            .watcher
            .renamed(&old, &there.map_or(user, |account| account.user))?)
    }

    async fn import(&mut self, accounts: Vec<(Account, Event)>) -> Result<Vec<Import>, Failure> {
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        if !self.importer.dry_run {
            return Ok(self.importer.context.store.import_accounts(accounts).await?);
        }
        let accounts: Vec<Account> = accounts.into_iter().map(|(account, _)| account).collect();
        let among_rows: Vec<_> = accounts.iter().map(|account| self.seen.add(account)).collect();
        let in_store = self.importer.context.store.try_import(&accounts).await?;
        Ok(among_rows
            .into_iter()
            .zip(in_store)
            .map(|(row, store)| if store == Import::Created { row } else { store })
            .collect())
    }
}

/// The rows that a dry run has seen, in place of what the store would know of them: sixteen bytes for each.
#[derive(Default)]
struct Seen {
    hash: RandomState,
    accounts: HashMap<u64, u64>,
}

impl Seen {
    fn add(&mut self, account: &Account) -> Import {
        let user = &account.user;
        let id = self.hash.hash_one(user.id.as_bytes());
        match self
            .accounts
            .insert(self.hash.hash_one(user.username.skeleton()), id)
        {
            None => Import::Created,
            Some(before) if before == id => Import::AlreadyThere,
            Some(_) => Import::UsernameTaken,
        }
    }
}
