//! `fermyon:spin/postgres@2.0.0` and `fermyon:spin/mysql@2.0.0`: a connection is a resource.

use super::{Sent, in_one_text, rows};
use crate::host::InstanceState;
use crate::host::bindings::{mysql_2, postgres_2, rdbms_2};
use crate::sandbox::{
    DatabaseServer, Failure, MYSQL_2, POSTGRES_2, SqlFailure, SqlOperation, SqlReply,
};
use rdbms_2::{Column, Error, ParameterValue, RowSet};
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

impl rdbms_2::Host for InstanceState {}
impl postgres_2::Host for InstanceState {}
impl mysql_2::Host for InstanceState {}

impl postgres_2::HostConnection for InstanceState {
    async fn open(
        &mut self,
        address: String,
    ) -> wasmtime::Result<Result<Resource<postgres_2::Connection>, Error>> {
        let opened = self
            .open_sql(DatabaseServer::Postgres, &POSTGRES_2, &address)
            .await?;
        Ok(opened.map(Resource::new_own).map_err(say))
    }

    async fn query(
        &mut self,
        connection: Resource<postgres_2::Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let sent = Sent::new(&POSTGRES_2, SqlOperation::Query, statement, params);
        let reply = self
            .send_sql(
                DatabaseServer::Postgres,
                connection.rep(),
                sent.without_unsigned(),
            )
            .await?;
        Ok(reply.map(row_set).map_err(failed))
    }

    async fn execute(
        &mut self,
        connection: Resource<postgres_2::Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let sent = Sent::new(&POSTGRES_2, SqlOperation::Execute, statement, params);
        let reply = self
            .send_sql(
                DatabaseServer::Postgres,
                connection.rep(),
                sent.without_unsigned(),
            )
            .await?;
        Ok(reply.map(|reply| reply.affected).map_err(failed))
    }

    async fn drop(&mut self, connection: Resource<postgres_2::Connection>) -> wasmtime::Result<()> {
        self.postgres.remove(connection.rep());
        Ok(())
    }
}

impl mysql_2::HostConnection for InstanceState {
    async fn open(
        &mut self,
        address: String,
    ) -> wasmtime::Result<Result<Resource<mysql_2::Connection>, Error>> {
        let opened = self
            .open_sql(DatabaseServer::MySql, &MYSQL_2, &address)
            .await?;
        Ok(opened.map(Resource::new_own).map_err(say))
    }

    async fn query(
        &mut self,
        connection: Resource<mysql_2::Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let sent = Sent::new(&MYSQL_2, SqlOperation::Query, statement, params);
        let reply = self
            .send_sql(DatabaseServer::MySql, connection.rep(), sent)
            .await?;
        Ok(reply.map(row_set).map_err(failed))
    }

    async fn execute(
        &mut self,
        connection: Resource<mysql_2::Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let sent = Sent::new(&MYSQL_2, SqlOperation::Execute, statement, params);
        let reply = self
            .send_sql(DatabaseServer::MySql, connection.rep(), sent)
            .await?;
        Ok(reply.map(drop).map_err(failed))
    }

    async fn drop(&mut self, connection: Resource<mysql_2::Connection>) -> wasmtime::Result<()> {
        self.mysql.remove(connection.rep());
        Ok(())
    }
}
