//! Statements that both engines understand, and the connections that run them.
//!
//! A statement is written once: `$1` for its first value, `ON CONFLICT`, `RETURNING`, `CASE` where the engines name a
//! function differently. Its values are of the few types of [`Value`], so that no statement speaks of an engine.

use std::{borrow::Cow, fmt::Write as _};

use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, Sqlite, SqliteConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};
use uuid::Uuid;

use super::rows::Columns;
use crate::model::{
    digest::SecretDigest,
    id::{CeremonyId, ClientId, MessageId, SessionId, UserId},
    time::Timestamp,
    user::UserVersion,
};

/// A statement and its values.
pub(super) struct Statement<'q> {
    text: Cow<'static, str>,
    values: Vec<Value<'q>>,
}

/// Begins a statement. Its text holds nothing that came from outside, also where it is put together: such values are
/// bound.
pub(super) fn sql<'q>(text: impl Into<Cow<'static, str>>) -> Statement<'q> {
    Statement {
        text: text.into(),
        values: Vec::new(),
    }
}

impl<'q> Statement<'q> {
    /// Gives the next of `$1`, `$2` and so on its value.
    pub(super) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds text.
    pub(super) fn push(mut self, text: &str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Adds text with a value behind it.
    pub(super) fn push_bind(mut self, text: &str, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        let place = self.values.len();
        let _ = write!(self.text.to_mut(), "{text}${place}");
        self
    }

    /// The statement that asks for SQLite's plan of this one.
    #[cfg(test)]
    pub(super) fn explained(self) -> Self {
        Self {
            text: format!("EXPLAIN QUERY PLAN {}", self.text).into(),
            values: self.values,
        }
    }

    /// Adds a limit on the rows. SQLite plans by a limit that is a bound value alone, and then prepares the statement
    /// anew at each run; an expression it leaves to the run.
    pub(super) fn limit(self, rows: impl Into<Value<'q>>) -> Self {
        self.push_bind(" LIMIT 0 + ", rows)
    }
}

/// A value bound to a statement. It may be a secret, so it has no `Debug`.
pub(super) enum Value<'q> {
    Bool(Option<bool>),
    Integer(Option<i64>),
    Text(Option<Cow<'q, str>>),
    Bytes(Option<&'q [u8]>),
    Id(Option<Uuid>),
}

/// Implements the conversions of types into values; `None` becomes null.
macro_rules! values {
    ($($type:ty, $value:ident => $kind:ident($convert:expr);)*) => {
        $(
            impl<'q> From<$type> for Value<'q> {
                fn from($value: $type) -> Self {
                    Self::$kind(Some($convert))
                }
            }

            impl<'q> From<Option<$type>> for Value<'q> {
                fn from(value: Option<$type>) -> Self {
                    Self::$kind(value.map(|$value| $convert))
                }
            }
        )*
    };
}

values! {
    bool, value => Bool(value);
    i64, value => Integer(value);
    u32, value => Integer(value.into());
    Timestamp, time => Integer(time.seconds());
    UserVersion, version => Integer(version.0);
    &'q str, text => Text(Cow::Borrowed(text));
    &'q String, text => Text(Cow::Borrowed(text.as_str()));
    String, text => Text(Cow::Owned(text));
    &'q [u8], bytes => Bytes(bytes);
    &'q Vec<u8>, bytes => Bytes(bytes.as_slice());
    &'q [u8; 32], bytes => Bytes(bytes.as_slice());
    &'q SecretDigest, digest => Bytes(digest.as_bytes().as_slice());
    ClientId, id => Id(Uuid::from_bytes(*id.as_bytes()));
    UserId, id => Id(Uuid::from_bytes(*id.as_bytes()));
    CeremonyId, id => Id(Uuid::from_bytes(*id.as_bytes()));
    MessageId, id => Id(Uuid::from_bytes(*id.as_bytes()));
    SessionId, id => Id(Uuid::from_bytes(*id.as_bytes()));
}

/// A connection of an engine.
pub(super) trait Connection: Send + Sized + 'static {
    type Row: Columns + Send + Sync + 'static;

    /// Runs a statement, and returns how many rows it wrote.
    fn execute(&mut self, statement: Statement<'_>) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    fn fetch_optional(
        &mut self,
        statement: Statement<'_>,
    ) -> impl Future<Output = Result<Option<Self::Row>, sqlx::Error>> + Send;

    fn fetch_all(
        &mut self,
        statement: Statement<'_>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;

    /// Fetches the row of a statement that always has one.
    fn fetch_one(
        &mut self,
        statement: Statement<'_>,
    ) -> impl Future<Output = Result<Self::Row, sqlx::Error>> + Send {
        async {
            self.fetch_optional(statement)
                .await?
                .ok_or(sqlx::Error::RowNotFound)
        }
    }

    /// Runs a statement that has no values and returns no rows.
    fn command(&mut self, text: &'static str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Runs statements that have no values, one after the other.
    fn script(&mut self, statements: String) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    fn disconnect(self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// sqlx's drivers have the same methods and no trait that an application could name: each is written out from here.
/// `$command` is how it runs a statement without values: prepared once in SQLite, in one message to PostgreSQL.
macro_rules! connection {
    ($connection:ty, $database:ty, $arguments:ty, $row:ty, $command:path) => {
        impl Connection for $connection {
            type Row = $row;

            async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, sqlx::Error> {
                let done = <Query<'_, $database, $arguments>>::from(statement)
                    .execute(self)
                    .await?;
                Ok(done.rows_affected())
            }

            async fn fetch_optional(
                &mut self,
                statement: Statement<'_>,
            ) -> Result<Option<$row>, sqlx::Error> {
                <Query<'_, $database, $arguments>>::from(statement)
                    .fetch_optional(self)
                    .await
            }

            async fn fetch_all(&mut self, statement: Statement<'_>) -> Result<Vec<$row>, sqlx::Error> {
                <Query<'_, $database, $arguments>>::from(statement)
                    .fetch_all(self)
                    .await
            }

            async fn command(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
                $command(text).execute(self).await.map(drop)
            }

            async fn script(&mut self, statements: String) -> Result<(), sqlx::Error> {
                sqlx::raw_sql(AssertSqlSafe(statements))
                    .execute(self)
                    .await
                    .map(drop)
            }

            async fn disconnect(self) -> Result<(), sqlx::Error> {
                sqlx::Connection::close(self).await
            }
        }

        impl<'q> From<Statement<'q>> for Query<'q, $database, $arguments> {
            fn from(statement: Statement<'q>) -> Self {
                let query = match statement.text {
                    Cow::Borrowed(text) => sqlx::query(text),
                    Cow::Owned(text) => sqlx::query(AssertSqlSafe(text)),
                };
                statement
                    .values
                    .into_iter()
                    .fold(query, |query, value| match value {
                        Value::Bool(value) => query.bind(value),
                        Value::Integer(value) => query.bind(value),
                        Value::Text(value) => query.bind(value),
                        Value::Bytes(value) => query.bind(value),
                        Value::Id(value) => query.bind(value),
                    })
            }
        }
    };
}

connection!(SqliteConnection, Sqlite, SqliteArguments, SqliteRow, sqlx::query);
connection!(PgConnection, Postgres, PgArguments, PgRow, sqlx::raw_sql);
