//! Rows of the audit trail.

use super::{Columns, bytes, corrupt};
use crate::{
    model::{
        audit::{Base, Proof, Recorded, Seal},
        id::{SessionId, UserId},
        time::Timestamp,
    },
    store::StoreError,
};

pub(in crate::store) fn event(row: &impl Columns) -> Result<Recorded, StoreError> {
    let number: i64 = row.try_get("number")?;
    let corrupt = |column| corrupt("audit", column, &number);
    let id = |column| -> Result<Option<[u8; 16]>, StoreError> {
        let bytes: Option<Vec<u8>> = row.try_get(column)?;
        bytes
            .map(TryInto::try_into)
            .transpose()
            .map_err(|_| corrupt(column))
    };
    let commitment: Option<Vec<u8>> = row.try_get("commitment")?;
    let fields: Option<String> = row.try_get("fields")?;
    Ok(Recorded {
        number,
        at: Timestamp::from_seconds(row.try_get("at")?),
        action: row.try_get("action")?,
        user: id("user_id")?.map(UserId::from_bytes),
        session: id("session_id")?.map(SessionId::from_bytes),
        actor: row.try_get("actor")?,
        detail: row.try_get("detail")?,
        commitment: commitment
            .map(TryInto::try_into)
            .transpose()
            .map_err(|_| corrupt("commitment"))?,
        personal: id("salt")?.zip(fields),
        proof: proof(row)?,
    })
}

fn proof(row: &impl Columns) -> Result<Option<Proof>, StoreError> {
    let (writer, place): (Option<i64>, Option<i64>) = (row.try_get("writer")?, row.try_get("place")?);
    let mac: Option<Vec<u8>> = row.try_get("mac")?;
    Ok(match (writer, place, mac.map(TryInto::try_into)) {
        (Some(writer), Some(place), Some(Ok(mac))) => Some(Proof { writer, place, mac }),
        // A proof that lacks a part proves nothing.
        _ => None,
    })
}

pub(in crate::store) fn base(row: &impl Columns) -> Result<Base, StoreError> {
    Ok(Base {
        position: row.try_get("number")?,
        mac: bytes(row, "audit_marks", "mac")?,
    })
}

pub(in crate::store) fn seal(row: &impl Columns) -> Result<Seal, StoreError> {
    let position: i64 = row.try_get("position")?;
    let forgotten: Option<Vec<u8>> = row.try_get("forgotten")?;
    Ok(Seal {
        position,
        through: row.try_get("through")?,
        events: row.try_get("events")?,
        digest: bytes(row, "audit_seals", "digest")?,
        mac: bytes(row, "audit_seals", "mac")?,
        sealed_at: Timestamp::from_seconds(row.try_get("sealed_at")?),
        forgotten: forgotten
            .map(TryInto::try_into)
            .transpose()
            .map_err(|_| corrupt("audit_seals", "forgotten", &position))?,
    })
}
