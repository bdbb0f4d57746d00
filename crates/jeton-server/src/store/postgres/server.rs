//! The database server: its address, its connections, and the explanation of a failed one.

use std::{fmt, io, net::IpAddr, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, PgConnection, Row,
    error::DatabaseError,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::store::StoreError;

/// The parameters a URL may have. A misspelled one must not be passed over: it may be the one that asks for TLS.
const PARAMETERS: [&str; 13] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
];

/// A database's address and the limits of connections to it. Cheap to clone; shows no password.
#[derive(Clone)]
pub(super) struct Server {
    options: PgConnectOptions,
    /// How long a connection or a statement may take.
    timeout: Duration,
}

impl Server {
    pub(super) fn parse(url: &str, timeout: Duration) -> Result<Self, StoreError> {
        if let Some(unknown) = parameters(url).find(|name| !PARAMETERS.contains(name)) {
            return Err(StoreError::Unusable(format!(
                "its URL has a parameter `{unknown}`, which is none of {}",
                PARAMETERS.join(", ")
            )));
        }
        let options = PgConnectOptions::from_str(url).map_err(StoreError::Open)?;
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("jeton"),
        };
        Ok(Self { options, timeout })
    }

    pub(super) const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The first connection of a node. Its failure says what to do about it.
    pub(super) async fn first_connection(&self) -> Result<PgConnection, StoreError> {
        if self.may_be_overheard() {
            tracing::warn!(
                "the connection to the database at {} may be unencrypted: sslmode=verify-full in its URL makes sure",
                self.place()
            );
        }
        let mut connection = self.open().await.map_err(|error| self.explain(&error))?;
        self.check(&mut connection).await?;
        Ok(connection)
    }

    pub(super) async fn open(&self) -> Result<PgConnection, sqlx::Error> {
        let open = async {
            let mut connection = self.options.connect().await?;
            self.prepare(&mut connection).await?;
            Ok(connection)
        };
        tokio::time::timeout(self.timeout, open)
            .await
            .unwrap_or_else(|_| {
                Err(io::Error::new(io::ErrorKind::TimedOut, "no connection came about in time").into())
            })
    }

    /// Sets the limits of a connection, so that nothing takes for ever, and makes sure that commits are on the disk:
    /// `synchronous_commit = off` would lose answered writes.
    pub(super) async fn prepare(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let milliseconds = self.timeout.as_millis();
        let settings = format!(
            "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; \
             SET idle_in_transaction_session_timeout = {}; \
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
            2 * milliseconds
        );
        sqlx::raw_sql(AssertSqlSafe(settings))
            .execute(connection)
            .await
            .map(drop)
    }

    async fn check(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let row = sqlx::query(
            "SELECT pg_is_in_recovery() AS replica, current_setting('transaction_read_only') = 'on' AS read_only, \
                    current_setting('server_encoding') AS encoding",
        )
        .fetch_one(connection)
        .await?;
        let place = self.place();
        if row.try_get("replica")? {
            return Err(StoreError::Unusable(format!(
                "{place} is a replica, which cannot be written to: name the primary in database-url"
            )));
        }
        if row.try_get("read_only")? {
            return Err(StoreError::Unusable(format!(
                "{place} is read-only: set default_transaction_read_only to off for {} and its database",
                self.options.get_username()
            )));
        }
        let encoding: String = row.try_get("encoding")?;
        if encoding != "UTF8" {
            return Err(StoreError::Unusable(format!(
                "the encoding of {place} is {encoding}: make a database with `createdb --encoding=UTF8 \
                 --template=template0`"
            )));
        }
        Ok(())
    }

    fn explain(&self, error: &sqlx::Error) -> StoreError {
        let (place, user) = (self.place(), self.options.get_username());
        let code = error.as_database_error().and_then(DatabaseError::code);
        StoreError::Unusable(match (code.as_deref(), error) {
            (Some("28P01"), _) => format!(
                "the password of {user} is wrong or missing: it belongs into database-url, PGPASSWORD or ~/.pgpass"
            ),
            (Some("28000"), _) => {
                format!("{user} may not sign in to {place} from here ({error}): pg_hba.conf decides that")
            }
            (Some("3D000"), _) => {
                format!(
                    "there is no {place}: make it with `createdb`, owned by {user}, or correct database-url"
                )
            }
            (Some("53300"), _) => {
                format!(
                    "{place} has no connection left: lower database-connections or raise max_connections there"
                )
            }
            (Some("57P03"), _) => format!("{place} is starting or stopping: try again in a moment"),
            (None, error) if is_of_tls(error) => format!(
                "there is no safe way to {place} ({error}): sslrootcert in database-url names the certificate to \
                 trust, sslmode says how much is checked"
            ),
            (None, sqlx::Error::Io(_)) => format!(
                "{place} does not answer ({error}): check the address in database-url, and that PostgreSQL runs there \
                 and is let through"
            ),
            _ => format!("{place}: {error}"),
        })
    }

    /// The database for people, without its password.
    pub(super) fn place(&self) -> String {
        let options = &self.options;
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        match options.get_socket() {
            Some(socket) => format!("database {database} at {}", socket.display()),
            None => format!(
                "database {database} at {}:{}",
                options.get_host(),
                options.get_port()
            ),
        }
    }

    fn may_be_overheard(&self) -> bool {
        let host = self.options.get_host();
        let is_here = self.options.get_socket().is_some()
            || host == "localhost"
            || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        let asks_for_tls = matches!(
            self.options.get_ssl_mode(),
            PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
        );
        !is_here && !asks_for_tls
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.place()).finish()
    }
}

/// Whether an error is about TLS. A wrong certificate comes as an error of data.
fn is_of_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// The names of a URL's parameters; `options[name]` is one of `options`.
fn parameters(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split(['=', '[', '%']).next().unwrap_or_default())
}
