//! One end of a move, with a connection of its own; the same for both engines but for what [`Movable`] names.

use std::time::SystemTime;

use async_trait::async_trait;

use super::{
    numbers::Numbers,
    row::{Cell, Row},
    side::{PAGE, Side},
    tables::{Kind, TABLES, Table},
};
use crate::{
    model::key::SealedKey,
    store::{
        Relocation, Restored, Signer, StoreError,
        database::{self, keys, restored, state},
        engine::Engine,
        rows::{self, Columns},
        sql::{Connection, Statement, Value, sql},
        trail::SignerSlot,
        transaction::Transaction,
    },
};

/// How often to try to lock every table, where another process locks them in another order.
const TRIES: usize = 10;

/// The differences between engines in a move.
pub(in crate::store) trait Movable: Engine {
    /// The last step of the schema that this version knows.
    const LAST_STEP: i64;

    /// The statement that asks for the last numbers drawn.
    const NUMBERS: &'static str;

    /// Lifts the limit on a statement's time until the end of the transaction.
    const TAKE_TIME: Option<&'static str>;

    /// The last step of the schema that was taken; none in a database without one.
    fn step(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<Option<i64>, StoreError>> + Send;

    /// Makes the schema, or brings it up to date.
    fn make_schema(connection: &mut Self::Connection) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The statement that asks for every `table_name` and `column_name`; where others share the database, only for
    /// these tables.
    fn columns(tables: &str) -> Statement<'static>;

    /// Writes rows, new or in place of those with the same key.
    fn insert(
        connection: &mut Self::Connection,
        table: &'static Table,
        rows: &[&Row],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Sets the last number that was drawn for the rows of a table.
    fn set_number(
        connection: &mut Self::Connection,
        table: &'static str,
        last: i64,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The statements after which the database refuses every write to the tables of a move. They wait for writers under
    /// way.
    fn shut() -> String;

    /// The statements that undo those of [`shut`](Self::shut).
    fn open() -> String;
}

pub(in crate::store) struct End<E: Engine> {
    place: String,
    transaction: Transaction<E>,
    signer: SignerSlot,
}

impl<E: Movable> End<E> {
    /// Makes an end; `place` names the database for people, without a password.
    pub(in crate::store) fn new(place: String, connection: E::Connection) -> Self {
        let signer = SignerSlot::default();
        Self {
            place,
            transaction: Transaction::new(connection, SignerSlot::clone(&signer)),
            signer,
        }
    }

    fn connection(&mut self) -> &mut E::Connection {
        &mut self.transaction.connection
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        Ok(self.transaction.begin(&[], &[]).await?)
    }

    /// Ends a transaction: commits it, or rolls it back after an error.
    async fn end<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        match done {
            Ok(done) => {
                self.transaction.commit().await?;
                Ok(done)
            }
            Err(error) => {
                self.transaction.roll_back().await?;
                Err(error)
            }
        }
    }

    async fn delete_and_insert(
        &mut self,
        table: &'static Table,
        gone: &[&Row],
        rows: &[&Row],
    ) -> Result<(), StoreError> {
        let key: Vec<_> = (1..)
            .zip(table.key())
            .map(|(place, (column, _))| format!("{column} = ${place}"))
            .collect();
        let delete = format!("DELETE FROM {} WHERE {}", table.name, key.join(" AND "));
        for row in gone {
            let delete = bind_key(sql(delete.clone()), table, row.key(table));
            self.connection().execute(delete).await?;
        }
        if !rows.is_empty() {
            E::insert(self.connection(), table, rows).await?;
        }
        Ok(())
    }

    async fn shut_tables(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        self.connection().script(E::shut()).await?;
        state::write(self.connection(), relocation).await
    }

    async fn open_tables(&mut self, restored: Option<Restored>) -> Result<(), StoreError> {
        self.connection().script(E::open()).await?;
        state::write(self.connection(), &Relocation::InUse).await?;
        if let Some(restored) = restored {
            self.revoke_everything(restored).await?;
        }
        Ok(())
    }

    /// Revokes everything issued, without a limit on the statements' time: there may be any number of rows.
    async fn revoke_everything(&mut self, restored: Restored) -> Result<u64, StoreError> {
        if let Some(take_time) = E::TAKE_TIME {
            self.connection().command(take_time).await?;
        }
        let ended = restored::revoke_everything(&mut self.transaction, restored).await?;
        self.transaction.finish().await?;
        Ok(ended)
    }
}

#[async_trait]
impl<E: Movable> Side for End<E> {
    fn place(&self) -> String {
        self.place.clone()
    }

    async fn step(&mut self) -> Result<Option<i64>, StoreError> {
        E::step(self.connection()).await
    }

    fn last_step(&self) -> i64 {
        E::LAST_STEP
    }

    async fn make_schema(&mut self) -> Result<(), StoreError> {
        E::make_schema(self.connection()).await
    }

    async fn columns(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        let tables: Vec<_> = TABLES.iter().map(|table| table.name).collect();
        let columns = E::columns(&tables.join(","));
        let rows = self.connection().fetch_all(columns).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("table_name")?, row.try_get("column_name")?)))
            .collect()
    }

    async fn count(&mut self, table: &'static Table) -> Result<u64, StoreError> {
        let count = sql(format!("SELECT count(*) AS rows FROM {}", table.name));
        let row = self.connection().fetch_one(count).await?;
        Ok(row.try_get::<i64>("rows")?.unsigned_abs())
    }

    async fn page(&mut self, table: &'static Table, after: Option<&[Cell]>) -> Result<Vec<Row>, StoreError> {
        let (name, columns) = (table.name, Table::list(table.columns));
        let key = Table::list(table.key());
        let begin = after.map_or_else(String::new, |_| {
            let places: Vec<_> = (1..=table.key().len()).map(|place| format!("${place}")).collect();
            format!("WHERE ({key}) > ({})", places.join(", "))
        });
        let page = sql(format!(
            "SELECT {columns} FROM {name} {begin} ORDER BY {key} LIMIT {PAGE}"
        ));
        let page = bind_key(page, table, after.unwrap_or_default());
        let rows = self.connection().fetch_all(page).await?;
        rows.iter().map(|row| Ok(Row::read(row, table)?)).collect()
    }

    async fn write(&mut self, table: &'static Table, gone: &[&Row], rows: &[&Row]) -> Result<(), StoreError> {
        self.begin().await?;
        let written = self.delete_and_insert(table, gone, rows).await;
        self.end(written).await
    }

    async fn numbers(&mut self) -> Result<Numbers, StoreError> {
        rows::numbers(&self.connection().fetch_one(sql(E::NUMBERS)).await?)
    }

    async fn set_numbers(&mut self, numbers: Numbers) -> Result<(), StoreError> {
        E::set_number(self.connection(), "revocations", numbers.revocations).await?;
        E::set_number(self.connection(), "audit", numbers.audit).await?;
        let accepted_from = sql("UPDATE standing SET accepted_from = $1").bind(numbers.accepted_from);
        self.connection().execute(accepted_from).await?;
        Ok(())
    }

    async fn time(&mut self) -> Result<SystemTime, StoreError> {
        database::time(self.connection(), E::NOW).await
    }

    async fn relocation(&mut self) -> Result<Relocation, StoreError> {
        state::read(self.connection()).await
    }

    async fn set_relocation(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        state::write(self.connection(), relocation).await
    }

    async fn shut(&mut self, relocation: &Relocation) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            self.begin().await?;
            let shut = self.shut_tables(relocation).await;
            match self.end(shut).await {
                Err(StoreError::Busy(_)) if tries < TRIES => tries += 1,
                shut => return shut,
            }
        }
    }

    async fn reopen(&mut self, restored: Option<Restored>) -> Result<(), StoreError> {
        self.begin().await?;
        let reopened = self.open_tables(restored).await;
        self.end(reopened).await
    }

    async fn restore(&mut self, restored: Restored) -> Result<u64, StoreError> {
        self.begin().await?;
        let ended = self.revoke_everything(restored).await;
        self.end(ended).await
    }

    async fn keys(&mut self) -> Result<Vec<SealedKey>, StoreError> {
        keys::all(self.connection()).await
    }

    fn sign_with(&mut self, signer: Signer) {
        let _ = self.signer.set(signer);
    }

    async fn close(self: Box<Self>) {
        if let Err(error) = self.transaction.connection.disconnect().await {
            tracing::warn!(%error, "the database was not closed properly");
        }
    }
}

/// Binds the values of a key.
fn bind_key<'q>(statement: Statement<'q>, table: &Table, cells: &'q [Cell]) -> Statement<'q> {
    let key = table.key().iter().zip(cells);
    key.fold(statement, |statement, ((_, kind), cell)| {
        statement.bind(match kind {
            Kind::Id => Value::Id(cell.uuid()),
            Kind::Int => Value::Integer(cell.int()),
            Kind::Text => Value::Text(cell.text().map(Into::into)),
            Kind::Bytes => Value::Bytes(cell.bytes()),
        })
    })
}
