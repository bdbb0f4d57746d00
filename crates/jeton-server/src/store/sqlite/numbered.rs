//! Revocations and events. SQLite has one writer: their numbers follow each other as they are written.

use std::slice;

use serde_json::{Value, json};
use sqlx::{SqliteConnection, sqlite::SqliteQueryResult};

use crate::{
    model::{audit::Entry, hex, revocation::Revocation},
    store::{
        rows,
        sql::{Connection, sql},
        transaction::all_of,
    },
};

pub(super) async fn write_revocations(
    connection: &mut SqliteConnection,
    revocations: &[Revocation],
) -> Result<(), sqlx::Error> {
    for revocation in revocations {
        let (kind, target, version) = rows::target(&revocation.target);
        let statement = sql("INSERT INTO revocations (kind, target, version, until) VALUES ($1, $2, $3, $4)")
            .bind(kind)
            .bind(&target[..])
            .bind(version)
            .bind(revocation.until);
        let written = connection.execute(statement).await?;
        all_of(slice::from_ref(revocation), written)?;
    }
    Ok(())
}

/// Raises the number of the last revocation, so that the next one is above it.
pub(super) async fn skip_revocations(connection: &mut SqliteConnection, by: i64) -> Result<(), sqlx::Error> {
    let first = "INSERT INTO sqlite_sequence (name, seq) SELECT 'revocations', 0 \
                 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'revocations')";
    connection.command(first).await?;
    let skip = sql("UPDATE sqlite_sequence SET seq = seq + $1 WHERE name = 'revocations'");
    connection.execute(skip.bind(by)).await.map(drop)
}

pub(super) async fn write_events(
    connection: &mut SqliteConnection,
    entries: &[Entry],
) -> Result<(), sqlx::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    // Through sqlx, which says what number the last row got.
    let inserted: SqliteQueryResult = sqlx::query(
        "INSERT INTO audit (at, action, user_id, session_id, actor, detail, commitment, writer, place, mac) \
         SELECT value ->> 0, value ->> 1, unhex(value ->> 2), unhex(value ->> 3), value ->> 4, value ->> 5, \
                unhex(value ->> 6), value ->> 7, value ->> 8, unhex(value ->> 9) FROM json_each($1)",
    )
    .bind(entries.iter().map(columns).collect::<Value>().to_string())
    .execute(&mut *connection)
    .await?;
    all_of(entries, inserted.rows_affected())?;
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    write_personal(connection, entries, inserted.last_insert_rowid() - count).await
}

fn columns(entry: &Entry) -> Value {
    json!([
        entry.at.seconds(),
        entry.action,
        entry.user.as_ref().map(|id| hex::encode(id.as_bytes())),
        entry.session.as_ref().map(|id| hex::encode(id.as_bytes())),
        entry.actor,
        entry.detail,
        entry.commitment.as_ref().map(|hash| hex::encode(hash)),
        entry.proof.writer,
        entry.proof.place,
        hex::encode(&entry.proof.mac),
    ])
}

/// Writes the personal fields of events, unless the person was deleted since the event happened. `before` is the number
/// before the first event's.
async fn write_personal(
    connection: &mut SqliteConnection,
    entries: &[Entry],
    before: i64,
) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = (1..)
        .zip(entries)
        .filter_map(|(place, entry)| {
            let (salt, fields) = entry.personal.as_ref()?;
            let user = entry.user.as_ref().map(|id| hex::encode(id.as_bytes()));
            Some(json!([before + place, user, hex::encode(salt), fields]))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let statement = sql("INSERT INTO audit_personal (number, user_id, salt, fields) \
         SELECT value ->> 0, unhex(value ->> 1), unhex(value ->> 2), value ->> 3 FROM json_each($1) \
         WHERE value ->> 1 IS NULL OR EXISTS (SELECT 1 FROM users WHERE id = unhex(value ->> 1)) \
            OR EXISTS (SELECT 1 FROM service_accounts WHERE id = unhex(value ->> 1))")
    .bind(Value::Array(rows).to_string());
    connection.execute(statement).await.map(drop)
}
