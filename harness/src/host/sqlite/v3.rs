//! `spin:sqlite/sqlite@3.1.0`, of which 3.0.0 is a part: each function once as it was, and once `async`.

use super::{executed, translations};
use crate::host::InstanceState;
use crate::host::bindings::sqlite_3::{
    Connection, Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::host::instance::asynchronous_caller;
use crate::sandbox::service::sqlite::{SQLITE_3, SQLITE_3_ASYNC};
use crate::sandbox::{CallTrap, Failure, SqliteHandle, SqliteStatement};
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

translations!(crate::host::bindings::sqlite_3);

/// What an asynchronous statement gives: columns, rows, and how the rows end.
type Streamed = (
    Vec<String>,
    StreamReader<RowResult>,
    FutureReader<Result<(), Error>>,
);

impl Host for InstanceState {}

impl InstanceState {
    /// A connection that must be open: these functions have no way to say that it is not.
    fn open_connection(&self, connection: &Resource<Connection>) -> Result<SqliteHandle, CallTrap> {
        let handle = self.databases.get(connection.rep()).cloned();
        handle.ok_or_else(|| CallTrap("Error::InvalidConnection".to_owned()))
    }
}

impl HostConnection for InstanceState {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let opened = self.open_database(&SQLITE_3, &database).await?;
        Ok(opened.map(Resource::new_own).map_err(say))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let parameters = from_guest(parameters);
        let rows = self
            .execute_sql(&SQLITE_3, connection.rep(), statement, parameters)
            .await?;
        Ok(rows.map(result).map_err(say))
    }

    async fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.open_connection(&connection)?.connection.changes())
    }

    async fn last_insert_rowid(
        &mut self,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let handle = self.open_connection(&connection)?;
        Ok(handle.connection.last_insert_rowid())
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.databases.remove(connection.rep());
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<InstanceState> {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let (session, caller, held) = accessor.with(|mut access| {
            let caller = asynchronous_caller(&mut access)?;
            let state = access.get();
            wasmtime::error::Ok((state.session.clone(), caller, state.databases.len()))
        })?;
        let opened = session
            .sqlite_open(&caller, &SQLITE_3_ASYNC, &database, held)
            .await?;
        Ok(match opened {
            Ok(handle) => {
                let number = accessor.with(|mut access| access.get().databases.push(handle));
                Ok(Resource::new_own(number))
            }
            Err(failure) => Err(say(failure)),
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Streamed, Error>> {
        let (session, caller, handle) = accessor.with(|mut access| {
            let caller = asynchronous_caller(&mut access)?;
            let state = access.get();
            let handle = state.databases.get(connection.rep()).cloned();
            wasmtime::error::Ok((state.session.clone(), caller, handle))
        })?;
        let statement = SqliteStatement {
            text: statement,
            parameters: from_guest(parameters),
            streamed: true,
        };
        let executed = executed(session, caller, &SQLITE_3_ASYNC, handle, statement).await?;
        let (rows, end) = match executed {
            Ok(executed) => (executed.rows, executed.ends_with),
            Err(failure) => return Ok(Err(say(failure))),
        };
        let end: Result<(), Failure> = end.map_or(Ok(()), Err);
        let end = end.map_err(say);
        let values: Vec<RowResult> = rows.rows.into_iter().map(to_guest).collect();
        accessor.with(|mut access| {
            let values = StreamReader::new(&mut access, values)?;
            let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(end) })?;
            Ok(Ok((rows.columns, values, end)))
        })
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let handle = accessor.with(|mut access| access.get().open_connection(&connection))?;
        Ok(handle.connection.changes())
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let handle = accessor.with(|mut access| access.get().open_connection(&connection))?;
        Ok(handle.connection.last_insert_rowid())
    }
}
