//! Rows independent of an engine, so that those of two can be compared.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

use super::tables::{Kind, Table};
use crate::store::rows::Columns;

/// One value of a row. It may be a password's hash or a session's secret, so it has no `Debug`.
#[derive(Clone)]
pub(in crate::store) enum Cell {
    Null,
    Int(i64),
    Text(String),
    /// Bytes, also those of an id.
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(in crate::store) struct Row {
    pub(in crate::store) cells: Vec<Cell>,
    /// Bytes that sort as both engines sort the key.
    pub(super) order: Vec<u8>,
    pub(super) digest: [u8; 32],
}

impl Row {
    pub(in crate::store) fn read(row: &impl Columns, table: &'static Table) -> Result<Self, sqlx::Error> {
        let cells = table
            .columns
            .iter()
            .map(|(name, kind)| Cell::read(row, name, *kind));
        let cells: Vec<Cell> = cells.collect::<Result<_, _>>()?;
        let order = table.key().iter().zip(&cells).flat_map(|(_, cell)| cell.order());
        Ok(Self {
            order: order.collect(),
            digest: canonical_digest(&cells),
            cells,
        })
    }

    /// The values of the key.
    pub(in crate::store) fn key(&self, table: &Table) -> &[Cell] {
        &self.cells[..table.key().len()]
    }
}

impl Cell {
    fn read(row: &impl Columns, column: &'static str, kind: Kind) -> Result<Self, sqlx::Error> {
        let cell = match kind {
            Kind::Int => row.try_get::<Option<i64>>(column)?.map(Self::Int),
            Kind::Text => row.try_get::<Option<String>>(column)?.map(Self::Text),
            Kind::Id | Kind::Bytes => row.try_get::<Option<Vec<u8>>>(column)?.map(Self::Bytes),
        };
        Ok(cell.unwrap_or(Self::Null))
    }

    pub(in crate::store) fn uuid(&self) -> Option<Uuid> {
        self.bytes().and_then(|bytes| Uuid::from_slice(bytes).ok())
    }

    pub(in crate::store) const fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(in crate::store) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(in crate::store) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn order(&self) -> Vec<u8> {
        match self {
            Self::Null => Vec::new(),
            // With the sign bit flipped, negative numbers come first.
            Self::Int(number) => (number ^ i64::MIN).to_be_bytes().to_vec(),
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }

    /// Writes the cell's kind, length and bytes, so that no two rows give the same text.
    fn write(&self, text: &mut Vec<u8>) {
        let (kind, bytes): (u8, &[u8]) = match self {
            Self::Null => (0, &[]),
            Self::Int(number) => (1, &number.to_be_bytes()),
            Self::Text(string) => (2, string.as_bytes()),
            Self::Bytes(bytes) => (3, bytes),
        };
        text.push(kind);
        text.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        text.extend_from_slice(bytes);
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell(..)")
    }
}

fn canonical_digest(cells: &[Cell]) -> [u8; 32] {
    let mut text = Vec::with_capacity(512);
    for cell in cells {
        cell.write(&mut text);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &text).as_ref());
    bytes
}
