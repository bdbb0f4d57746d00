//! Revocations and events, with the numbers drawn for them from rows that stay locked to the end.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    model::{audit::Entry, revocation::Revocation},
    store::{
        rows,
        sql::{Connection, sql},
        transaction::all_of,
    },
};

pub(super) async fn write_revocations(
    connection: &mut PgConnection,
    revocations: &[Revocation],
) -> Result<(), sqlx::Error> {
    if revocations.is_empty() {
        return Ok(());
    }
    let entries: Vec<_> = revocations
        .iter()
        .map(|entry| {
            let (kind, target, version) = rows::target(&entry.target);
            (
                kind,
                uuid(target),
                version.map(|below| below.0),
                entry.until.seconds(),
            )
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
        .execute(connection)
        .await?;
    all_of(&entries, written.rows_affected())
}

/// Raises the number of the last revocation, so that the next one is above it.
pub(super) async fn skip_revocations(connection: &mut PgConnection, by: i64) -> Result<(), sqlx::Error> {
    let skip = sql("UPDATE counters SET value = value + $1 WHERE name = 'revocations'");
    connection.execute(skip.bind(by)).await.map(drop)
}

pub(super) async fn write_events(
    connection: &mut PgConnection,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let personal: Vec<_> = (1_i64..)
        .zip(entries)
        .filter_map(|(place, entry)| Some((place, entry.user, entry.personal.as_ref()?)))
        .collect();
    let written = sqlx::query(WRITE_EVENTS)
        .bind(count(entries))
        .bind(column(entries, |entry| entry.at.seconds()))
        .bind(column(entries, |entry| entry.action))
        .bind(column(entries, |entry| entry.user.map(|id| uuid(id.as_bytes()))))
        .bind(column(entries, |entry| {
            entry.session.map(|id| uuid(id.as_bytes()))
        }))
        .bind(column(entries, |entry| entry.actor.as_deref()))
        .bind(column(entries, |entry| entry.detail.as_str()))
        .bind(column(entries, |entry| {
            entry.commitment.map(|hash| hash.to_vec())
        }))
        .bind(column(entries, |entry| entry.proof.writer))
        .bind(column(entries, |entry| entry.proof.place))
        .bind(column(entries, |entry| entry.proof.mac.to_vec()))
        .bind(column(&personal, |part| part.0))
        .bind(column(&personal, |part| part.1.map(|id| uuid(id.as_bytes()))))
        .bind(column(&personal, |part| part.2.0.to_vec()))
        .bind(column(&personal, |part| part.2.1.as_str()))
        .execute(connection)
        .await?;
    all_of(entries, written.rows_affected())
}

/// Draws numbers for events and writes them with their personal fields, unless the person was deleted after the event.
const WRITE_EVENTS: &str = "WITH drawn AS ( \
         UPDATE counters SET value = value + $1 WHERE name = 'audit' RETURNING value - $1 AS before \
     ), personal AS ( \
         INSERT INTO audit_personal (number, user_id, salt, fields) \
         SELECT before + place, user_id, salt, fields FROM drawn, \
             unnest($12::bigint[], $13::uuid[], $14::bytea[], $15::text[]) AS part (place, user_id, salt, fields) \
         WHERE user_id IS NULL OR EXISTS (SELECT 1 FROM users WHERE id = user_id) \
            OR EXISTS (SELECT 1 FROM service_accounts WHERE id = user_id) \
     ) \
     INSERT INTO audit (number, at, action, user_id, session_id, actor, detail, commitment, writer, place, mac) \
     SELECT before + ordinal, event.at, event.action, user_id, session_id, actor, detail, commitment, writer, place, mac \
     FROM drawn, unnest($2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::bytea[], \
                        $9::bigint[], $10::bigint[], $11::bytea[]) \
         WITH ORDINALITY AS event (at, action, user_id, session_id, actor, detail, commitment, writer, place, mac, ordinal)";

/// One column of rows that are written together.
fn column<'r, T, V>(rows: &'r [T], value: impl FnMut(&'r T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

pub(super) const fn uuid(id: &[u8; 16]) -> Uuid {
    Uuid::from_bytes(*id)
}
