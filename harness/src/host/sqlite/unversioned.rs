//! `fermyon:spin/sqlite` without a version: a connection is a number, and one that is not open is an error.

use super::translations;
use crate::host::InstanceState;
use crate::host::bindings::sqlite_1::{Error, Host, QueryResult, Value};
use crate::sandbox::service::sqlite::SQLITE_1;

translations!(crate::host::bindings::sqlite_1);

impl Host for InstanceState {
    async fn open(&mut self, database: String) -> wasmtime::Result<Result<u32, Error>> {
        let opened = self.open_database(&SQLITE_1, &database).await?;
        Ok(opened.map_err(say))
    }

    async fn execute(
        &mut self,
        connection: u32,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let parameters = from_guest(parameters);
        let rows = self
            .execute_sql(&SQLITE_1, connection, statement, parameters)
            .await?;
        Ok(rows.map(result).map_err(say))
    }

    async fn close(&mut self, connection: u32) -> wasmtime::Result<()> {
        self.databases.remove(connection);
        Ok(())
    }
}
