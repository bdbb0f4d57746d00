//! The trail and its chain as JSON lines, to be kept or checked elsewhere.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{BATCH, verify::Trail};
use crate::{
    model::{
        audit::{Recorded, Seal},
        hex,
    },
    store::{Store, StoreError},
};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Write(#[from] io::Error),
}

/// Writes every event, and each seal behind the last event it covers; `docs/audit.md` has the format. Returns how many
/// events there were.
///
/// # Errors
///
/// [`ExportError`] when the database or the writing fails; what was written so far is not the whole trail then.
pub async fn export(
    store: &dyn Store,
    out: &mut (dyn Write + Send),
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<u64, ExportError> {
    let total = store.last_seal().await?.map_or(0, |seal| seal.through);
    let total = u64::try_from(total).unwrap_or_default();
    if let Some(base) = store.base().await? {
        let base = json!({ "base": { "position": base.position, "mac": hex::encode(&base.mac) } });
        writeln!(out, "{base}")?;
    }
    let (mut trail, mut position, mut written) = (Trail::new(store), 0, 0);
    loop {
        let seals = store.seals_after(position, BATCH).await?;
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            written += events_through(&mut trail, seal.through, out).await?;
            writeln!(out, "{}", of_seal(&seal))?;
            position = seal.position;
            progress(written, total.max(written));
        }
    }
    written += events_through(&mut trail, i64::MAX, out).await?;
    out.flush()?;
    Ok(written)
}

async fn events_through(
    trail: &mut Trail<'_>,
    through: i64,
    out: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    let mut written = 0;
    while let Some(event) = trail.next_through(through).await? {
        writeln!(out, "{}", line(&event))?;
        written += 1;
    }
    Ok(written)
}

/// An event as a line of an export.
#[must_use]
pub fn line(event: &Recorded) -> String {
    of_event(event).to_string()
}

/// An event as JSON. Texts stand as they were stored, since it was their bytes that were hashed.
fn of_event(event: &Recorded) -> Value {
    json!({ "event": {
        "number": event.number,
        "at": event.at.seconds(),
        "action": event.action,
        "user": event.user.map(|id| id.to_string()),
        "session": event.session.map(|id| id.to_string()),
        "actor": event.actor,
        "detail": event.detail,
        "commitment": event.commitment.map(|hash| hex::encode(&hash)),
        "proof": event.proof.map(|proof| json!({
            "writer": proof.writer,
            "place": proof.place,
            "mac": hex::encode(&proof.mac),
        })),
        "personal": event.personal.as_ref().map(|(salt, fields)| json!({ "salt": hex::encode(salt), "fields": fields })),
    } })
}

fn of_seal(seal: &Seal) -> Value {
    json!({ "seal": {
        "position": seal.position,
        "through": seal.through,
        "events": seal.events,
        "digest": hex::encode(&seal.digest),
        "mac": hex::encode(&seal.mac),
        "sealed_at": seal.sealed_at.seconds(),
        "forgotten": seal.forgotten.map(|mark| hex::encode(&mark)),
    } })
}
