//! From rows to the model, for every engine. A value that does not fit is an error with its table, column and row.

use std::{
    fmt::Display,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sqlx::{Decode, Postgres, Row, Sqlite, Type, postgres::PgRow, sqlite::SqliteRow};

use crate::{
    model::{
        ceremony::{self, Ceremony},
        claims::CustomClaims,
        client::{Client, registration::Registration},
        device::Device,
        digest::SecretDigest,
        grant::Grant,
        id::{CeremonyId, ClientId, MessageId, SessionId, UserId},
        key::{Purpose, SealedKey},
        message::{self, Message},
        reset_code::StoredCode,
        revocation::{Numbered, Revocation, Target},
        scope::Scope,
        session::{EndReason, Generation, Session, SessionSecret},
        throttle::Tally,
        time::Timestamp,
        user::{Account, DeviceEpoch, PasswordHash, User, UserVersion},
        username::Username,
    },
    store::{
        Consent, Relocation, StoreError, error::CorruptRow, sessions::AccountSnapshot,
        transfer::numbers::Numbers,
    },
};

mod audit;

pub(super) use audit::{base, event, seal};

/// Types that every engine can read from a column.
pub(super) trait Value:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Value for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

/// A row, by the names of its columns.
pub(super) trait Columns {
    fn try_get<T: Value>(&self, column: &'static str) -> Result<T, sqlx::Error>;

    /// A column's bytes, borrowed from the row.
    fn try_get_bytes(&self, column: &'static str) -> Result<&[u8], sqlx::Error>;
}

impl Columns for SqliteRow {
    fn try_get<T: Value>(&self, column: &'static str) -> Result<T, sqlx::Error> {
        Row::try_get(self, column)
    }

    fn try_get_bytes(&self, column: &'static str) -> Result<&[u8], sqlx::Error> {
        Row::try_get(self, column)
    }
}

/// Reads unchecked, because an id is a `uuid` in PostgreSQL and 16 bytes here.
impl Columns for PgRow {
    fn try_get<T: Value>(&self, column: &'static str) -> Result<T, sqlx::Error> {
        Row::try_get_unchecked(self, column)
    }

    fn try_get_bytes(&self, column: &'static str) -> Result<&[u8], sqlx::Error> {
        Row::try_get_unchecked(self, column)
    }
}

/// The columns of a table that are read.
macro_rules! columns {
    (users) => {
        "id, username, username_key, username_skeleton, email, password_hash, scheme, roles, claims, \
         version, disabled_at, reset_code, reset_until, created_at, device_epoch, locale"
    };
    (sessions) => {
        "id, user_id, generation, secret, refresh_key, created_at, rotated_at, last_seen_at, expires_at, \
         ends_at, accepted_until, device, actor_id, ended_at, end_reason, replays, rested_at, authenticated_at, \
         client_id, parent_id, offline, terms"
    };
    (ceremonies) => {
        "id, kind, user_id, secret, state, created_at, expires_at, used_at"
    };
    (consents) => {
        "user_id, client_id, scopes, given_at"
    };
    (outbox) => {
        "id, kind, recipient, content, created_at, due_at, attempts, sent_at, problem"
    };
    (service_accounts) => {
        "id, name, secret, scopes, version, disabled_at, created_at, accepted_until, registration"
    };
    (keys) => {
        "kid, purpose, algorithm, sealed, created_at, signs_from, accepted_until, lifetime"
    };
    (audit_seals) => {
        "position, through, events, digest, mac, sealed_at, forgotten"
    };
    (standing) => {
        "move, other, accepted_from"
    };
}
pub(super) use columns;

/// Begins a statement that reads rows, with every column by its name. A column that a later schema adds must not change
/// what a statement returns that was prepared before.
macro_rules! select {
    ($table:ident, $rest:literal) => {
        concat!(
            "SELECT ",
            $crate::store::rows::columns!($table),
            " FROM ",
            stringify!($table),
            " ",
            $rest
        )
    };
}
pub(super) use select;

pub(super) fn user(row: &impl Columns) -> Result<User, StoreError> {
    let id = UserId::from_bytes(bytes(row, "users", "id")?);
    let corrupt = |column| corrupt("users", column, &id);
    let username = Username::stored(
        row.try_get("username")?,
        row.try_get("username_key")?,
        row.try_get("username_skeleton")?,
    );
    let email: Option<String> = row.try_get("email")?;
    let roles: String = row.try_get("roles")?;
    let claims: String = row.try_get("claims")?;
    let disabled_at: Option<i64> = row.try_get("disabled_at")?;
    let locale: Option<String> = row.try_get("locale")?;
    Ok(User {
        id,
        username,
        email: email
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| corrupt("email"))?,
        roles: roles
            .split_ascii_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| corrupt("roles"))?,
        claims: CustomClaims::parse(&claims).map_err(|_| corrupt("claims"))?,
        version: UserVersion(row.try_get("version")?),
        device_epoch: DeviceEpoch(row.try_get("device_epoch")?),
        disabled: disabled_at.is_some(),
        created_at: Timestamp::from_seconds(row.try_get("created_at")?),
        // One of a later version is left to the browser.
        locale: locale.and_then(|tag| tag.parse().ok()),
    })
}

pub(super) fn account(row: &impl Columns) -> Result<Account, StoreError> {
    let hash: String = row.try_get("password_hash")?;
    Ok(Account {
        user: user(row)?,
        password_hash: Some(hash).filter(|hash| !hash.is_empty()).map(PasswordHash::new),
        scheme: row.try_get("scheme")?,
        reset_code: reset_code(row)?,
    })
}

fn reset_code(row: &impl Columns) -> Result<Option<StoredCode>, StoreError> {
    let until: Option<i64> = row.try_get("reset_until")?;
    let Some(until) = until else { return Ok(None) };
    Ok(Some(StoredCode {
        digest: SecretDigest::from_bytes(bytes(row, "users", "reset_code")?),
        until: Timestamp::from_seconds(until),
    }))
}

pub(super) fn session(row: &impl Columns) -> Result<Session, StoreError> {
    let id = SessionId::from_bytes(bytes(row, "sessions", "id")?);
    let time = |column| row.try_get(column).map(Timestamp::from_seconds);
    let replays: i64 = row.try_get("replays")?;
    let end_reason: Option<String> = row.try_get("end_reason")?;
    let actor: Option<Vec<u8>> = row.try_get("actor_id")?;
    let authenticated_at: Option<i64> = row.try_get("authenticated_at")?;
    let ended_at: Option<i64> = row.try_get("ended_at")?;
    Ok(Session {
        id,
        user_id: UserId::from_bytes(bytes(row, "sessions", "user_id")?),
        generation: Generation(row.try_get("generation")?),
        secret: SessionSecret::new(bytes(row, "sessions", "secret")?),
        refresh_key: row.try_get("refresh_key")?,
        created_at: time("created_at")?,
        authenticated_at: match authenticated_at {
            Some(seconds) => Timestamp::from_seconds(seconds),
            None => time("created_at")?,
        },
        rotated_at: time("rotated_at")?,
        last_seen_at: time("last_seen_at")?,
        expires_at: time("expires_at")?,
        ends_at: time("ends_at")?,
        accepted_until: time("accepted_until")?,
        replays: u32::try_from(replays).map_err(|_| corrupt("sessions", "replays", &id))?,
        rested_at: time("rested_at")?,
        device: Device::stored(row.try_get("device")?),
        actor: actor
            .map(|bytes| bytes.try_into().map(UserId::from_bytes))
            .transpose()
            .map_err(|_| corrupt("sessions", "actor_id", &id))?,
        grant: grant(row, &id)?,
        ended_at: ended_at.map(Timestamp::from_seconds),
        ended: end_reason
            .map(|name| EndReason::from_name(&name).ok_or_else(|| corrupt("sessions", "end_reason", &id)))
            .transpose()?,
    })
}

/// What makes a session's row a grant; none for a sign-in.
fn grant(row: &impl Columns, id: &SessionId) -> Result<Option<Box<Grant>>, StoreError> {
    let client: Option<Vec<u8>> = row.try_get("client_id")?;
    let Some(client) = client else { return Ok(None) };
    let client = client
        .try_into()
        .map_err(|_| corrupt("sessions", "client_id", id))?;
    let terms: String = row.try_get("terms")?;
    let offline: i64 = row.try_get("offline")?;
    Ok(Some(Box::new(Grant {
        client: ClientId::from_bytes(client),
        given_in: SessionId::from_bytes(bytes(row, "sessions", "parent_id")?),
        offline: offline != 0,
        terms: jeton::json::from_str(&terms).map_err(|_| corrupt("sessions", "terms", id))?,
    })))
}

/// What a user allowed which client.
pub(super) fn consent(row: &impl Columns) -> Result<(ClientId, Consent), StoreError> {
    let client = ClientId::from_bytes(bytes(row, "consents", "client_id")?);
    let scopes: String = row.try_get("scopes")?;
    let consent = Consent {
        scopes: scopes_of(&scopes).ok_or_else(|| corrupt("consents", "scopes", &client))?,
        given_at: Timestamp::from_seconds(row.try_get("given_at")?),
    };
    Ok((client, consent))
}

/// Names joined by spaces.
fn scopes_of(text: &str) -> Option<Vec<Scope>> {
    text.split_ascii_whitespace()
        .map(|name| name.parse().ok())
        .collect()
}

/// A client that may have to be told something, and what it registered.
pub(super) fn listener(row: &impl Columns) -> Result<(Registration, ClientId), StoreError> {
    let id = ClientId::from_bytes(bytes(row, "sessions", "client_id")?);
    Ok((registration(row, &id)?, id))
}

fn registration(row: &impl Columns, id: &ClientId) -> Result<Registration, StoreError> {
    let registration: Option<String> = row.try_get("registration")?;
    let Some(text) = registration else {
        return Ok(Registration::default());
    };
    jeton::json::from_str(&text).map_err(|_| corrupt("service_accounts", "registration", id))
}

pub(super) fn message(row: &impl Columns) -> Result<Message, StoreError> {
    let id = MessageId::from_bytes(bytes(row, "outbox", "id")?);
    let corrupt = |column| corrupt("outbox", column, &id);
    let kind: String = row.try_get("kind")?;
    let attempts: i64 = row.try_get("attempts")?;
    let time = |column| -> Result<Option<Timestamp>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>>(column)?.map(Timestamp::from_seconds))
    };
    Ok(Message {
        id,
        kind: message::Kind::from_name(&kind).ok_or_else(|| corrupt("kind"))?,
        recipient: row.try_get("recipient")?,
        content: row.try_get("content")?,
        created_at: Timestamp::from_seconds(row.try_get("created_at")?),
        due_at: time("due_at")?,
        attempts: u32::try_from(attempts).map_err(|_| corrupt("attempts"))?,
        sent_at: time("sent_at")?,
        problem: row.try_get("problem")?,
    })
}

pub(super) fn ceremony(row: &impl Columns) -> Result<Ceremony, StoreError> {
    let id = CeremonyId::from_bytes(bytes(row, "ceremonies", "id")?);
    let kind: String = row.try_get("kind")?;
    let user: Option<Vec<u8>> = row.try_get("user_id")?;
    let time = |column| -> Result<Option<Timestamp>, sqlx::Error> {
        Ok(row.try_get::<Option<i64>>(column)?.map(Timestamp::from_seconds))
    };
    Ok(Ceremony {
        id,
        kind: ceremony::Kind::from_name(&kind).ok_or_else(|| corrupt("ceremonies", "kind", &id))?,
        user: user
            .map(|bytes| bytes.try_into().map(UserId::from_bytes))
            .transpose()
            .map_err(|_| corrupt("ceremonies", "user_id", &id))?,
        secret: SecretDigest::from_bytes(bytes(row, "ceremonies", "secret")?),
        state: row.try_get("state")?,
        created_at: Timestamp::from_seconds(row.try_get("created_at")?),
        expires_at: time("expires_at")?,
        used_at: time("used_at")?,
    })
}

/// The owner of a session.
pub(super) fn owner(row: &impl Columns) -> Result<UserId, StoreError> {
    Ok(UserId::from_bytes(bytes(row, "sessions", "user_id")?))
}

/// The revocation of a session's access tokens, for as long as they are accepted.
pub(super) fn session_revocation(row: &impl Columns) -> Result<Revocation, StoreError> {
    let id = SessionId::from_bytes(bytes(row, "sessions", "id")?);
    let until = Timestamp::from_seconds(row.try_get("accepted_until")?);
    Ok(Revocation {
        target: Target::Session(id),
        until,
    })
}

/// The revocation of every access token issued to a user under an earlier version, for as long as one is accepted.
/// Users without sessions have no tokens to revoke.
pub(super) fn user_revocation(row: &impl Columns, user: UserId) -> Result<Option<Revocation>, StoreError> {
    let below = UserVersion(row.try_get("version")?);
    let accepted_until: Option<i64> = row.try_get("accepted_until")?;
    Ok(accepted_until.map(|until| Revocation {
        target: Target::User { id: user, below },
        until: Timestamp::from_seconds(until),
    }))
}

/// The user's state that a proof is compared with.
pub(super) fn account_snapshot(row: &impl Columns) -> Result<AccountSnapshot, StoreError> {
    let disabled_at: Option<i64> = row.try_get("disabled_at")?;
    Ok(AccountSnapshot {
        version: UserVersion(row.try_get("version")?),
        password_hash: row.try_get("password_hash")?,
        disabled: disabled_at.is_some(),
        is_admin: user(row)?.is_admin(),
    })
}

/// The columns of a revocation's target: its kind, its id, and the version below which a user's tokens are refused.
/// [`revocation`] reads them.
pub(super) const fn target(target: &Target) -> (&'static str, &[u8; 16], Option<UserVersion>) {
    match target {
        Target::Token(id) => ("token", id.as_bytes(), None),
        Target::Session(id) => ("session", id.as_bytes(), None),
        Target::User { id, below } => ("user", id.as_bytes(), Some(*below)),
    }
}

pub(super) fn revocation(row: &impl Columns) -> Result<Numbered, StoreError> {
    let number: i64 = row.try_get("number")?;
    let kind: String = row.try_get("kind")?;
    let target: [u8; 16] = bytes(row, "revocations", "target")?;
    let version: Option<i64> = row.try_get("version")?;
    let target = match (&*kind, version) {
        ("token", None) => Target::Token(crate::model::id::TokenId::from_bytes(target)),
        ("session", None) => Target::Session(SessionId::from_bytes(target)),
        ("user", Some(below)) => Target::User {
            id: UserId::from_bytes(target),
            below: UserVersion(below),
        },
        _ => return Err(corrupt("revocations", "kind", &number)),
    };
    let until = Timestamp::from_seconds(row.try_get("until")?);
    Ok(Numbered {
        number,
        revocation: Revocation { target, until },
    })
}

pub(super) fn tally(row: &impl Columns) -> Result<Tally, StoreError> {
    Ok(Tally {
        failures: count(row, "failures")?,
        last_failed_at: Timestamp::from_seconds(row.try_get("last_failed_at")?),
        refused: count(row, "refused")?,
    })
}

fn count(row: &impl Columns, column: &'static str) -> Result<u32, StoreError> {
    let count: i64 = row.try_get(column)?;
    count
        .try_into()
        .map_err(|_| corrupt("throttle", column, &"(its account is a hash)"))
}

pub(super) fn client(row: &impl Columns) -> Result<(Client, SecretDigest), StoreError> {
    let id = ClientId::from_bytes(bytes(row, "service_accounts", "id")?);
    let corrupt = |column| corrupt("service_accounts", column, &id);
    let name: String = row.try_get("name")?;
    let scopes: String = row.try_get("scopes")?;
    let disabled_at: Option<i64> = row.try_get("disabled_at")?;
    let account = Client {
        id,
        name: name.parse().map_err(|_| corrupt("name"))?,
        scopes: scopes_of(&scopes).ok_or_else(|| corrupt("scopes"))?,
        version: UserVersion(row.try_get("version")?),
        disabled: disabled_at.is_some(),
        created_at: Timestamp::from_seconds(row.try_get("created_at")?),
        accepted_until: Timestamp::from_seconds(row.try_get("accepted_until")?),
        registration: registration(row, &id)?,
    };
    let secret = SecretDigest::from_bytes(bytes(row, "service_accounts", "secret")?);
    Ok((account, secret))
}

pub(super) fn key(row: &impl Columns) -> Result<SealedKey, StoreError> {
    let kid: String = row.try_get("kid")?;
    let purpose: String = row.try_get("purpose")?;
    let accepted_until: Option<i64> = row.try_get("accepted_until")?;
    let lifetime: i64 = row.try_get("lifetime")?;
    Ok(SealedKey {
        purpose: Purpose::from_name(&purpose).ok_or_else(|| corrupt("keys", "purpose", &kid))?,
        lifetime: u64::try_from(lifetime)
            .map(Duration::from_secs)
            .map_err(|_| corrupt("keys", "lifetime", &kid))?,
        kid,
        algorithm: row.try_get("algorithm")?,
        sealed: row.try_get("sealed")?,
        created_at: Timestamp::from_seconds(row.try_get("created_at")?),
        signs_from: Timestamp::from_seconds(row.try_get("signs_from")?),
        accepted_until: accepted_until.map(Timestamp::from_seconds),
    })
}

pub(super) fn relocation(row: &impl Columns) -> Result<Relocation, StoreError> {
    let state: Option<String> = row.try_get("move")?;
    Relocation::from_columns(state.as_deref(), row.try_get("other")?)
        .ok_or_else(|| corrupt("standing", "move", &1))
}

pub(super) fn accepted_from(row: &impl Columns) -> Result<Option<Timestamp>, StoreError> {
    let seconds: Option<i64> = row.try_get("accepted_from")?;
    Ok(seconds.map(Timestamp::from_seconds))
}

/// The numbers that a move takes along beside the rows.
pub(super) fn numbers(row: &impl Columns) -> Result<Numbers, StoreError> {
    Ok(Numbers {
        revocations: row.try_get("revocations")?,
        audit: row.try_get("audit")?,
        accepted_from: row.try_get("accepted_from")?,
    })
}

/// A session's id.
pub(super) fn session_id(row: &impl Columns) -> Result<SessionId, StoreError> {
    Ok(SessionId::from_bytes(bytes(row, "sessions", "id")?))
}

/// A session's id and its owner's.
pub(super) fn session_of(row: &impl Columns) -> Result<(SessionId, UserId), StoreError> {
    Ok((
        SessionId::from_bytes(bytes(row, "sessions", "id")?),
        UserId::from_bytes(bytes(row, "sessions", "user_id")?),
    ))
}

/// A span of time in whole seconds, as columns hold it.
pub(super) fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

/// A time in milliseconds since the epoch.
pub(super) fn milliseconds(row: &impl Columns, column: &'static str) -> Result<SystemTime, StoreError> {
    let milliseconds: i64 = row.try_get(column)?;
    let since_epoch = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    Ok(UNIX_EPOCH.checked_add(since_epoch).unwrap_or(UNIX_EPOCH))
}

fn bytes<const N: usize>(
    row: &impl Columns,
    table: &'static str,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    row.try_get_bytes(column)?
        .try_into()
        .map_err(|_| corrupt(table, column, &"(its id is not readable)"))
}

fn corrupt(table: &'static str, column: &'static str, row: &impl Display) -> StoreError {
    StoreError::Corrupt(CorruptRow {
        table,
        column,
        row: row.to_string(),
    })
}
