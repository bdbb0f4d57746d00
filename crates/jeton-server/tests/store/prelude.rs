//! Users, sessions and what is asked of them, for the clauses of the contract.

pub(crate) use std::{sync::Arc, time::Duration};

use std::sync::atomic::{AtomicU8, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::postgres_server::{PostgresDatabase, execute};

pub(crate) use jeton_server::{
    model::{
        audit::{Action, Actor, Event, Personal, commitment},
        ceremony::{Ceremony, CeremonySecret, Kind, Standing},
        claims::CustomClaims,
        device::Device,
        digest::SecretDigest,
        id::{CeremonyId, ClientId, SessionId, TokenId, UserId},
        key::{AT_ONCE, KeyAct, NewKey, Pace, Purpose, Refusal, SealedKey},
        locale::Locale,
        reset_code::StoredCode,
        revocation::{Revocation, Target},
        role::Role,
        session::{
            EndReason, Generation, MAX_LIVE_PER_USER, Presented, RefreshProof, RotationRules, Session,
            SessionSecret,
        },
        time::Timestamp,
        user::{Account, DeviceEpoch, PasswordHash, User, UserVersion, changes::Changes, own::OwnChange},
        username::{Username, UsernameKey},
    },
    service::{
        audit::{Chain, Keeper},
        machinery::seal::MasterKey,
    },
    store::{
        self, Acted, AdminAction, CreateUser, Ended, Ending, Import, OpenSession, Opening, OwnAct,
        OwnChanged, OwnDeletion, PasswordProof, PasswordSet, Proof, Reauthenticated, Reauthentication,
        Restored, Rotation, RotationRefusal, SetPassword, SetUp, SetUpOutcome, Signer, Store, StoreError,
        UserQuery, Which,
    },
};

pub(crate) const GRACE: Duration = Duration::from_secs(30);
pub(crate) const WEEK: Duration = Duration::from_hours(7 * 24);
pub(crate) const START: i64 = 1_800_000_000;
/// How long the access tokens of a generation are accepted, from its start.
pub(crate) const ACCEPTED_FOR: Duration = Duration::from_hours(1);

/// A database of its own, gone when it is dropped.
pub(crate) enum Database {
    Sqlite(tempfile::TempDir),
    Postgres(PostgresDatabase),
}

impl Database {
    #[expect(clippy::unused_async, reason = "all engines are opened alike")]
    pub(crate) async fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        let database = PostgresDatabase::create().await;
        // As SQLite has it: what tampers with rows is written once.
        database
            .sql(
                "CREATE FUNCTION zeroblob(length integer) RETURNS bytea LANGUAGE sql \
                 AS $$ SELECT decode(repeat('00', length), 'hex') $$",
            )
            .await;
        Self::Postgres(database)
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("jeton.db").display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        open(&self.url()).await
    }

    /// Says that no event was numbered higher.
    pub(crate) async fn set_last_event(&self, number: i64) {
        let statement = match self {
            Self::Sqlite(_) => format!("UPDATE sqlite_sequence SET seq = {number} WHERE name = 'audit'"),
            Self::Postgres(_) => format!("UPDATE counters SET value = {number} WHERE name = 'audit'"),
        };
        self.sql(&statement).await;
    }

    /// Has the database leave out whatever is inserted into a table, without an error.
    pub(crate) async fn leave_out(&self, table: &str) {
        let statement = match self {
            Self::Sqlite(_) => {
                format!("CREATE TRIGGER left_out BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")
            }
            Self::Postgres(_) => format!(
                "CREATE FUNCTION left_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
                 CREATE TRIGGER left_out BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION left_out()"
            ),
        };
        self.sql(&statement).await;
    }

    pub(crate) async fn leave_out_no_longer(&self, table: &str) {
        let statement = match self {
            Self::Sqlite(_) => "DROP TRIGGER left_out".to_owned(),
            Self::Postgres(_) => format!("DROP TRIGGER left_out ON {table}"),
        };
        self.sql(&statement).await;
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn sql(&self, statement: &str) {
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                sqlx::query(AssertSqlSafe(statement))
                    .execute(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(database) => database.sql(statement).await,
        }
    }

    /// Has the database itself do something when the events of that seal are given up.
    pub(crate) async fn when_given_up(&self, position: i64, what: &str) {
        let statement = match self {
            Self::Sqlite(_) => format!(
                "CREATE TRIGGER given_up AFTER UPDATE OF forgotten ON audit_seals \
                 WHEN new.position = {position} AND new.forgotten IS NOT NULL BEGIN {what}; END"
            ),
            Self::Postgres(_) => format!(
                "CREATE FUNCTION given_up() RETURNS trigger LANGUAGE plpgsql \
                 AS $$ BEGIN {what}; RETURN NULL; END $$; \
                 CREATE TRIGGER given_up AFTER UPDATE OF forgotten ON audit_seals FOR EACH ROW \
                 WHEN (new.position = {position} AND new.forgotten IS NOT NULL) EXECUTE FUNCTION given_up()"
            ),
        };
        self.sql(&statement).await;
    }

    /// Writes many revocations of tokens at once, all until the same time.
    pub(crate) async fn revoke_many(&self, many: usize, until: Timestamp) {
        let until = until.seconds();
        let statement = match self {
            Self::Sqlite(_) => format!(
                "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many}) \
                 INSERT INTO revocations (kind, target, until) SELECT 'token', randomblob(16), {until} FROM numbers"
            ),
            Self::Postgres(_) => format!(
                "INSERT INTO revocations (number, kind, target, until) \
                 SELECT n, 'token', gen_random_uuid(), {until} FROM generate_series(1, {many}) AS n; \
                 UPDATE counters SET value = {many} WHERE name = 'revocations'"
            ),
        };
        self.sql(&statement).await;
    }

    /// Revokes the token whose id is this byte, on a connection of its own, and holds the commit back.
    pub(crate) async fn held_back(&self, token: u8, until: Timestamp) -> HeldBack {
        let (token, until) = (format!("{token:02x}").repeat(16), until.seconds());
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                let insert = format!(
                    "INSERT INTO revocations (kind, target, until) VALUES ('token', x'{token}', {until})"
                );
                for statement in ["BEGIN IMMEDIATE", &insert] {
                    sqlx::query(AssertSqlSafe(statement))
                        .execute(&mut connection)
                        .await
                        .unwrap();
                }
                HeldBack::Sqlite(connection)
            }
            Self::Postgres(database) => {
                let mut connection = database.connect().await;
                let insert = format!(
                    "BEGIN; UPDATE counters SET value = value + 1 WHERE name = 'revocations'; \
                     INSERT INTO revocations (number, kind, target, until) \
                     SELECT value, 'token', '{token}', {until} FROM counters WHERE name = 'revocations'"
                );
                execute(&mut connection, &insert).await;
                HeldBack::Postgres(connection)
            }
        }
    }
}

/// A transaction that has written and not been committed.
pub(crate) enum HeldBack {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl HeldBack {
    pub(crate) async fn commit(self) {
        match self {
            Self::Sqlite(mut connection) => {
                sqlx::query("COMMIT").execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(mut connection) => execute(&mut connection, "COMMIT").await,
        }
    }
}

/// A database as a process opens it that writes to it.
pub(crate) async fn open(url: &str) -> Arc<dyn Store> {
    let store = store::open(url).await.unwrap();
    store.sign_events(signer(), at(0)).await.unwrap();
    store
}

pub(crate) fn chain() -> Chain {
    Chain::new(&MasterKey::new([5; 32])).unwrap()
}

/// No two are of the same process.
pub(crate) fn signer() -> Signer {
    static PROCESSES: AtomicU8 = AtomicU8::new(0);
    let process = PROCESSES.fetch_add(1, Ordering::Relaxed);
    Signer::new(chain().key().clone(), [process; 16])
}

pub(crate) async fn seal(store: &dyn Store, now: i64) -> usize {
    Keeper::new(chain()).seal(store, at(now)).await.unwrap()
}

pub(crate) fn at(offset: i64) -> Timestamp {
    Timestamp::from_seconds(START + offset)
}

/// The client whose id as a subject is [`user_id`] of the same number.
pub(crate) fn client_id(number: u8) -> ClientId {
    ClientId::of_subject(user_id(number))
}

pub(crate) fn user_id(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

pub(crate) fn account(number: u8, name: &str) -> Account {
    let user = User {
        id: user_id(number),
        username: Username::parse(name).unwrap(),
        email: Some("somebody@example.org".parse().unwrap()),
        roles: vec!["admin".parse().unwrap(), "editor".parse().unwrap()],
        claims: CustomClaims::parse(r#"{"tenant":"blue"}"#).unwrap(),
        version: UserVersion::default(),
        device_epoch: DeviceEpoch::default(),
        disabled: false,
        created_at: at(0),
        locale: None,
    };
    Account {
        user,
        password_hash: Some(PasswordHash::new(format!("hash-{number}"))),
        scheme: "$argon2id$v=19$m=64,t=1,p=1".into(),
        reset_code: None,
    }
}

pub(crate) fn session(number: u8, owner: u8, created: i64) -> Session {
    Session {
        id: SessionId::from_bytes([number; 16]),
        user_id: user_id(owner),
        generation: Generation::default(),
        secret: SessionSecret::new([number; 32]),
        refresh_key: "refresh-1".into(),
        created_at: at(created),
        authenticated_at: at(created),
        rotated_at: at(created),
        last_seen_at: at(created),
        expires_at: at(created).plus(WEEK),
        ends_at: at(created).plus(4 * WEEK),
        accepted_until: at(created).plus(ACCEPTED_FOR),
        replays: 0,
        rested_at: at(created),
        device: Device::from_user_agent(Some("curl/8")),
        actor: None,
        grant: None,
        ended_at: None,
        ended: None,
    }
}

pub(crate) fn present(session: &Session, generation: i64) -> Presented {
    let generation = Generation(generation);
    Presented::new(session.id, generation, session.proof(generation))
}

pub(crate) fn rules(now: i64) -> RotationRules {
    RotationRules {
        now: at(now),
        grace: GRACE,
        lifetime: WEEK,
        accepted_for: ACCEPTED_FOR,
        refresh_key: "refresh-1".into(),
        limited: true,
    }
}

pub(crate) fn key(kid: &str, purpose: Purpose) -> SealedKey {
    SealedKey {
        kid: kid.into(),
        purpose,
        algorithm: "HS256".into(),
        sealed: vec![1, 2, 3],
        created_at: at(0),
        signs_from: AT_ONCE,
        accepted_until: None,
        lifetime: ACCEPTED_FOR,
    }
}

/// A key that signs a minute after this time.
pub(crate) fn rotate_to(kid: &str, purpose: Purpose, now: i64) -> KeyAct {
    KeyAct::Rotate(NewKey {
        key: SealedKey {
            created_at: at(now),
            ..key(kid, purpose)
        },
        pace: Some(Pace {
            wait: Duration::from_mins(1),
            settle: Duration::from_secs(10),
        }),
        imported: false,
        by: Actor::CommandLine,
    })
}

pub(crate) async fn first_key(store: &dyn Store, kid: &str, purpose: Purpose) {
    let first = KeyAct::First(key(kid, purpose));
    store.change_keys(&first).await.unwrap().unwrap();
}

pub(crate) fn ending(user: u8, which: Which) -> Ending {
    Ending {
        user: user_id(user),
        which,
        reason: EndReason::Logout,
        by: None,
        now: at(5),
    }
}

pub(crate) fn registered(account: &Account) -> Event {
    let personal = Personal::new([8; 16]).field("username", account.user.username.as_str());
    Event::new(Action::Registered, account.user.created_at)
        .user(account.user.id)
        .personal(personal)
}

pub(crate) async fn create(store: &dyn Store, number: u8, name: &str) -> Account {
    let account = account(number, name);
    let created = store.create_user(&account, &registered(&account)).await.unwrap();
    assert_eq!(created, CreateUser::Created);
    account
}

pub(crate) fn opening(account: &Account, session: &Session) -> Opening {
    Opening {
        session: session.clone(),
        proof: Proof::Password(account.password_hash.clone().unwrap()),
        event: Event::new(Action::SignedIn, session.created_at)
            .user(session.user_id)
            .session(session.id),
        forgives: None,
    }
}

pub(crate) async fn open_session(store: &dyn Store, account: &Account, session: &Session) -> OpenSession {
    store.open_session(opening(account, session)).await.unwrap()
}

/// Two users, the first with sessions 1 and 2, the second with session 3.
pub(crate) async fn populated(store: &dyn Store) -> [Session; 3] {
    let romel = create(store, 1, "Romel").await;
    let john = create(store, 2, "john").await;
    let sessions = [session(1, 1, 0), session(2, 1, 1), session(3, 2, 2)];
    for (owner, session) in [
        (&romel, &sessions[0]),
        (&romel, &sessions[1]),
        (&john, &sessions[2]),
    ] {
        assert!(
            matches!(open_session(store, owner, session).await, OpenSession::Opened(opened) if opened.made_room.is_empty())
        );
    }
    sessions
}

pub(crate) async fn live(store: &dyn Store, user: u8) -> Vec<SessionId> {
    store
        .live_sessions(user_id(user), at(10))
        .await
        .unwrap()
        .iter()
        .map(|session| session.id)
        .collect()
}

/// The revocation of a session that never moved on.
pub(crate) fn revocation_of(session: &Session) -> Revocation {
    revocation_after(session, session.created_at)
}

/// The revocation of a session that last moved on at this time.
pub(crate) fn revocation_after(session: &Session, rotated_at: Timestamp) -> Revocation {
    Revocation {
        target: Target::Session(session.id),
        until: rotated_at.plus(ACCEPTED_FOR),
    }
}

pub(crate) async fn revocations(store: &dyn Store) -> Vec<Revocation> {
    store
        .revocations_after(0, at(0))
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.revocation)
        .collect()
}

pub(crate) fn hash(account: &Account) -> &str {
    account.password_hash.as_ref().map_or("", PasswordHash::expose)
}
