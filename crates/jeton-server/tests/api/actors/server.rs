use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::Router;
use jeton_server::{
    config::{Config, Loaded, Sources},
    http,
    model::{
        audit::Actor,
        claims::CustomClaims,
        password::{NewPassword, Password},
        username::Username,
    },
    service::{
        Service,
        hasher::Hasher,
        random::{Random, SystemRandom},
        register::{Accounts, Maker, NewAccount},
        seal::MasterKey,
    },
    state::App,
    store,
};
use sqlx::{AssertSqlSafe, ConnectOptions, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::postgres_server::PostgresDatabase;

use super::{Admin, Browser, Call, Reply, SignedIn, Visitor, clock::MovableClock};

/// A node refuses to judge tokens ten seconds after it last read the revocations, in real time.
const READ_REVOCATIONS_EVERY: Duration = Duration::from_secs(4);

/// The whole service on a database of its own, called in process. Cheap to clone; ends with its last clone.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    database: Database,
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

    async fn assemble(settings: &[(&str, &str)], environment: BTreeMap<String, String>) -> Self {
        let database = Database::create().await;
        let mut flags = owned(&[
            ("database-url", &database.url()),
            ("argon2-memory-kib", "64"),
            ("argon2-iterations", "1"),
            ("hash-deadline", "60s"),
        ]);
        flags.extend(owned(settings));
        let sources = Sources {
            flags,
            environment,
            ..Sources::default()
        };
        let config = Config::from_loaded(&Loaded::from_sources(&sources).unwrap()).unwrap();
        let store = store::open(&config.database_url).await.unwrap();
        let random: &dyn Random = &SystemRandom;
        let master = MasterKey::new(random.bytes().unwrap());
        let clock = Arc::new(MovableClock::new());
        let app = App::assemble(
            &config,
            store,
            &master,
            Arc::clone(&clock) as _,
            Arc::new(SystemRandom),
        )
        .await
        .unwrap();
        let router = http::router(app.clone());
        let revocations_read = Mutex::new(Instant::now());
        Self(Arc::new(Inner {
            database,
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
            store: self.service().store(),
            hasher: &Hasher::new(self.0.config.cost, &[0; 32]).unwrap(),
            clock: &*self.0.clock,
            random: &SystemRandom,
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

    pub(crate) fn clock(&self) -> &MovableClock {
        &self.0.clock
    }

    pub(crate) fn service(&self) -> &Service {
        &self.0.app.service
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
        match &self.0.database {
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

    /// Answers one request, as the process would that listens on a port.
    pub(crate) async fn answer(&self, call: Call) -> Reply {
        self.keep_up().await;
        let (sent, request) = call.into_request();
        let response = self.0.router.clone().oneshot(request).await.unwrap();
        Reply::receive(sent, response).await
    }

    /// What the process does every half second, done only before it is due: what a request ends, the next one
    /// must know of without.
    async fn keep_up(&self) {
        let began = Instant::now();
        {
            let mut read = self.0.revocations_read.lock().unwrap();
            if began.duration_since(*read) < READ_REVOCATIONS_EVERY {
                return;
            }
            *read = began;
        }
        let service = self.service();
        let now = service.clock().now().into();
        service
            .revoked()
            .catch_up(service.store(), now, began)
            .await
            .unwrap();
    }
}

/// What the service keeps its rows in: SQLite, or PostgreSQL when the environment says `JETON_TEST_ENGINE=postgres`.
enum Database {
    Sqlite(TempDir),
    Postgres(PostgresDatabase),
}

impl Database {
    async fn create() -> Self {
        match env::var("JETON_TEST_ENGINE").as_deref() {
            Ok("postgres") => Self::Postgres(PostgresDatabase::create().await),
            Ok("sqlite") | Err(_) => Self::Sqlite(tempfile::tempdir().unwrap()),
            Ok(other) => panic!("JETON_TEST_ENGINE is `sqlite` or `postgres`, not `{other}`"),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", file(folder).display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
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
