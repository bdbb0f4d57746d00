use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::Router;
use jeton::Algorithm;
use jeton_server::{
    assemble::assemble,
    config::{Config, Loaded, Sources},
    http,
    http::App,
    model::{
        audit::Actor,
        claims::CustomClaims,
        key::Purpose,
        password::{NewPassword, Password},
        username::Username,
    },
    service::{
        Service,
        accounts::register::{Accounts, Maker, NewAccount},
        keys::Plan,
        machinery::{
            hasher::Hasher,
            random::{Random, SystemRandom},
        },
        outbox::Sender,
    },
    store,
};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::postgres_server::{self, PostgresDatabase};

use super::{Admin, Browser, Call, Person, Reply, SignedIn, Visitor, clock::MovableClock};

/// A node refuses to judge tokens ten seconds after it last read the revocations, in real time.
const READ_REVOCATIONS_EVERY: Duration = Duration::from_secs(4);

/// The whole service on a database of its own, called in process. Cheap to clone; ends with its last clone.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

/// A change that is about to be made.
pub(crate) enum Prepared {
    Sqlite(SqliteConnection, String),
    Postgres(PgConnection),
}

impl Prepared {
    pub(crate) async fn make(self) {
        match self {
            Self::Sqlite(mut connection, statement) => {
                let change = sqlx::query(AssertSqlSafe(statement));
                change.execute(&mut connection).await.unwrap();
            }
            Self::Postgres(mut connection) => postgres_server::execute(&mut connection, "COMMIT").await,
        }
    }
}

struct Inner {
    database: Arc<Database>,
    /// The settings, and what stands in the environment.
    settings: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    config: Config,
    clock: Arc<MovableClock>,
    app: App,
    router: Router,
    revocations_read: Mutex<Instant>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with settings of its own, by their names on the command line.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::assemble(settings, BTreeMap::new()).await
    }

    /// A server that signs access tokens with a shared secret.
    pub(crate) async fn with_secret(secret: &str) -> Self {
        Self::assemble(&[], owned(&[("JWT_SECRET", secret)])).await
    }

    async fn assemble(settings: &[(&str, &str)], mut environment: BTreeMap<String, String>) -> Self {
        let random: &dyn Random = &SystemRandom;
        let master = base64_simd::STANDARD.encode_to_string(random.bytes::<32>().unwrap());
        environment.insert("JETON_MASTER_KEY".to_owned(), master);
        let (database, clock) = (Database::create().await, MovableClock::new());
        Self::on(Arc::new(database), Arc::new(clock), owned(settings), environment).await
    }

    /// Another node on the same database, with the same clock and settings.
    pub(crate) async fn another_node(&self) -> Self {
        self.restarted_with(&[]).await
    }

    /// The same with other variables in its environment; an empty one is not set.
    pub(crate) async fn restarted_with(&self, variables: &[(&str, &str)]) -> Self {
        let Inner {
            database,
            clock,
            settings,
            environment,
            ..
        } = &*self.0;
        let mut environment = environment.clone();
        environment.extend(owned(variables));
        environment.retain(|_, value| !value.is_empty());
        Self::on(
            Arc::clone(database),
            Arc::clone(clock),
            settings.clone(),
            environment,
        )
        .await
    }

    async fn on(
        database: Arc<Database>,
        clock: Arc<MovableClock>,
        settings: BTreeMap<String, String>,
        environment: BTreeMap<String, String>,
    ) -> Self {
        let mut flags = owned(&[
            ("database-url", &database.url()),
            ("argon2-memory-kib", "64"),
            ("argon2-iterations", "1"),
            ("hash-deadline", "60s"),
        ]);
        flags.extend(settings.clone());
        let sources = Sources {
            flags,
            environment: environment.clone(),
            ..Sources::default()
        };
        let config = Config::from_loaded(&Loaded::from_sources(&sources).unwrap()).unwrap();
        let store = store::open(&config.database_url).await.unwrap();
        let (time, random) = (Arc::clone(&clock), Arc::new(SystemRandom));
        let app = assemble(&config, store, time, random).await.unwrap();
        let router = http::router(app.clone());
        let revocations_read = Mutex::new(Instant::now());
        Self(Arc::new(Inner {
            database,
            settings,
            environment,
            config,
            clock,
            app,
            router,
            revocations_read,
        }))
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.clone())
    }

    /// Somebody who registered and signed in, with a password of their own.
    pub(crate) async fn signed_up(&self, username: &str) -> SignedIn {
        let password = format!("{username}s own passphrase");
        self.visitor()
            .register(username, &password)
            .await
            .assert_status(201);
        self.visitor().sign_in(username, &password).await
    }

    /// An administrator, made as the command line makes one, who has just signed in.
    pub(crate) async fn admin(&self, username: &str) -> Admin {
        let password = format!("{username}s own passphrase");
        let account = NewAccount {
            username: Username::parse(username).unwrap(),
            email: None,
            password: Some(NewPassword::choose(Password::presented(password.clone()), 8).unwrap()),
            roles: vec!["admin".parse().unwrap()],
            claims: CustomClaims::default(),
        };
        let accounts = Accounts {
            context: self.service().context(),
            hasher: &Hasher::new(self.0.config.cost, &[0; 32]).unwrap(),
            issuer: &self.0.config.rules.issuer,
        };
        accounts
            .create(account, Maker::Other(Actor::CommandLine))
            .await
            .unwrap();
        Admin::new(self.visitor().sign_in(username, &password).await)
    }

    /// A browser on a page of the service itself.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.clone(), &self.0.app.browser)
    }

    /// Somebody with a browser of their own, who reads pages.
    pub(crate) fn person(&self) -> Person {
        Person::new(self.clone(), &self.0.app.browser.origin)
    }

    pub(crate) fn clock(&self) -> &MovableClock {
        &self.0.clock
    }

    /// Sends every message that is due, as the process does by itself.
    pub(crate) async fn sends_messages(&self) {
        self.sender().send_all().await.unwrap();
    }

    /// The way this node sends messages.
    pub(crate) fn sender(&self) -> Sender {
        Sender::new(Arc::clone(&self.0.app.service))
    }

    pub(crate) fn service(&self) -> &Service {
        &self.0.app.service
    }

    /// Puts a new key in the place of the one that signs, as another process does: this node has not heard of it yet.
    pub(crate) async fn rotate(
        &self,
        purpose: Purpose,
        algorithm: Option<Algorithm>,
        emergency: bool,
    ) -> Plan {
        let service = self.service();
        let mut keys = service.key_administration(Actor::CommandLine);
        keys.context.revocations = None;
        keys.rotate(service.sealer(), purpose, algorithm, emergency)
            .await
            .unwrap()
    }

    /// What a process gives to its listening loop.
    pub(crate) fn router(&self) -> Router {
        self.0.router.clone()
    }

    /// What `{:?}` shows of all the service holds.
    pub(crate) fn debug(&self) -> String {
        format!("{:?} {:?}", self.0.app, self.0.config)
    }

    pub(crate) fn database_url(&self) -> String {
        self.0.database.url()
    }

    /// Changes the database behind the service's back.
    pub(crate) async fn sql(&self, statement: &str) {
        match &*self.0.database {
            Database::Sqlite(folder) => {
                let file = SqliteConnectOptions::new().filename(file(folder));
                let mut connection = file.connect().await.unwrap();
                sqlx::query(AssertSqlSafe(statement))
                    .execute(&mut connection)
                    .await
                    .unwrap();
            }
            Database::Postgres(database) => database.sql(statement).await,
        }
    }

    /// Prepares a change behind the service's back that takes no time when it is made. A server's rows are held for it
    /// already: whoever would change them meanwhile waits. A file's cannot be, since nobody else could write at all.
    pub(crate) async fn prepare(&self, statement: &str) -> Prepared {
        match &*self.0.database {
            Database::Sqlite(folder) => {
                let file = SqliteConnectOptions::new().filename(file(folder));
                Prepared::Sqlite(file.connect().await.unwrap(), statement.to_owned())
            }
            Database::Postgres(database) => {
                let mut connection = database.connect().await;
                postgres_server::execute(&mut connection, &format!("BEGIN; {statement}")).await;
                Prepared::Postgres(connection)
            }
        }
    }

    /// Answers one request, as the process would that listens on a port.
    pub(crate) async fn answer(&self, call: Call) -> Reply {
        self.keep_up().await;
        let (sent, request) = call.into_request();
        let response = self.0.router.clone().oneshot(request).await.unwrap();
        Reply::receive(sent, response).await
    }

    /// What the process does every half second, done only before it is due: what a request ends, the next one
    /// must know of without.
    pub(super) async fn keep_up(&self) {
        let began = Instant::now();
        {
            let mut read = self.0.revocations_read.lock().unwrap();
            if began.duration_since(*read) < READ_REVOCATIONS_EVERY {
                return;
            }
            *read = began;
        }
        self.service().catch_up(began).await.unwrap();
    }

    /// From now on this node hears of nothing but by [`catches_up`](Self::catches_up).
    pub(crate) fn goes_deaf(&self) {
        *self.0.revocations_read.lock().unwrap() = Instant::now() + Duration::from_hours(1);
    }

    /// What the process does every half second, done now.
    pub(crate) async fn catches_up(&self) {
        self.service().catch_up(Instant::now()).await.unwrap();
    }
}

/// What the service keeps its rows in: SQLite, or PostgreSQL when the environment says `JETON_TEST_ENGINE=postgres`.
enum Database {
    Sqlite(TempDir),
    Postgres(PostgresDatabase),
}

impl Database {
    async fn create() -> Self {
        if on_postgres() {
            Self::Postgres(PostgresDatabase::create().await)
        } else {
            Self::Sqlite(tempfile::tempdir().unwrap())
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", file(folder).display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }
}

/// Whether the environment asks for PostgreSQL.
pub(crate) fn on_postgres() -> bool {
    match env::var("JETON_TEST_ENGINE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("JETON_TEST_ENGINE is `sqlite` or `postgres`, not `{other}`"),
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("jeton.db")
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
