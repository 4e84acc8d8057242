//! `fermyon:spin/sqlite@2.0.0`: a connection is a resource.

use super::translations;
use crate::host::InstanceState;
use crate::host::bindings::sqlite_2::{
    Connection, Error, Host, HostConnection, QueryResult, Value,
};
use crate::sandbox::service::sqlite::SQLITE_2;
use wasmtime::component::Resource;

translations!(crate::host::bindings::sqlite_2);

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let opened = self.open_database(&SQLITE_2, &database).await?;
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
            .execute_sql(&SQLITE_2, connection.rep(), statement, parameters)
            .await?;
        Ok(rows.map(result).map_err(say))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.databases.remove(connection.rep());
        Ok(())
    }
}
