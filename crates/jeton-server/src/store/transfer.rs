//! Moves a whole database into another, of either engine, while the service goes on.
//!
//! First everything is copied while the source is in use, then once more what has changed meanwhile. Then the source
//! is shut by the database itself: it refuses every write, also of a process that does not know of the move, while
//! tokens go on being checked. The last differences are written, both sides are counted and hashed, and only when they
//! are the same the source is marked as moved and the target set free.
//!
//! Every step can be interrupted and begun again: rows are found by their keys, and each side's part in the move is
//! written in it. An unfinished target is never served from, so until the end nothing is lost by giving up.

use crate::{
    model::time::Timestamp,
    store::{
        Restored, Signing,
        opening::{source_side, target_side},
        restoring,
    },
};

mod align;
pub(super) mod end;
mod error;
pub(super) mod numbers;
pub(super) mod row;
pub(super) mod side;
pub(super) mod tables;

pub use error::TransferError;

use self::{
    side::Side,
    tables::{TABLES, Table},
};
use super::Relocation;
use align::{copy, finish};

/// How often a table is gone through at the end until nothing differs. Names that were given up and taken again may
/// need a second pass.
const PASSES: usize = 3;

/// The listener to a move's progress.
pub type Watch<'w> = dyn FnMut(Progress) + Send + 'w;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A stage begins, in which about so many rows are gone through.
    Begins(Stage, u64),
    /// So many rows more.
    Rows(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// While the source is in use.
    Copying,
    /// Again, for changes made meanwhile.
    CatchingUp,
    /// The source takes nothing new from here on.
    Finishing,
}

/// The tables that were moved: the same on both sides.
#[derive(Clone, Debug)]
pub struct Report {
    pub from: String,
    pub to: String,
    pub tables: Vec<Moved>,
}

#[derive(Clone, Debug)]
pub struct Moved {
    pub table: &'static str,
    pub rows: u64,
    /// SHA-256 of the rows' SHA-256, in the order of their keys.
    pub hash: Vec<u8>,
}

/// Moves everything, or goes on with a move that was interrupted.
///
/// # Errors
///
/// [`TransferError`]. A source that the move had shut is open again, unless that failed too.
pub async fn transfer(from: &str, to: &str, watch: &mut Watch<'_>) -> Result<Report, TransferError> {
    let mut ends = Ends {
        from: open_source(from).await?,
        to: target_side(to).await.map_err(TransferError::Target)?,
    };
    let moved = ends.transfer(watch).await;
    ends.from.close().await;
    ends.to.close().await;
    moved
}

/// Opens a database again that a move has shut. Returns what had become of the move.
///
/// # Errors
///
/// [`TransferError`] when there is no such database, or it is a move's target.
pub async fn reopen(url: &str, now: Timestamp, signing: &Signing<'_>) -> Result<Reopened, TransferError> {
    let mut side = open_source(url).await?;
    let reopened = reopen_side(&mut *side, now, signing).await;
    side.close().await;
    reopened
}

#[derive(Clone, Copy, Debug)]
pub enum Reopened {
    /// The database was not shut.
    WasOpen,
    /// The move was not finished, so nothing has happened elsewhere.
    GivenUp,
    /// The database was in use elsewhere since. Revocations made there are unknown here, so everything is revoked.
    CameBack(Restored),
}

async fn reopen_side(
    side: &mut dyn Side,
    now: Timestamp,
    signing: &Signing<'_>,
) -> Result<Reopened, TransferError> {
    let source = TransferError::Source;
    match side.relocation().await.map_err(source)? {
        Relocation::InUse => Ok(Reopened::WasOpen),
        Relocation::Arriving { from } => Err(TransferError::HalfFilled { from }),
        Relocation::Leaving { .. } => {
            side.reopen(None).await.map_err(source)?;
            Ok(Reopened::GivenUp)
        }
        Relocation::Moved { .. } => {
            let restored = Restored { at: now };
            restoring::sign(side, signing).await.map_err(source)?;
            side.reopen(Some(restored)).await.map_err(source)?;
            Ok(Reopened::CameBack(restored))
        }
    }
}

async fn open_source(url: &str) -> Result<Box<dyn Side>, TransferError> {
    let mut side = source_side(url).await.map_err(TransferError::Source)?;
    let found = side.step().await.map_err(TransferError::Source)?;
    match found {
        Some(found) if found == side.last_step() => Ok(side),
        found => Err(TransferError::SourceSchema {
            found,
            known: side.last_step(),
        }),
    }
}

struct Ends {
    from: Box<dyn Side>,
    to: Box<dyn Side>,
}

impl Ends {
    async fn transfer(&mut self, watch: &mut Watch<'_>) -> Result<Report, TransferError> {
        let is_shut = self.prepare().await?;
        if !is_shut {
            self.copy_all(Stage::Copying, watch).await?;
            self.copy_all(Stage::CatchingUp, watch).await?;
        }
        let tables = match self.shut_and_finish(watch).await {
            Ok(tables) => tables,
            Err(error) => {
                // Nobody was let into the target, so staying with the source is safe.
                if let Err(stuck) = self.from.reopen(None).await {
                    tracing::error!(%stuck, "the source could not be opened again: jeton migrate --reopen does it");
                }
                return Err(error);
            }
        };
        // After the source was marked, so that at no time both can be served from.
        self.to
            .set_relocation(&Relocation::InUse)
            .await
            .map_err(TransferError::Target)?;
        Ok(Report {
            from: self.from.place(),
            to: self.to.place(),
            tables,
        })
    }

    /// Makes sure that the move is possible, and marks the target. Returns whether the source is shut already.
    async fn prepare(&mut self) -> Result<bool, TransferError> {
        let (from, to) = (self.from.place(), self.to.place());
        if from == to {
            return Err(TransferError::SameDatabase);
        }
        let is_shut = self.check_source(&to).await?;
        self.prepare_target(&from).await?;
        tables::are_all_known(&self.from.columns().await.map_err(TransferError::Source)?)?;
        tables::are_all_known(&self.to.columns().await.map_err(TransferError::Target)?)?;
        self.to
            .set_relocation(&Relocation::Arriving { from })
            .await
            .map_err(TransferError::Target)?;
        Ok(is_shut)
    }

    async fn check_source(&mut self, place: &str) -> Result<bool, TransferError> {
        match self.from.relocation().await.map_err(TransferError::Source)? {
            Relocation::InUse => {}
            Relocation::Leaving { to } if to == place => return Ok(true),
            // Interrupted between the last two steps, if the target is still waiting for it.
            Relocation::Moved { to } if to == place && self.target_waits().await? => return Ok(true),
            other => return Err(TransferError::SourceRelocation(other)),
        }
        for table in &TABLES {
            if self.from.count(table).await.map_err(TransferError::Source)? > 0 {
                return Ok(false);
            }
        }
        Err(TransferError::NothingThere)
    }

    async fn target_waits(&mut self) -> Result<bool, TransferError> {
        let target = TransferError::Target;
        Ok(self.to.step().await.map_err(target)?.is_some()
            && matches!(
                self.to.relocation().await.map_err(target)?,
                Relocation::Arriving { .. }
            ))
    }

    async fn prepare_target(&mut self, place: &str) -> Result<(), TransferError> {
        let target = TransferError::Target;
        let to = &mut self.to;
        match to.step().await.map_err(target)? {
            None => to.make_schema().await.map_err(target)?,
            Some(found) if found == to.last_step() => {}
            Some(found) => {
                return Err(TransferError::TargetSchema {
                    found,
                    known: to.last_step(),
                });
            }
        }
        match to.relocation().await.map_err(target)? {
            Relocation::Arriving { from } if from == place => return Ok(()),
            Relocation::Arriving { from } => return Err(TransferError::TargetOfAnother { from }),
            Relocation::InUse => {}
            Relocation::Leaving { .. } | Relocation::Moved { .. } => return Err(TransferError::TargetInUse),
        }
        for table in &TABLES {
            if to.count(table).await.map_err(target)? > 0 {
                return Err(TransferError::TargetInUse);
            }
        }
        Ok(())
    }

    async fn copy_all(&mut self, stage: Stage, watch: &mut Watch<'_>) -> Result<(), TransferError> {
        self.announce(stage, watch).await?;
        for table in &TABLES {
            copy(&mut *self.from, &mut *self.to, table, watch)
                .await
                .map_err(|error| TransferError::Copy(table.name, error))?;
        }
        Ok(())
    }

    async fn shut_and_finish(&mut self, watch: &mut Watch<'_>) -> Result<Vec<Moved>, TransferError> {
        let to = self.to.place();
        self.announce(Stage::Finishing, watch).await?;
        self.from
            .shut(&Relocation::Leaving { to: to.clone() })
            .await
            .map_err(TransferError::Source)?;
        let mut tables = Vec::new();
        for table in &TABLES {
            tables.push(self.finish_table(table, watch).await?);
        }
        self.finish_numbers().await?;
        self.from
            .set_relocation(&Relocation::Moved { to })
            .await
            .map_err(TransferError::Source)?;
        Ok(tables)
    }

    async fn finish_table(
        &mut self,
        table: &'static Table,
        watch: &mut Watch<'_>,
    ) -> Result<Moved, TransferError> {
        for _ in 0..PASSES {
            let aligned = finish(&mut *self.from, &mut *self.to, table, watch)
                .await
                .map_err(|error| TransferError::Copy(table.name, error))?;
            if aligned.source == aligned.target {
                return Ok(Moved {
                    table: table.name,
                    rows: aligned.source.rows,
                    hash: aligned.source.hash,
                });
            }
        }
        Err(TransferError::Differs(table.name))
    }

    async fn finish_numbers(&mut self) -> Result<(), TransferError> {
        let numbers = self.from.numbers().await.map_err(TransferError::Source)?;
        self.to
            .set_numbers(numbers)
            .await
            .map_err(TransferError::Target)?;
        if self.to.numbers().await.map_err(TransferError::Target)? == numbers {
            Ok(())
        } else {
            Err(TransferError::Differs("numbers"))
        }
    }

    async fn announce(&mut self, stage: Stage, watch: &mut Watch<'_>) -> Result<(), TransferError> {
        let mut rows = 0;
        for table in &TABLES {
            rows += self.from.count(table).await.map_err(TransferError::Source)?;
        }
        watch(Progress::Begins(stage, rows));
        Ok(())
    }
}
