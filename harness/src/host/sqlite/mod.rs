//! SQLite for guests: three interfaces, a module each, over one gate.

mod unversioned;
mod v2;
mod v3;

use super::InstanceState;
use crate::sandbox::{
    Caller, Failure, Rows, ServiceInterface, Session, SqlValue, SqliteExecuted, SqliteHandle,
    SqliteStatement,
};

impl InstanceState {
    /// Opens a database and gives the number of the connection.
    async fn open_database(
        &mut self,
        interface: &'static ServiceInterface,
        label: &str,
    ) -> wasmtime::Result<Result<u32, Failure>> {
        let held = self.databases.len();
        let opened = self
            .session
            .sqlite_open(&self.caller, interface, label, held)
            .await?;
        Ok(opened.map(|handle| self.databases.push(handle)))
    }

    /// Runs a statement whose result the guest takes as a whole.
    async fn execute_sql(
        &mut self,
        interface: &'static ServiceInterface,
        connection: u32,
        text: String,
        parameters: Vec<SqlValue>,
    ) -> wasmtime::Result<Result<Rows, Failure>> {
        let handle = self.databases.get(connection).cloned();
        let statement = SqliteStatement {
            text,
            parameters,
            streamed: false,
        };
        let (session, caller) = (self.session.clone(), self.caller.clone());
        let executed = executed(session, caller, interface, handle, statement).await?;
        Ok(executed.map(|executed| executed.rows))
    }
}

/// Runs a statement, with nothing of the instance borrowed while it waits.
async fn executed(
    session: Session,
    caller: Caller,
    interface: &'static ServiceInterface,
    handle: Option<SqliteHandle>,
    statement: SqliteStatement,
) -> wasmtime::Result<Result<SqliteExecuted, Failure>> {
    Ok(session
        .sqlite_execute(&caller, interface, handle.as_ref(), statement)
        .await?)
}

/// The types of a version, which differ in their path only: what a value is in it, and which error is which.
macro_rules! translations {
    ($version:path) => {
        use $version as version;

        fn say(failure: crate::sandbox::Failure) -> version::Error {
            match failure.case() {
                "no-such-database" => version::Error::NoSuchDatabase,
                "access-denied" => version::Error::AccessDenied,
                "invalid-connection" => version::Error::InvalidConnection,
                "database-full" => version::Error::DatabaseFull,
                // The gate lets no other through.
                _ => version::Error::Io(failure.text().to_owned()),
            }
        }

        fn from_guest(values: Vec<version::Value>) -> Vec<crate::sandbox::SqlValue> {
            use crate::sandbox::SqlValue;
            let values = values.into_iter().map(|value| match value {
                version::Value::Integer(number) => SqlValue::Integer(number),
                version::Value::Real(number) => SqlValue::Real(number),
                version::Value::Text(text) => SqlValue::Text(text),
                version::Value::Blob(bytes) => SqlValue::Blob(bytes),
                version::Value::Null => SqlValue::Null,
            });
            values.collect()
        }

        fn to_guest(row: Vec<crate::sandbox::SqlValue>) -> version::RowResult {
            use crate::sandbox::SqlValue;
            let values = row.into_iter().map(|value| match value {
                SqlValue::Integer(number) => version::Value::Integer(number),
                SqlValue::Real(number) => version::Value::Real(number),
                SqlValue::Text(text) => version::Value::Text(text),
                SqlValue::Blob(bytes) => version::Value::Blob(bytes),
                SqlValue::Null => version::Value::Null,
            });
            version::RowResult {
                values: values.collect(),
            }
        }

        fn result(rows: crate::sandbox::Rows) -> version::QueryResult {
            version::QueryResult {
                columns: rows.columns,
                rows: rows.rows.into_iter().map(to_guest).collect(),
            }
        }
    };
}
use translations;
