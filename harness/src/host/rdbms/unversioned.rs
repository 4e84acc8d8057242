//! `fermyon:spin/postgres` and `fermyon:spin/mysql` without a version: every call names its server.

use super::{Sent, in_one_text, rows};
use crate::host::InstanceState;
use crate::host::bindings::{mysql_1, postgres_1, rdbms_1};
use crate::sandbox::{MYSQL_1, POSTGRES_1, SqlFailure, SqlOperation, SqlReply};
use mysql_1::MysqlError;
use postgres_1::PgError;
use rdbms_1::{Column, ParameterValue, RowSet};

fn of_postgres(failure: SqlFailure) -> PgError {
    let failure = in_one_text(failure);
    let text = failure.text().to_owned();
    match failure.case() {
        "connection-failed" => PgError::ConnectionFailed(text),
        "bad-parameter" => PgError::BadParameter(text),
        "query-failed" => PgError::QueryFailed(text),
        "value-conversion-failed" => PgError::ValueConversionFailed(text),
        _ => PgError::OtherError(text),
    }
}

fn of_mysql(failure: SqlFailure) -> MysqlError {
    let failure = in_one_text(failure);
    let text = failure.text().to_owned();
    match failure.case() {
        "connection-failed" => MysqlError::ConnectionFailed(text),
        "bad-parameter" => MysqlError::BadParameter(text),
        "query-failed" => MysqlError::QueryFailed(text),
        "value-conversion-failed" => MysqlError::ValueConversionFailed(text),
        _ => MysqlError::OtherError(text),
    }
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

impl rdbms_1::Host for InstanceState {}

impl postgres_1::Host for InstanceState {
    async fn query(
        &mut self,
        address: String,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, PgError>> {
        let sent = Sent::new(&POSTGRES_1, SqlOperation::Query, statement, params);
        let reply = self.send_sql_to(&address, sent.without_unsigned()).await?;
        Ok(reply.map(row_set).map_err(of_postgres))
    }

    async fn execute(
        &mut self,
        address: String,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, PgError>> {
        let sent = Sent::new(&POSTGRES_1, SqlOperation::Execute, statement, params);
        let reply = self.send_sql_to(&address, sent.without_unsigned()).await?;
        Ok(reply.map(|reply| reply.affected).map_err(of_postgres))
    }
}

impl mysql_1::Host for InstanceState {
    async fn query(
        &mut self,
        address: String,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, MysqlError>> {
        let sent = Sent::new(&MYSQL_1, SqlOperation::Query, statement, params);
        let reply = self.send_sql_to(&address, sent).await?;
        Ok(reply.map(row_set).map_err(of_mysql))
    }

    async fn execute(
        &mut self,
        address: String,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<(), MysqlError>> {
        let sent = Sent::new(&MYSQL_1, SqlOperation::Execute, statement, params);
        let reply = self.send_sql_to(&address, sent).await?;
        Ok(reply.map(drop).map_err(of_mysql))
    }
}
