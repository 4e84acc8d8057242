//! A statement on its way to a real MySQL, and what Spin makes of the answer (`crates/factor-outbound-mysql/src/client.rs`).

use super::{row, said};
use crate::sandbox::rdbms::failure::Said;
use crate::sandbox::rdbms::real::client::{MOST_BYTES, Sent, too_large};
use crate::sandbox::rdbms::served::SqlReply;
use crate::sandbox::rdbms::value::ServerValue;
use crate::sandbox::service::{Failure, SqlOperation};
use futures::TryStreamExt as _;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Params};

/// Bytes that Spin counts for a result without rows: a set of rows has two lists, a stream of them a list and two ends of
/// channels.
fn without_rows(streams: bool) -> usize {
    let list = size_of::<Vec<ServerValue>>();
    match streams {
        true => list + 2 * size_of::<usize>(),
        false => 2 * list,
    }
}

/// Sends it and waits for all of the answer.
///
/// # Errors
///
/// What Spin says of it.
pub(super) async fn send(connection: &mut Conn, sent: &Sent) -> Result<SqlReply, Said> {
    let parameters = sent.parameters.iter().map(row::parameter).collect();
    let parameters = Params::Positional(parameters);
    match sent.operation {
        SqlOperation::Query => query(connection, sent, parameters).await,
        _ => {
            let executed = connection.exec_batch(sent.text.as_str(), [parameters]);
            executed.await.map_err(|error| said::of_statement(&error))?;
            Ok(SqlReply {
                affected: connection.affected_rows(),
                ..SqlReply::default()
            })
        }
    }
}

async fn query(connection: &mut Conn, sent: &Sent, parameters: Params) -> Result<SqlReply, Said> {
    let asked = connection.exec_iter(sent.text.as_str(), parameters).await;
    let mut result = asked.map_err(|error| said::of_statement(&error))?;
    let columns = result.columns().map(|all| row::columns(&all));
    let mut reply = SqlReply {
        columns: columns.unwrap_or_default(),
        ..SqlReply::default()
    };
    let broken_off = match result.stream().await {
        Ok(Some(mut rows)) => {
            let mut bytes = without_rows(sent.streams);
            loop {
                let row = match rows.try_next().await {
                    Ok(Some(row)) => row,
                    Ok(None) => return Ok(reply),
                    Err(error) => break said::of_rows(&error),
                };
                let row = match row::values(row, &reply.columns) {
                    Ok(row) => row,
                    Err(failure) => break failure,
                };
                bytes += row
                    .iter()
                    .map(ServerValue::bytes_in_older_spin)
                    .sum::<usize>();
                if bytes > MOST_BYTES {
                    break Failure::with_text("other", too_large());
                }
                reply.rows.push(row);
            }
        }
        // Where there is no result at all, which the client does not leave.
        Ok(None) => Failure::with_text("other", "unable to stream query result"),
        Err(error) => said::of_rows(&error),
    };
    match sent.streams {
        true => {
            reply.broken_off = Some(broken_off.into());
            Ok(reply)
        }
        false => Err(Said::of(broken_off)),
    }
}
