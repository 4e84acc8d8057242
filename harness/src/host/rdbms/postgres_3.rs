//! `spin:postgres/postgres@3.0.0`: with dates and times.

use super::{Sent, in_one_text, rows};
use crate::host::InstanceState;
use crate::host::bindings::postgres_3::{
    Column, Connection, Error, Host, HostConnection, ParameterValue, RowSet,
};
use crate::sandbox::{DatabaseServer, Failure, POSTGRES_3, SqlFailure, SqlOperation, SqlReply};
use wasmtime::component::Resource;

fn say(failure: Failure) -> Error {
    let text = failure.text().to_owned();
    match failure.case() {
        "connection-failed" => Error::ConnectionFailed(text),
        "bad-parameter" => Error::BadParameter(text),
        "query-failed" => Error::QueryFailed(text),
        "value-conversion-failed" => Error::ValueConversionFailed(text),
        _ => Error::Other(text),
    }
}

fn failed(failure: SqlFailure) -> Error {
    say(in_one_text(failure))
}

fn row_set(reply: SqlReply) -> RowSet {
    let columns = reply.columns.into_iter().map(|column| Column {
        name: column.name,
        data_type: column.ty.into(),
    });
    RowSet {
        columns: columns.collect(),
        rows: rows(reply.rows),
    }
}

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn open(
        &mut self,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let opened = self
            .open_sql(DatabaseServer::Postgres, &POSTGRES_3, &address)
            .await?;
        Ok(opened.map(Resource::new_own).map_err(say))
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let sent = Sent::new(&POSTGRES_3, SqlOperation::Query, statement, params);
        let reply = self
            .send_sql(DatabaseServer::Postgres, connection.rep(), sent)
            .await?;
        Ok(reply.map(row_set).map_err(failed))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let sent = Sent::new(&POSTGRES_3, SqlOperation::Execute, statement, params);
        let reply = self
            .send_sql(DatabaseServer::Postgres, connection.rep(), sent)
            .await?;
        Ok(reply.map(|reply| reply.affected).map_err(failed))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.postgres.remove(connection.rep());
        Ok(())
    }
}
