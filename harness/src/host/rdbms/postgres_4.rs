//! `spin:postgres/postgres@4.2.0`, and so 4.1.0 and 4.0.0: all types, errors taken apart, and `async` functions beside the
//! others.

use super::{Sent, rows};
use crate::host::InstanceState;
use crate::host::bindings::postgres_4::{
    Column, Connection, ConnectionBuilder, DbError, Error, Host, HostConnection,
    HostConnectionBuilder, HostConnectionBuilderWithStore, HostConnectionWithStore, ParameterValue,
    QueryError, Row, RowSet,
};
use crate::host::instance::asynchronous_caller;
use crate::sandbox::{
    DatabaseServer, Failure, LONGEST_ADDRESS, MOST_CONNECTIONS, POSTGRES_4, Reach, SqlColumn,
    SqlFailure, SqlOperation, SqlReply,
};
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

/// What `query-async` gives: the columns, the rows, and whether they reached their end.
type Rows = (
    Vec<Column>,
    StreamReader<Row>,
    FutureReader<Result<(), Error>>,
);

type Opened = Result<Resource<Connection>, Error>;

fn say(failure: Failure) -> Error {
    let text = failure.text().to_owned();
    match failure.case() {
        "connection-failed" => Error::ConnectionFailed(text),
        "bad-parameter" => Error::BadParameter(text),
        "query-failed" => Error::QueryFailed(QueryError::Text(text)),
        "value-conversion-failed" => Error::ValueConversionFailed(text),
        _ => Error::Other(text),
    }
}

fn failed(failure: SqlFailure) -> Error {
    match failure.server {
        None => say(failure.failure),
        Some(error) => Error::QueryFailed(QueryError::DbError(DbError {
            as_text: error.as_text(),
            severity: error.severity,
            code: error.code,
            message: error.message,
            detail: error.detail,
            extras: error.extras,
        })),
    }
}

fn columns(columns: Vec<SqlColumn>) -> Vec<Column> {
    let columns = columns.into_iter().map(|column| Column {
        name: column.name,
        data_type: column.ty.into(),
    });
    columns.collect()
}

fn row_set(reply: SqlReply) -> RowSet {
    RowSet {
        columns: columns(reply.columns),
        rows: rows(reply.rows),
    }
}

/// Whether a text could be a root certificate, as far as its frame goes.
fn is_certificate(text: &str) -> bool {
    let frame = ["-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"];
    frame.iter().all(|line| text.contains(line))
}

impl Host for InstanceState {}

impl HostConnectionBuilder for InstanceState {
    async fn new(&mut self, address: String) -> wasmtime::Result<Resource<ConnectionBuilder>> {
        if self.postgres_builders.len() >= MOST_CONNECTIONS || address.len() > LONGEST_ADDRESS {
            wasmtime::bail!("out of builder table space");
        }
        Ok(Resource::new_own(self.postgres_builders.push(address)))
    }

    async fn set_ca_root(
        &mut self,
        _: Resource<ConnectionBuilder>,
        certificate: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        // In Spin's words (`set_ca_root` in `crates/factor-outbound-pg/src/host.rs`).
        let why = "invalid root certificate: invalid root certificate";
        Ok(match is_certificate(&certificate) {
            true => Ok(()),
            false => Err(Error::Other(why.to_owned())),
        })
    }

    /// Spin 4.1 forgets to ask here whether the address is allowed, and does so in `build-async`. What the manifest does
    /// not allow should not pass a test.
    async fn build(&mut self, builder: Resource<ConnectionBuilder>) -> wasmtime::Result<Opened> {
        let Some(address) = self.postgres_builders.get(builder.rep()).cloned() else {
            return Ok(Err(no_builder()));
        };
        HostConnection::open(self, address).await
    }

    async fn drop(&mut self, builder: Resource<ConnectionBuilder>) -> wasmtime::Result<()> {
        self.postgres_builders.remove(builder.rep());
        Ok(())
    }
}

fn no_builder() -> Error {
    Error::ConnectionFailed("no builder found".to_owned())
}

impl HostConnection for InstanceState {
    async fn open(&mut self, address: String) -> wasmtime::Result<Opened> {
        let opened = self
            .open_sql(DatabaseServer::Postgres, &POSTGRES_4, &address)
            .await?;
        Ok(opened.map(Resource::new_own).map_err(say))
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<RowSet, Error>> {
        let sent = Sent::new(&POSTGRES_4, SqlOperation::Query, statement, params);
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
        let sent = Sent::new(&POSTGRES_4, SqlOperation::Execute, statement, params);
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

async fn open<T>(
    accessor: &Accessor<T, HasSelf<InstanceState>>,
    address: &str,
) -> wasmtime::Result<Opened> {
    let (session, caller, open) = accessor.with(|mut access| {
        let caller = asynchronous_caller(&mut access)?;
        let state = access.get();
        wasmtime::error::Ok((state.session.clone(), caller, state.postgres.len()))
    })?;
    let opened = session
        .sql_open(&caller, &POSTGRES_4, address, open)
        .await?;
    Ok(match opened {
        Ok(connection) => {
            let handle = accessor.with(|mut access| access.get().postgres.push(connection));
            Ok(Resource::new_own(handle))
        }
        Err(failure) => Err(say(failure)),
    })
}

async fn send<T>(
    accessor: &Accessor<T, HasSelf<InstanceState>>,
    connection: &Resource<Connection>,
    sent: Sent,
) -> wasmtime::Result<Result<SqlReply, SqlFailure>> {
    let (session, caller, connection) = accessor.with(|mut access| {
        let caller = asynchronous_caller(&mut access)?;
        let state = access.get();
        let connection = state.postgres.get(connection.rep()).cloned();
        wasmtime::error::Ok((state.session.clone(), caller, connection))
    })?;
    let call = sent.through(Reach::Connection(connection));
    Ok(session.sql_call(&caller, call).await?)
}

impl<T: Send> HostConnectionBuilderWithStore<T> for HasSelf<InstanceState> {
    async fn build_async(
        accessor: &Accessor<T, Self>,
        builder: Resource<ConnectionBuilder>,
    ) -> wasmtime::Result<Opened> {
        let address = accessor.with(|mut access| {
            let builders = &access.get().postgres_builders;
            builders.get(builder.rep()).cloned()
        });
        match address {
            Some(address) => open(accessor, &address).await,
            None => Ok(Err(no_builder())),
        }
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<InstanceState> {
    async fn open_async(accessor: &Accessor<T, Self>, address: String) -> wasmtime::Result<Opened> {
        open(accessor, &address).await
    }

    async fn query_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<Rows, Error>> {
        let sent = Sent::new(&POSTGRES_4, SqlOperation::Query, statement, params).streaming();
        let reply = match send(accessor, &connection, sent).await? {
            Ok(reply) => reply,
            Err(failure) => return Ok(Err(failed(failure))),
        };
        accessor.with(|mut access| {
            let end = match reply.broken_off {
                None => Ok(()),
                Some(broken) => Err(failed(broken)),
            };
            let rows = StreamReader::new(&mut access, rows(reply.rows))?;
            let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(end) })?;
            Ok(Ok((columns(reply.columns), rows, end)))
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        params: Vec<ParameterValue>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let sent = Sent::new(&POSTGRES_4, SqlOperation::Execute, statement, params);
        let reply = send(accessor, &connection, sent).await?;
        Ok(reply.map(|reply| reply.affected).map_err(failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Spin tells of rows that break off is the text of this very error for programmers.
    #[test]
    fn the_sandbox_shows_an_error_as_the_interface_does() {
        let server = crate::sandbox::ServerError {
            severity: "ERROR".to_owned(),
            code: "22012".to_owned(),
            message: "division by \"zero\"".to_owned(),
            detail: Some("none".to_owned()),
            extras: vec![("routine".to_owned(), "int4div".to_owned())],
            shown: Some("Error {}".to_owned()),
        };
        for server in [Some(server), None] {
            let failure = SqlFailure {
                failure: Failure::with_text("query-failed", "a\nb"),
                server,
            };
            let shown = crate::sandbox::shown_as_error(&failure);
            assert_eq!(shown, format!("{:?}", failed(failure)));
        }
    }
}
