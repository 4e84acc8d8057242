//! Postgres and MySQL for guests: seven interfaces over one gate.
//!
//! What each can say of a value, and what it makes of those that it cannot, is in `values`, as in
//! `crates/world/src/conversions.rs` of Spin.

mod mysql_3;
mod postgres_3;
mod postgres_4;
mod unversioned;
mod v2;
mod values;

use crate::host::InstanceState;
use crate::sandbox::{
    DatabaseServer, Failure, Reach, ServerValue, ServiceInterface, SqlCall, SqlConnection,
    SqlFailure, SqlOperation, SqlReply,
};

/// A statement with its parameters, on its way to the sandbox.
struct Sent {
    interface: &'static ServiceInterface,
    operation: SqlOperation,
    statement: String,
    parameters: Result<Vec<ServerValue>, Failure>,
    streams: bool,
}

impl Sent {
    fn new(
        interface: &'static ServiceInterface,
        operation: SqlOperation,
        statement: String,
        parameters: Vec<impl Into<ServerValue>>,
    ) -> Self {
        Self {
            interface,
            operation,
            statement,
            parameters: Ok(parameters.into_iter().map(Into::into).collect()),
            streams: false,
        }
    }

    /// The guest takes the rows one after the other.
    fn streaming(self) -> Self {
        let streams = true;
        Self { streams, ..self }
    }

    /// The interfaces that both kinds of server share have integers that Postgres does not have.
    fn without_unsigned(mut self) -> Self {
        let is_unsigned = |value: &ServerValue| {
            matches!(
                value,
                ServerValue::Uint8(_)
                    | ServerValue::Uint16(_)
                    | ServerValue::Uint32(_)
                    | ServerValue::Uint64(_)
            )
        };
        if self
            .parameters
            .as_ref()
            .is_ok_and(|all| all.iter().any(is_unsigned))
        {
            let why = "Postgres does not support unsigned integers";
            self.parameters = Err(Failure::with_text("value-conversion-failed", why));
        }
        self
    }

    fn through(self, connection: Reach<'_>) -> SqlCall<'_> {
        SqlCall {
            interface: self.interface,
            operation: self.operation,
            statement: self.statement,
            parameters: self.parameters,
            connection,
            streams: self.streams,
        }
    }
}

impl InstanceState {
    /// Opens a connection, and gives its number.
    async fn open_sql(
        &mut self,
        server: DatabaseServer,
        interface: &'static ServiceInterface,
        address: &str,
    ) -> wasmtime::Result<Result<u32, Failure>> {
        let open = self.connections(server).len();
        let opened = self
            .session
            .sql_open(&self.caller, interface, address, open)
            .await?;
        Ok(opened.map(|connection| self.connections(server).push(connection)))
    }

    /// Sends a statement through the connection of a number.
    async fn send_sql(
        &mut self,
        server: DatabaseServer,
        connection: u32,
        sent: Sent,
    ) -> wasmtime::Result<Result<SqlReply, SqlFailure>> {
        let connection = self.connections(server).get(connection).cloned();
        let call = sent.through(Reach::Connection(connection));
        Ok(self.session.sql_call(&self.caller, call).await?)
    }

    /// Sends a statement through a connection of its own.
    async fn send_sql_to(
        &mut self,
        address: &str,
        sent: Sent,
    ) -> wasmtime::Result<Result<SqlReply, SqlFailure>> {
        let call = sent.through(Reach::Address(address));
        Ok(self.session.sql_call(&self.caller, call).await?)
    }

    fn connections(
        &mut self,
        server: DatabaseServer,
    ) -> &mut crate::host::handles::Handles<SqlConnection> {
        match server {
            DatabaseServer::Postgres => &mut self.postgres,
            DatabaseServer::MySql => &mut self.mysql,
        }
    }
}

/// The text of a failed query for interfaces that have one text for it.
fn in_one_text(failure: SqlFailure) -> Failure {
    match failure.server {
        Some(error) => Failure::with_text("query-failed", error.as_text()),
        None => failure.failure,
    }
}

/// Rows as an interface has them.
fn rows<V: From<ServerValue>>(rows: Vec<Vec<ServerValue>>) -> Vec<Vec<V>> {
    let row = |row: Vec<ServerValue>| row.into_iter().map(V::from).collect();
    rows.into_iter().map(row).collect()
}
