//! `spin:mysql/mysql@3.0.0`: every call is asynchronous, rows are a stream.

use super::{Sent, in_one_text, rows};
use crate::host::InstanceState;
use crate::host::bindings::mysql_3::{
    Column, Connection, Error, Host, HostConnection, HostConnectionWithStore, ParameterValue, Row,
};
use crate::host::instance::asynchronous_caller;
use crate::sandbox::{Failure, MYSQL_3, Reach, SqlFailure, SqlOperation, SqlReply};
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

/// What `query` gives: the columns, the rows, and whether they reached their end.
type Rows = (
    Vec<Column>,
    StreamReader<Row>,
    FutureReader<Result<(), Error>>,
);

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

impl Host for InstanceState {}

impl HostConnection for InstanceState {
    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.mysql.remove(connection.rep());
        Ok(())
    }
}

async fn send<T>(
    accessor: &Accessor<T, HasSelf<InstanceState>>,
    connection: &Resource<Connection>,
    sent: Sent,
) -> wasmtime::Result<Result<SqlReply, SqlFailure>> {
    let (session, caller, connection) = accessor.with(|mut access| {
        let caller = asynchronous_caller(&mut access)?;
        let state = access.get();
        let connection = state.mysql.get(connection.rep()).cloned();
        wasmtime::error::Ok((state.session.clone(), caller, connection))
    })?;
    let call = sent.through(Reach::Connection(connection));
    Ok(session.sql_call(&caller, call).await?)
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<InstanceState> {
    async fn open(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let (session, caller, open) = accessor.with(|mut access| {
            let caller = asynchronous_caller(&mut access)?;
            let state = access.get();
            wasmtime::error::Ok((state.session.clone(), caller, state.mysql.len()))
        })?;
        let opened = session.sql_open(&caller, &MYSQL_3, &address, open).await?;
        Ok(match opened {
            Ok(connection) => {
                let handle = accessor.with(|mut access| access.get().mysql.push(connection));
                Ok(Resource::new_own(handle))
            }
            Err(failure) => Err(say(failure)),
        })
    }

    async fn query(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<Rows, Error>> {
        let sent = Sent::new(&MYSQL_3, SqlOperation::Query, statement, params);
        let reply = match send(accessor, &connection, sent.streaming()).await? {
            Ok(reply) => reply,
            Err(failure) => return Ok(Err(failed(failure))),
        };
        let columns = reply.columns.into_iter().map(|column| Column {
            name: column.name,
            data_type: column.ty.into(),
        });
        let columns = columns.collect();
        accessor.with(|mut access| {
            let end = match reply.broken_off {
                None => Ok(()),
                Some(broken) => Err(say(broken.failure)),
            };
            let rows = StreamReader::new(&mut access, rows(reply.rows))?;
            let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(end) })?;
            Ok(Ok((columns, rows, end)))
        })
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let sent = Sent::new(&MYSQL_3, SqlOperation::Execute, statement, params);
        let reply = send(accessor, &connection, sent).await?;
        Ok(reply.map(drop).map_err(failed))
    }
}
