//! Aligning: makes a table on one side equal to the other's.
//!
//! Both are read in the order of their keys, a page of each at a time, and differences are written. A run that begins
//! again, after an interruption or because the source has changed, finds the same rows and writes the rest.

use std::cmp::Ordering;

use aws_lc_rs::digest::{Context, SHA256};

use super::{
    Watch,
    row::Row,
    side::{PAGE, Side},
    tables::Table,
};
use crate::store::{StoreError, transfer::Progress};

/// A table's rows after they were aligned, on both sides.
#[derive(Debug)]
pub(super) struct Aligned {
    pub(super) source: Summary,
    pub(super) target: Summary,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) rows: u64,
    pub(super) hash: Vec<u8>,
}

/// Aligns a table while the source is in use: writes what differs, and reads nothing again.
pub(super) async fn copy(
    from: &mut dyn Side,
    to: &mut dyn Side,
    table: &'static Table,
    watch: &mut Watch<'_>,
) -> Result<(), StoreError> {
    go_through(from, to, table, false, watch).await.map(drop)
}

/// Aligns a table while nobody writes, and reads again what was written.
pub(super) async fn finish(
    from: &mut dyn Side,
    to: &mut dyn Side,
    table: &'static Table,
    watch: &mut Watch<'_>,
) -> Result<Aligned, StoreError> {
    go_through(from, to, table, true, watch).await
}

async fn go_through(
    from: &mut dyn Side,
    to: &mut dyn Side,
    table: &'static Table,
    is_final: bool,
    watch: &mut Watch<'_>,
) -> Result<Aligned, StoreError> {
    let (mut source, mut target) = (Running::new(), Running::new());
    let mut after = None;
    loop {
        let (mut wanted, mut there) = tokio::try_join!(
            from.page(table, after.as_deref()),
            to.page(table, after.as_deref())
        )?;
        let end = end(&wanted, &there);
        keep_up_to(&mut wanted, end.as_ref());
        keep_up_to(&mut there, end.as_ref());
        let difference = Difference::between(&wanted, &there);
        if !difference.is_none() {
            write(to, table, &difference).await?;
            if is_final {
                there = to.page(table, after.as_deref()).await?;
                keep_up_to(&mut there, end.as_ref());
            }
        }
        source.add(&wanted);
        target.add(&there);
        watch(Progress::Rows(wanted.len() as u64));
        match end {
            Some(row) => after = Some(row.key(table).to_vec()),
            None => break,
        }
    }
    Ok(Aligned {
        source: source.finish(),
        target: target.finish(),
    })
}

/// Writes a page, or leaves it for the next pass: a name may have been given up and taken again, so that its last owner
/// is still there, or a row that others refer to may be missing yet.
async fn write(
    to: &mut dyn Side,
    table: &'static Table,
    difference: &Difference<'_>,
) -> Result<(), StoreError> {
    match to.write(table, &difference.gone, &difference.new).await {
        Err(StoreError::Engine(error))
            if error
                .as_database_error()
                .is_some_and(|error| error.is_unique_violation() || error.is_foreign_key_violation()) =>
        {
            Ok(())
        }
        written => written,
    }
}

/// The last row up to which two pages can be compared: the lower of the last rows of those that are full. None at the
/// end of both tables.
fn end(one: &[Row], other: &[Row]) -> Option<Row> {
    let last = |page: &[Row]| page.last().filter(|_| page.len() == PAGE).cloned();
    match (last(one), last(other)) {
        (Some(one), Some(other)) if other.order < one.order => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

fn keep_up_to(page: &mut Vec<Row>, end: Option<&Row>) {
    if let Some(end) = end {
        page.truncate(page.partition_point(|row| row.order <= end.order));
    }
}

/// The difference between two pages: rows to delete and rows to write.
struct Difference<'p> {
    gone: Vec<&'p Row>,
    /// Rows that are missing or differ.
    new: Vec<&'p Row>,
}

impl<'p> Difference<'p> {
    fn between(wanted: &'p [Row], there: &'p [Row]) -> Self {
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        let (mut wanted, mut there) = (wanted.iter().peekable(), there.iter().peekable());
        loop {
            let order = match (wanted.peek(), there.peek()) {
                (Some(one), Some(other)) => one.order.cmp(&other.order),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return Self { gone, new },
            };
            match order {
                Ordering::Less => new.extend(wanted.next()),
                Ordering::Greater => gone.extend(there.next()),
                Ordering::Equal => {
                    let (one, other) = (wanted.next(), there.next());
                    new.extend(one.filter(|one| other.is_some_and(|other| one.digest != other.digest)));
                }
            }
        }
    }

    fn is_none(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty()
    }
}

/// The count and the hash of rows, in the order of their keys.
struct Running {
    rows: u64,
    hash: Context,
}

impl Running {
    fn new() -> Self {
        Self {
            rows: 0,
            hash: Context::new(&SHA256),
        }
    }

    fn add(&mut self, page: &[Row]) {
        self.rows += page.len() as u64;
        for row in page {
            self.hash.update(&row.digest);
        }
    }

    fn finish(self) -> Summary {
        Summary {
            rows: self.rows,
            hash: self.hash.finish().as_ref().to_vec(),
        }
    }
}
