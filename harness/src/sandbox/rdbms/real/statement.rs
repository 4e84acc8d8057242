//! A statement on its way to a real Postgres, and what Spin makes of the answer (`crates/factor-outbound-pg/src/client.rs`).

use super::super::parameters::sendable;
use super::super::served::SqlReply;
use super::super::value::ServerValue;
use super::row::{columns, values};
use super::said::Said;
use crate::sandbox::service::SqlOperation;
use futures::TryStreamExt as _;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

/// Bytes of a result that Spin takes (`MAX_HOST_BUFFERED_BYTES` in `crates/world/src/lib.rs`).
const MOST_BYTES: usize = 128 << 20;

/// A statement as a guest sent it.
pub(in super::super) struct Sent {
    pub operation: SqlOperation,
    pub text: String,
    pub parameters: Vec<ServerValue>,
    /// Whether the guest takes the rows one after the other: it then gets those before an error too.
    pub streams: bool,
}

/// Sends it and waits for all of the answer.
pub(super) async fn send(client: &Client, sent: &Sent) -> Result<SqlReply, Said> {
    let parameters = sendable(&sent.parameters);
    // They were looked at before they came here.
    let parameters = parameters.map_err(|text| Said::plain("bad-parameter", text))?;
    match sent.operation {
        SqlOperation::Query => query(client, sent, parameters).await,
        _ => {
            let parameters: Vec<&(dyn ToSql + Sync)> =
                parameters.iter().map(|it| &**it as _).collect();
            let affected = client.execute(&sent.text, &parameters).await;
            Ok(SqlReply {
                affected: affected.map_err(|error| Said::of_statement(&error))?,
                ..SqlReply::default()
            })
        }
    }
}

async fn query(
    client: &Client,
    sent: &Sent,
    parameters: Vec<super::super::parameters::Sendable>,
) -> Result<SqlReply, Said> {
    let rows = client.query_raw(&sent.text, parameters).await;
    let mut rows = std::pin::pin!(rows.map_err(|error| Said::of_statement(&error))?);
    let mut reply = SqlReply::default();
    let mut bytes = 0;
    let broken_off = loop {
        let row = match rows.try_next().await {
            Ok(None) => return Ok(reply),
            Ok(Some(row)) => row,
            Err(error) => break Said::of_statement(&error),
        };
        if reply.rows.is_empty() {
            reply.columns = columns(&row);
        }
        let row = match values(&row) {
            Ok(row) => row,
            Err(error) => break Said::of_value(&error),
        };
        bytes += row.iter().map(ServerValue::size).sum::<usize>();
        if bytes > MOST_BYTES {
            let why = format!("query result exceeds limit of {MOST_BYTES} bytes");
            let too_large = Said::plain("query-failed", why);
            match sent.streams {
                true => break too_large,
                // Spin's own text, which it does not wrap.
                false => return Err(too_large),
            }
        }
        reply.rows.push(row);
    };
    match sent.streams {
        true => {
            reply.broken_off = Some(*broken_off.told);
            Ok(reply)
        }
        false => Err(broken_off.among_rows()),
    }
}
